"""What coordinators see of sessions: counts of many, and each person's way into one. One query each."""

import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ScalarSelect, Select, and_, exists, func, select, true
from sqlalchemy.orm import aliased

from rooms.access.records import Device
from rooms.access.rules.devices import WAITS_FOR
from rooms.messages.records import Message
from rooms.messages.rules import Kind, MessageState
from rooms.people.records.persons import Person
from rooms.schedule.records import Invitation, Session
from rooms.schedule.rules.formats import DeviceCheck
from rooms.schedule.rules.life import SessionState
from rooms.seating.records import Presence, Seat
from rooms.seating.rules.arrival import ON_THE_WAY
from rooms.seating.rules.presence import SILENT_AFTER
from rooms.seating.rules.progress import Progress, WayIn, progress
from rooms.seating.service.by_clock import OPEN_ROOMS
from rooms.seating.service.occupancy import is_live, occupancy
from rooms.store.unit_of_work import UnitOfWork
from rooms.supply.records import Room
from rooms.supply.rules.room_life import RoomState


@dataclass(frozen=True, slots=True)
class SessionCounts:
    """A session and how far its people have come. Who was sent a link counts once, whatever became of it later."""

    session: Session
    invited: int
    sent: int
    failed: int
    opened: int
    inside: int


async def sessions_between(work: UnitOfWork, since: datetime, until: datetime, now: datetime) -> list[SessionCounts]:
    """The centre's sessions that touch this span of time, the earliest first; cancelled ones too."""
    message = aliased(Message)
    last_message = (
        select(message.state)
        .where(
            message.session_id == Invitation.session_id,
            message.person_id == Invitation.person_id,
            message.kind == Kind.INVITATION,
        )
        .order_by(message.created_at.desc())
        .limit(1)
        .lateral("last_message")
    )
    inside = (
        select(func.count(Presence.person_id.distinct()))
        .join(Seat, Seat.id == Presence.seat_id)
        .where(Seat.session_id == Session.id, is_live(now - SILENT_AFTER))
        .correlate(Session)
        .scalar_subquery()
    )
    rows = await work.session.execute(
        select(
            Session,
            func.count(Invitation.id),
            func.count(Invitation.id).filter(last_message.c.state == MessageState.SENT),
            func.count(Invitation.id).filter(last_message.c.state == MessageState.FAILED),
            func.count(Invitation.opened_at),
            inside,
        )
        .outerjoin(Invitation, Invitation.session_id == Session.id)
        .outerjoin(last_message, true())
        .where(Session.ends_at > since, Session.starts_at < until)
        .group_by(Session.id)
        .order_by(Session.starts_at, Session.id)
    )
    return [SessionCounts(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class OnBoard:
    """An invited person. `message_error` is what `messages` stored, for words to explain it."""

    person: Person
    progress: Progress
    message_error: str | None
    device_check: DeviceCheck | None
    #: In a room with nobody else.
    alone: bool


@dataclass(frozen=True, slots=True)
class Board:
    """A session, its people by name, and its rooms: those that can be entered, and those that are being made."""

    session: Session
    state: SessionState
    rooms_ready: int
    rooms_in_making: int
    people: Sequence[OnBoard]

    @property
    def sent(self) -> int:
        """How many were sent their link, or need none sent any more since they came."""
        return sum(one.progress not in _NOT_SENT for one in self.people)

    @property
    def failed(self) -> int:
        """How many could not be sent theirs."""
        return sum(one.progress in {Progress.NO_ADDRESS, Progress.FAILED} for one in self.people)

    @property
    def opened(self) -> int:
        """How many have opened it."""
        return sum(one.progress not in _NOT_SENT | {Progress.SENT} for one in self.people)

    @property
    def inside(self) -> int:
        """How many are in a room now."""
        return sum(one.progress is Progress.IN for one in self.people)


@dataclass(frozen=True, slots=True)
class BoardRoom:
    """An open room, and how many people are in it or about to be. `is_replaced`: a new one for it is being made."""

    id: uuid.UUID
    number: int
    people: int
    is_replaced: bool


async def board_rooms(work: UnitOfWork, session_id: uuid.UUID, now: datetime) -> list[BoardRoom]:
    """The open rooms of a session, by number."""
    newer = aliased(Room)
    is_replaced = exists().where(
        newer.session_id == Room.session_id,
        newer.number == Room.number,
        newer.generation > Room.generation,
        newer.state.in_([RoomState.WANTED, RoomState.CREATING]),
    )
    query = occupancy(session_id, now, now - SILENT_AFTER, now - ON_THE_WAY)
    rows = await work.session.execute(query.add_columns(is_replaced.label("is_replaced")))
    return [BoardRoom(row.id, row.number, row.people, row.is_replaced) for row in rows]


_NOT_SENT = {Progress.NO_ADDRESS, Progress.FAILED, Progress.NOT_SENT}


async def board(work: UnitOfWork, session_id: uuid.UUID, now: datetime) -> Board:
    """A session and everybody invited to it, each with their way in. Raises LookupError."""

    def rooms(*states: RoomState) -> ScalarSelect[int]:
        return (
            select(func.count(Room.id))
            .where(Room.session_id == Session.id, Room.state.in_(states))
            .correlate(Session)
            .scalar_subquery()
        )

    found = (
        await work.session.execute(
            select(Session, rooms(*OPEN_ROOMS), rooms(RoomState.WANTED, RoomState.CREATING)).where(
                Session.id == session_id
            )
        )
    ).one_or_none()
    if found is None:
        raise LookupError("no such session")
    session, ready, in_making = found
    rows = (await work.session.execute(_ways_in(session_id, now))).all()
    people_in = Counter(row.room_id for row in rows if row.is_in)
    state = session.state_at(now)
    people = [
        OnBoard(
            person=row.Person,
            progress=progress(_way(row), now, over=state.is_past),
            message_error=row.error,
            device_check=row.Invitation.device_check,
            alone=bool(not state.is_past and row.is_in and people_in[row.room_id] == 1),
        )
        for row in rows
    ]
    return Board(session, state, ready, in_making, people)


def _ways_in(session_id: uuid.UUID, now: datetime) -> Select[*tuple[Any, ...]]:
    message, presence = aliased(Message), aliased(Presence)
    last_message = (
        select(message.state, message.error)
        .where(
            message.session_id == session_id,
            message.person_id == Invitation.person_id,
            message.kind == Kind.INVITATION,
        )
        .order_by(message.created_at.desc())
        .limit(1)
        .lateral("last_message")
    )
    last_stay = (
        select(presence.room_id, presence.device_id, presence.last_seen_at, presence.left_at)
        .where(presence.seat_id == Seat.id)
        .order_by(presence.left_at.desc().nulls_first(), presence.last_seen_at.desc())
        .limit(1)
        .lateral("last_stay")
    )
    live = and_(
        last_stay.c.room_id.is_not(None),
        last_stay.c.left_at.is_(None),
        (last_stay.c.device_id.is_(None)) | (last_stay.c.last_seen_at > now - SILENT_AFTER),
    )
    asks = exists().where(
        Device.person_id == Invitation.person_id, Device.asked_at.is_not(None), Device.last_seen_at > now - WAITS_FOR
    )
    return (
        select(
            Person,
            Invitation,
            last_message.c.state,
            last_message.c.error,
            Seat.reason,
            Seat.changed_at,
            asks.label("asks"),
            last_stay.c.room_id,
            func.coalesce(live, False).label("is_in"),
            last_stay.c.room_id.is_not(None).label("was_in"),
        )
        .select_from(Invitation)
        .join(Person, Person.id == Invitation.person_id)
        .outerjoin(Seat, and_(Seat.session_id == Invitation.session_id, Seat.person_id == Invitation.person_id))
        .outerjoin(last_message, true())
        .outerjoin(last_stay, true())
        .where(Invitation.session_id == session_id)
        .order_by(func.lower(Person.name), Person.id)
    )


def _way(row: Any) -> WayIn:
    return WayIn(
        message=row.state,
        message_error=row.error,
        opened_at=row.Invitation.opened_at,
        asks=row.asks,
        seat_reason=row.reason,
        seat_changed_at=row.changed_at,
        is_in=row.is_in,
        was_in=row.was_in,
    )
