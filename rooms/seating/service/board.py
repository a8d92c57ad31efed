"""What coordinators see of sessions: counts of many, and each person's way into one. One query each."""

import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ScalarSelect, exists, func, select, true
from sqlalchemy.orm import aliased

from rooms.messages.records import Message
from rooms.messages.rules import Kind, MessageState
from rooms.schedule.records import Invitation, Session
from rooms.schedule.rules.formats import DeviceCheck
from rooms.schedule.rules.life import SessionState
from rooms.seating.records import Presence, Seat
from rooms.seating.rules.arrival import ON_THE_WAY
from rooms.seating.rules.presence import SILENT_AFTER
from rooms.seating.rules.progress import Progress
from rooms.seating.rules.unreached import FINE
from rooms.seating.service.by_clock import OPEN_ROOMS
from rooms.seating.service.occupancy import is_live, occupancy
from rooms.seating.service.ways_in import OnBoard, ways_in
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
class Board:
    """A session, its people as `ways_in` orders them, and its rooms: those to be entered, those being made."""

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
        return sum(one.progress not in _NOT_SENT | {Progress.SENT, Progress.DELIVERED} for one in self.people)

    @property
    def stuck(self) -> Sequence[OnBoard]:
        """Who stands outside for too long, the longest in front."""
        return [one for one in self.people if one.stuck_since is not None]

    @property
    def outside(self) -> Counter[Progress | DeviceCheck]:
        """How many are still to come, by what they are at: what hinders their device, or how far they are."""
        return Counter(
            one.device_check
            if one.progress is Progress.OPENED and one.device_check is not None and one.device_check not in FINE
            else one.progress
            for one in self.people
            if one.is_outside
        )

    @property
    def unreached(self) -> Sequence[OnBoard]:
        """Who is not reached yet, beside those who are stuck."""
        return [one for one in self.people if one.unreached is not None and one.stuck_since is None]

    @property
    def reached(self) -> Sequence[OnBoard]:
        """Everybody else."""
        return [one for one in self.people if one.unreached is None and one.stuck_since is None]

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
    people = await ways_in(work, Invitation.session_id == session_id, now)
    return Board(session, session.state_at(now), ready, in_making, people)
