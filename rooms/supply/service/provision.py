"""Make the rooms that coming sessions need, ahead of time.

Wanting a room is one transaction, calling the provider is none, writing down its answer is another. A worker claims a
room by `claimed_until`; when it dies in between, the next one takes over and finds by the room's prefix whether the
provider has made it.
"""

import asyncio
import random
import uuid
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import ColumnElement, ScalarSelect, func, or_, select
from sqlalchemy.dialects.postgresql import insert

from config.metrics import ROOMS
from rooms.schedule.records import Invitation, Session
from rooms.store.unit_of_work import UnitOfWork
from rooms.store.wakeups import centre_topic, session_topic
from rooms.supply.records import Room
from rooms.supply.rules.demand import AHEAD, SessionNeed, may_hold_five, provider_end, rooms_needed, wanted_from
from rooms.supply.rules.room_life import RoomState, Size, check_step, pause_after
from rooms.whereby.client import WherebyClient
from rooms.whereby.errors import BudgetExhausted, ProviderError, TooFast
from rooms.whereby.protocol import Meeting, NewMeeting, RoomMode, room_prefix

log = structlog.get_logger(__name__)

OpenWork = Callable[[], AbstractAsyncContextManager[UnitOfWork]]
#: Do one thing with the provider; False when there was nothing to do.
Step = Callable[[OpenWork, WherebyClient, datetime], Awaitable[bool]]
#: Seconds for one room, all tries and pauses of the client included.
CALL = 25
#: Twice that, so that no two workers ask for one room at a time; a dead worker keeps a room no longer.
CLAIM = timedelta(seconds=60)


async def want_rooms(work: UnitOfWork, installation: str, now: datetime) -> int:
    """Write down a wanted room for each that a coming session lacks. Returns how many. Harmless to repeat."""
    numbers = (
        select(func.array_agg(Room.number)).where(Room.session_id == Session.id).correlate(Session).scalar_subquery()
    )
    # The widest lead of any session's doors (two hours) and ours.
    horizon = now + AHEAD + timedelta(hours=2)
    rows = await work.session.execute(
        select(Session, _invited(), numbers).where(Session.starts_at <= horizon, *_still_held(now))
    )
    wanted = []
    for session, invited, there in rows.all():
        need = SessionNeed(session.format, invited, session.opens_at, session.ends_at)
        if wanted_from(need) <= now:
            wanted += [
                _wanted(session, number, size, installation, now)
                for number, size in enumerate(rooms_needed(need), start=1)
                if number not in (there or ())
            ]
    if wanted:  # a list of rows goes to the database in portions, however many there are
        await work.session.execute(
            insert(Room).on_conflict_do_nothing(index_elements=["session_id", "number", "generation"]), wanted
        )
    return len(wanted)


def _invited() -> ScalarSelect[int]:
    return select(func.count()).where(Invitation.session_id == Session.id).correlate(Session).scalar_subquery()


def _still_held(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return Session.ends_at > now, Session.cancelled_at.is_(None), Session.ended_at.is_(None)


def _wanted(session: Session, number: int, size: Size, installation: str, now: datetime) -> dict[str, object]:
    room_id = uuid.uuid4()
    return {
        "id": room_id,
        "centre_id": session.centre_id,
        "session_id": session.id,
        "number": number,
        "generation": 1,
        "size": size,
        "state": RoomState.WANTED,
        "prefix": room_prefix(installation, room_id),
        "end_date": provider_end(session.ends_at),
        "attempts": 0,
        "next_try_at": now,
        "changed_at": now,
    }


@dataclass(frozen=True, slots=True)
class _Job:
    room_id: uuid.UUID
    session_id: uuid.UUID
    centre_id: uuid.UUID
    size: Size
    new: NewMeeting
    #: Which try this is. Whoever takes the room over counts one more, so it also tells whose claim it is.
    attempt: int


async def make_next_room(open_work: OpenWork, client: WherebyClient, now: datetime) -> bool:
    """Make the most urgent wanted room. False when there is none, or when the provider wants us to slow down.

    The provider's errors end in the room's row.
    """
    async with open_work() as work:
        job = await _claim(work, now)
    if job is None:
        return False
    try:
        async with asyncio.timeout(CALL):
            # An earlier try may have made it, whatever became of its answer and of the worker that asked.
            found = await client.find_by_prefix(job.new.prefix) if job.attempt > 1 else None
            meeting = found or await client.create(job.new)
    except (ProviderError, TimeoutError) as error:
        log.warning("room not made", error=type(error).__name__, room_id=str(job.room_id))
        ROOMS.labels(job.size, "failed").inc()
        wait = timedelta(seconds=error.seconds) if isinstance(error, TooFast | BudgetExhausted) else None
        async with open_work() as work:
            await _not_made(work, job, wait, now)
        return wait is None
    async with open_work() as work:
        needless = await _made(work, job, meeting, now)
    if needless:
        await _throw_away(client, job, meeting)
    return True


async def _throw_away(client: WherebyClient, job: _Job, meeting: Meeting) -> None:
    """Delete a room at the provider that nobody here waits for any more."""
    log.info("room made too late", room_id=str(job.room_id))
    try:
        async with asyncio.timeout(CALL):
            await client.delete(meeting.meeting_id)
    except (ProviderError, TimeoutError) as error:
        log.warning("room left behind at the provider", error=type(error).__name__, room_id=str(job.room_id))


async def _claim(work: UnitOfWork, now: datetime) -> _Job | None:
    found = (
        await work.session.execute(
            select(Room, Session, _invited())
            .join(Session, Session.id == Room.session_id)
            .where(
                Room.state.in_([RoomState.WANTED, RoomState.CREATING]),
                Room.next_try_at <= now,
                or_(Room.claimed_until.is_(None), Room.claimed_until <= now),
                *_still_held(now),
            )
            .order_by(Session.starts_at, Room.number)
            .limit(1)
            .with_for_update(of=Room, skip_locked=True)
        )
    ).one_or_none()
    if found is None:
        return None
    room, session, invited = found
    if room.state is RoomState.WANTED:
        check_step(room.state, RoomState.CREATING)
        room.state, room.changed_at = RoomState.CREATING, now
    room.claimed_until = now + CLAIM
    room.attempts += 1
    need = SessionNeed(session.format, invited, session.opens_at, session.ends_at)
    mode = RoomMode.GROUP if may_hold_five(room.size, need) else RoomMode.NORMAL
    new = NewMeeting(end_date=room.end_date, mode=mode, prefix=room.prefix)
    return _Job(room.id, room.session_id, room.centre_id, room.size, new, room.attempts)


async def _made(work: UnitOfWork, job: _Job, meeting: Meeting, now: datetime) -> bool:
    """Write the room down as ready. True when it came too late: the session was called off, or deleted."""
    room = await work.session.scalar(select(Room).where(Room.id == job.room_id).with_for_update())
    if room is not None and room.state is RoomState.CREATING:
        # Whoever took over meanwhile finds this very room by its prefix, so whichever comes first may write.
        check_step(room.state, RoomState.READY)
        room.state, room.changed_at, room.claimed_until = RoomState.READY, now, None
        room.meeting_id, room.url, room.host_url = meeting.meeting_id, meeting.room_url, meeting.host_room_url
        room.capacity = meeting.capacity
        ROOMS.labels(job.size, "ready").inc()
        work.wake_pages(session_topic(job.session_id), centre_topic(job.centre_id))
        return False
    return room is None or room.meeting_id != meeting.meeting_id


async def _not_made(work: UnitOfWork, job: _Job, wait: timedelta | None, now: datetime) -> None:
    room = await work.session.scalar(
        select(Room)
        .where(Room.id == job.room_id, Room.state == RoomState.CREATING, Room.attempts == job.attempt)
        .with_for_update()
    )
    if room is not None:
        # It stays «creating»: the provider may have made it, which the next try looks up.
        room.next_try_at = now + (wait or pause_after(room.attempts, random.random()))  # noqa: S311 - jitter
        room.claimed_until = None
