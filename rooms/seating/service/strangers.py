"""Strangers: found in the rooms where somebody came or went, told of to those who decide (`alerts`, `decisions`)."""

import uuid
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, exists, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from rooms.access.records import Device
from rooms.access.rules.devices import LET_IN_FOR
from rooms.audit import service as audit
from rooms.audit.rules import Event
from rooms.people.records.persons import Person
from rooms.schedule.records import Invitation, Session
from rooms.seating.records import RoomClient, Seat, Stranger
from rooms.seating.rules.presence import Client
from rooms.seating.rules.reasons import StrangerKind
from rooms.seating.rules.strangers import settled, strangers
from rooms.seating.service.by_clock import OPEN_ROOMS, places_of
from rooms.seating.service.clients import client_of, is_inside
from rooms.store.unit_of_work import UnitOfWork
from rooms.store.wakeups import centre_topic, person_topic
from rooms.supply.records import Room
from rooms.supply.rules.demand import GRACE

#: Names in sessions that ended longer ago were erased at the time.
_LONG_AGO = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Look:
    """What one look hands on to the next: second browsers that have not stood there long enough, and their rooms."""

    since: Mapping[uuid.UUID, datetime] = field(default_factory=dict)
    room_ids: frozenset[uuid.UUID] = frozenset()
    #: Whether somebody was told of a stranger.
    raised: bool = False


async def look_for_strangers(work: UnitOfWork, room_ids: Collection[uuid.UUID], before: Look, now: datetime) -> Look:
    """Raise an alert for each stranger in these rooms that nobody was told of yet. Harmless to repeat.

    While the answer has `room_ids`, look again soon, with it as `before`.
    """
    rooms = {
        room_id: (session_id, centre_id)
        for room_id, session_id, centre_id in await work.session.execute(
            select(Room.id, Room.session_id, Room.centre_id).where(
                Room.id.in_(before.room_ids.union(room_ids)), Room.state.in_(OPEN_ROOMS)
            )
        )
    }
    known: set[uuid.UUID] = set()
    clients: defaultdict[uuid.UUID, list[Client]] = defaultdict(list)
    rows = await work.session.execute(
        select(RoomClient, Stranger.id)
        .outerjoin(Stranger, Stranger.client_id == RoomClient.id)
        .where(RoomClient.room_id.in_(rooms), is_inside())
    )
    for row, stranger_id in rows:
        clients[row.room_id].append(client_of(row))
        if stranger_id is not None:
            known.add(row.id)
    seat_ids = {client.seat_id for found in clients.values() for client in found} - {None}
    welcome, of_two = await _welcome(work, seat_ids, now)
    places = {seat_id: place for seat_id, place in (await places_of(work, seat_ids, now)).items() if seat_id in welcome}
    seat_of = {client.id: client.seat_id for found in clients.values() for client in found}
    kinds: dict[uuid.UUID, StrangerKind] = {}
    room_of: dict[uuid.UUID, uuid.UUID] = {}
    for room_id, found in clients.items():
        for client_id, kind in strangers(room_id, found, places).items():
            if client_id not in known and not (kind is StrangerKind.SECOND_BROWSER and seat_of[client_id] in of_two):
                kinds[client_id], room_of[client_id] = kind, room_id
    due, still = settled(kinds, before.since, now)
    raised: set[tuple[uuid.UUID, uuid.UUID]] = set()
    for client_id in due:
        session_id, centre_id = rooms[room_of[client_id]]
        if await _raise(work, client_id, room_of[client_id], session_id, centre_id, kind=kinds[client_id], now=now):
            raised.add((session_id, centre_id))
    for session_id, centre_id in raised:
        await wake_watchers(work, session_id, centre_id)
    return Look(still, frozenset(room_of[client_id] for client_id in still), raised=bool(raised))


async def _welcome(
    work: UnitOfWork, seat_ids: Collection[uuid.UUID | None], now: datetime
) -> tuple[set[uuid.UUID], set[uuid.UUID]]:
    """Whose right to their seat has not ended; and whose second browser somebody has let in."""
    let_in = exists().where(Device.person_id == Seat.person_id, Device.let_in_at > now - LET_IN_FOR)
    rows = await work.session.execute(select(Seat.id, ~_has_no_right(now), let_in).where(Seat.id.in_(seat_ids)))
    found = rows.all()
    return {seat_id for seat_id, is_welcome, _ in found if is_welcome}, {seat_id for seat_id, _, two in found if two}


def _has_no_right(now: datetime) -> ColumnElement[bool]:
    """Whether a seat's person is not invited any more, has left the centre, or is a guest whose visit is over."""
    invited = exists().where(Invitation.session_id == Seat.session_id, Invitation.person_id == Seat.person_id)
    gone = exists().where(
        Person.id == Seat.person_id, or_(Person.left_at.is_not(None), Person.guest_until <= now - GRACE)
    )
    return or_(~invited, gone)


async def _raise(
    work: UnitOfWork,
    client_id: uuid.UUID,
    room_id: uuid.UUID,
    session_id: uuid.UUID,
    centre_id: uuid.UUID,
    *,
    kind: StrangerKind,
    now: datetime,
) -> bool:
    raised = await work.session.scalar(
        insert(Stranger)
        .values(
            id=uuid.uuid4(),
            centre_id=centre_id,
            client_id=client_id,
            room_id=room_id,
            session_id=session_id,
            kind=kind,
            seen_at=now,
        )
        .on_conflict_do_nothing(index_elements=["client_id"])
        .returning(Stranger.id)
    )
    if raised is None:
        return False
    audit.record(work, Event.STRANGER_SEEN, centre_id=centre_id, now=now, actor_id=None, session_id=session_id)
    return True


async def wake_watchers(work: UnitOfWork, session_id: uuid.UUID, centre_id: uuid.UUID) -> None:
    """Have the pages look that show a session's alerts: the centre's dashboards, and those of the session's guides."""
    guides = await work.session.scalars(
        select(Person.id)
        .join(Invitation, Invitation.person_id == Person.id)
        .where(Invitation.session_id == session_id, Person.is_guide, Person.left_at.is_(None))
    )
    work.wake_pages(centre_topic(centre_id), *(person_topic(guide) for guide in guides))


async def rooms_to_look_at(work: UnitOfWork, now: datetime) -> frozenset[uuid.UUID]:
    """Open rooms in which somebody is twice, or whose right to be there has ended, though nobody came or went.

    The first may be left over from a worker that died between seeing and telling.
    """
    rows = await work.session.scalars(
        select(RoomClient.room_id)
        .join(Room, Room.id == RoomClient.room_id)
        .join(Seat, Seat.id == RoomClient.seat_id)
        .where(Room.state.in_(OPEN_ROOMS), is_inside())
        .group_by(RoomClient.room_id, RoomClient.seat_id)
        .having(or_(func.count() > 1, func.bool_or(_has_no_right(now))))
    )
    return frozenset(rows)


async def forget_names(work: UnitOfWork, now: datetime) -> None:
    """Erase what strangers called themselves in sessions that are over."""
    over = (
        select(Room.id)
        .join(Session, Session.id == Room.session_id)
        .where(
            Session.ends_at > now - _LONG_AGO,
            or_(Session.cancelled_at.is_not(None), Session.ended_at.is_not(None), Session.ends_at <= now - GRACE),
        )
    )
    await work.session.execute(
        update(RoomClient)
        .where(RoomClient.name.is_not(None), RoomClient.room_id.in_(over))
        .values(name=None)
        .execution_options(synchronize_session=False)
    )
