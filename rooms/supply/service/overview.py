"""How the supply of rooms stands: for coordinators of one centre, and at the terminal for all. Changes nothing."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, func, or_, select, true

from rooms.people.records.centres import Centre
from rooms.schedule.records import Session
from rooms.store.unit_of_work import UnitOfWork
from rooms.supply.records import AtProvider, Room, Shortage, SpareRoom
from rooms.supply.rules.pool import FARTHEST
from rooms.supply.rules.room_life import RoomError, RoomState
from rooms.supply.service.sessions import still_held

#: A room that was lost at the provider is spoken of for so long.
_LATELY = timedelta(days=1)
_OPEN = (RoomState.READY, RoomState.IN_USE)
_MOST_DEADLINES = 10


@dataclass(frozen=True, slots=True)
class Trouble:
    """What the provider's last answer about some rooms was. `since`: when the first of them came to where it is.

    `next_try_at` is None for rooms that are lost: others have taken their place.
    """

    error: RoomError
    rooms: int
    since: datetime
    tries: int
    next_try_at: datetime | None


@dataclass(frozen=True, slots=True)
class Deadline:
    """A session to come: how many rooms are written down for it so far, and how many of them can be entered."""

    session: Session
    centre_name: str
    rooms: int
    ready: int


@dataclass(frozen=True, slots=True)
class Short:
    """A session whose rooms cannot all be ready when it opens."""

    session: Session
    centre_name: str
    shortage: Shortage


@dataclass(frozen=True, slots=True)
class Overview:
    """Rooms that are not gone, by state; what comes next; what is wrong. Spare rooms are the whole installation's."""

    rooms: Mapping[RoomState, int]
    spares: Mapping[RoomState, int]
    deadlines: Sequence[Deadline]
    shortages: Sequence[Short]
    troubles: Sequence[Trouble]
    spare_troubles: Sequence[Trouble]


async def overview(work: UnitOfWork, now: datetime, *, most: int = _MOST_DEADLINES) -> Overview:
    """As the unit of work's scope sees it, with at most so many deadlines. Four queries."""
    rooms, troubles = await _rooms(work, Room, now)
    spares, spare_troubles = await _rooms(work, SpareRoom, now)
    return Overview(
        rooms=rooms,
        spares=spares,
        deadlines=await _deadlines(work, now, most),
        shortages=await short_sessions(work, now),
        troubles=troubles,
        spare_troubles=spare_troubles,
    )


async def _rooms(
    work: UnitOfWork, record: type[AtProvider], now: datetime
) -> tuple[Mapping[RoomState, int], list[Trouble]]:
    rows = await work.session.execute(
        select(
            record.state,
            record.last_error,
            func.count(),
            func.min(record.changed_at),
            func.max(record.attempts),
            func.min(record.next_try_at),
        )
        .where(
            or_(
                record.state != RoomState.GONE,
                and_(record.last_error == RoomError.LOST, record.changed_at > now - _LATELY),
            )
        )
        .group_by(record.state, record.last_error)
    )
    counts: Counter[RoomState] = Counter()
    troubles = []
    for state, error, count, since, tries, next_try_at in rows:
        if state is not RoomState.GONE:
            counts[state] += count
        if error is not None and state not in _OPEN:
            troubles.append(Trouble(error, count, since, tries, None if error is RoomError.LOST else next_try_at))
    return counts, sorted(troubles, key=lambda trouble: trouble.since)


async def _deadlines(work: UnitOfWork, now: datetime, most: int) -> list[Deadline]:
    rooms = (
        select(
            func.count(Room.number.distinct()).label("rooms"),
            func.count(Room.number.distinct()).filter(Room.state.in_(_OPEN)).label("ready"),
        )
        .where(Room.session_id == Session.id)
        .lateral("rooms")
    )
    opens_at = Session.starts_at - func.make_interval(0, 0, 0, 0, 0, Session.opens_before_minutes)
    rows = await work.session.execute(
        select(Session, Centre.name, *rooms.c)
        .join(Centre, Centre.id == Session.centre_id)
        .join(rooms, true())
        .where(
            Session.starts_at <= now + FARTHEST, *still_held(now), or_(opens_at > now, rooms.c.ready < rooms.c.rooms)
        )
        .order_by(Session.starts_at, Session.id)
        .limit(most)
    )
    return [Deadline(*row) for row in rows]


async def short_sessions(work: UnitOfWork, now: datetime) -> list[Short]:
    """Sessions whose rooms cannot all be ready in time, the next one first."""
    rows = await work.session.execute(
        select(Session, Centre.name, Shortage)
        .join(Shortage, Shortage.session_id == Session.id)
        .join(Centre, Centre.id == Session.centre_id)
        .where(*still_held(now))
        .order_by(Session.starts_at, Session.id)
    )
    return [Short(*row) for row in rows]
