"""Which browsers are in a room, kept from the provider's events, and the stays that follow from it."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_, select

from rooms.seating.records import Presence, RoomClient, Seat
from rooms.seating.rules.presence import Client, Step, after_joined, after_left, unheard_goodbyes
from rooms.seating.rules.reasons import EventOutcome
from rooms.seating.rules.strangers import shown_name
from rooms.seating.service.presence import stay_of
from rooms.store.unit_of_work import UnitOfWork
from rooms.store.wakeups import centre_topic
from rooms.supply.records import Room
from rooms.whereby.webhooks import JOINED, LEFT, SESSION_ENDED, EventData, ProviderEvent


def is_inside() -> ColumnElement[bool]:
    """`Client.is_inside` as a condition."""
    return and_(
        RoomClient.joined_at.is_not(None),
        or_(RoomClient.left_at.is_(None), RoomClient.left_at < RoomClient.joined_at),
    )


def client_of(row: RoomClient) -> Client:
    """The row as the rules see it."""
    return Client(row.id, row.seat_id, row.joined_at, row.left_at)


class Book:
    """All that some rooms' events are about, read once: rooms, clients, seats and stays. `open_book` makes it."""

    def __init__(
        self,
        work: UnitOfWork,
        rooms: Iterable[Room],
        clients: Iterable[RoomClient],
        seats: Iterable[Seat],
        stays: Iterable[Presence],
    ) -> None:
        self._work = work
        self._rooms = {room.meeting_id: room for room in rooms}
        self._seats = {seat.id: seat for seat in seats}
        self._clients: defaultdict[uuid.UUID, dict[str, RoomClient]] = defaultdict(dict)
        for client in clients:
            self._clients[client.room_id][client.participant_id] = client
        self._stays: defaultdict[tuple[uuid.UUID, uuid.UUID], list[Presence]] = defaultdict(list)
        for stay in stays:
            self._stays[stay.seat_id, stay.room_id].append(stay)
        #: Rooms in which somebody came or went.
        self.changed: set[uuid.UUID] = set()

    def note(self, told: ProviderEvent, now: datetime) -> EventOutcome:
        """Write down what one event says. Once, twice, late and in any order is all the same."""
        room = self._rooms.get(told.data.meeting_id)
        # Nobody has the address of a room that we do not know (yet): the event is another installation's.
        if room is None or (told.type != SESSION_ENDED and not told.data.is_person):
            return EventOutcome.IGNORED
        if told.type == SESSION_ENDED:
            self._say_goodbye_for(room, 1, told.created_at, now)
            return EventOutcome.RECORDED
        if told.type not in {JOINED, LEFT}:
            return EventOutcome.IGNORED
        self.changed.add(room.id)
        client = self._client(room, told.data)
        seat = self._seat(room, client.seat_id if client is not None else _uuid(told.data.external_id))
        if client is not None:
            if told.type == JOINED:
                client.joined_at = max(client.joined_at or told.created_at, told.created_at)
            else:
                client.left_at = max(client.left_at or told.created_at, told.created_at)
        if seat is not None:
            self._follow(seat, room.id, told.type, told.created_at, now)
        if told.data.people is not None:
            self._say_goodbye_for(room, told.data.people, told.created_at, now, leaver=seat)
        return EventOutcome.RECORDED if seat is not None else EventOutcome.UNKNOWN_SEAT

    def _client(self, room: Room, data: EventData) -> RoomClient | None:
        """The client that the event is about, new or known. One that was let in as somebody stays that person's."""
        if not data.participant_id or "\0" in data.participant_id:
            return None
        client = self._clients[room.id].get(data.participant_id)
        if client is None:
            seat = self._seat(room, _uuid(data.external_id))
            client = RoomClient(
                id=uuid.uuid4(),
                centre_id=room.centre_id,
                room_id=room.id,
                participant_id=data.participant_id,
                seat_id=seat.id if seat is not None else None,
                name=shown_name(data.display_name) if seat is None else None,
            )
            self._work.session.add(client)
            self._clients[room.id][data.participant_id] = client
        return client

    def _seat(self, room: Room, seat_id: uuid.UUID | None) -> Seat | None:
        """A seat of the session that the room is of."""
        seat = self._seats.get(seat_id) if seat_id is not None else None
        return seat if seat is not None and seat.session_id == room.session_id else None

    def _say_goodbye_for(
        self, room: Room, people: int, at: datetime, now: datetime, *, leaver: Seat | None = None
    ) -> None:
        """Have those leave who must have gone by then without a word."""
        rows = {row.id: row for row in self._clients[room.id].values()}
        gone = unheard_goodbyes(
            [client_of(row) for row in rows.values()], people, at, leaver=leaver.id if leaver is not None else None
        )
        for client in gone:
            rows[client.id].left_at = at
            self.changed.add(room.id)
            seat = self._seat(room, client.seat_id)
            if seat is not None:
                self._follow(seat, room.id, LEFT, at, now)

    def _follow(self, seat: Seat, room_id: uuid.UUID, kind: str, at: datetime, now: datetime) -> None:
        """Have the seat's stays in the room follow an event."""
        # The provider's clock may run ahead of ours; a stay in the future would outlive every later word of the page.
        at = min(at, now)
        rows = self._stays[seat.id, room_id]
        stays = [stay_of(row) for row in rows]
        inside = any(
            client.seat_id == seat.id and client_of(client).is_inside for client in self._clients[room_id].values()
        )
        if kind == JOINED:
            step = after_joined(stays, at, is_inside=inside)
        else:
            step = after_left(stays, at, others_inside=inside)
        open_row = next((row for row in rows if row.left_at is None), None)
        if step in {Step.OPEN, Step.REMEMBER}:
            row = Presence(
                centre_id=seat.centre_id,
                seat_id=seat.id,
                room_id=room_id,
                person_id=seat.person_id,
                joined_at=at,
                last_seen_at=at,
                left_at=at if step is Step.REMEMBER else None,
            )
            self._work.session.add(row)
            rows.append(row)
        elif step is Step.TOUCH and open_row is not None:
            open_row.last_seen_at = max(open_row.last_seen_at, at)
        elif step is Step.CLOSE and open_row is not None:
            open_row.left_at = at
        if step in {Step.OPEN, Step.CLOSE}:
            self._work.wake_pages(centre_topic(seat.centre_id))


async def open_book(work: UnitOfWork, told: Sequence[EventData]) -> Book:
    """Read what these events are about. Their seats are locked, in the order of their ids."""
    meetings = {data.meeting_id for data in told if data.meeting_id}
    rooms = (await work.session.scalars(select(Room).where(Room.meeting_id.in_(meetings)))).all()
    room_ids = [room.id for room in rooms]
    clients = (await work.session.scalars(select(RoomClient).where(RoomClient.room_id.in_(room_ids)))).all()
    seat_ids = {_uuid(data.external_id) for data in told} | {client.seat_id for client in clients}
    seats = (
        await work.session.scalars(
            select(Seat)
            .where(Seat.id.in_(seat_ids - {None}), Seat.session_id.in_({room.session_id for room in rooms}))
            .order_by(Seat.id)
            .with_for_update()
        )
    ).all()
    stays = await work.session.scalars(
        select(Presence)
        .where(Presence.seat_id.in_([seat.id for seat in seats]), Presence.room_id.in_(room_ids))
        .order_by(Presence.joined_at)
    )
    return Book(work, rooms, clients, seats, stays)


def _uuid(text: str | None) -> uuid.UUID | None:
    try:
        return uuid.UUID(text or "")
    except ValueError:
        return None
