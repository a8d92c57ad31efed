"""Make the rooms that are wanted, the most urgent first, and spare ones when nothing else is due.

Wanting a room is one transaction, calling the provider is none, writing down its answer is another. A worker claims a
room by `claimed_until`, and notes by `asked_at` that the provider owes us an answer. When none came, whoever is next
looks through the provider's list, once for all such rooms, before it asks again.
"""

import asyncio
import random
import uuid
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import ColumnElement, or_, select

from config.metrics import ROOMS
from rooms.schedule.records import Session
from rooms.store.unit_of_work import UnitOfWork
from rooms.store.wakeups import centre_topic, session_topic
from rooms.supply.records import AtProvider, Room, SpareRoom
from rooms.supply.rules.room_life import RoomError, RoomState, check_step, pause_after
from rooms.supply.service.replace import MOVE_DUE
from rooms.supply.service.sessions import still_held
from rooms.whereby.budget import Haste
from rooms.whereby.client import WherebyClient
from rooms.whereby.errors import BudgetExhausted, ProviderError, TooFast
from rooms.whereby.protocol import Meeting, NewMeeting, RoomMode, prefix_of

log = structlog.get_logger(__name__)

OpenWork = Callable[[], AbstractAsyncContextManager[UnitOfWork]]
#: Do one thing with the provider; False when there was nothing to do, or no use in going on now.
Step = Callable[[OpenWork, WherebyClient, datetime], Awaitable[bool]]
#: Seconds for one room, all tries and pauses of the client included.
CALL = 25
#: Twice that, so that no two workers ask for one room at a time; a dead worker keeps a room no longer.
CLAIM = timedelta(seconds=60)
#: A room that a session waits for with its doors open is asked for before all that is made ahead.
_NOW = timedelta(minutes=5)
_SPARE = "spare"


@dataclass(frozen=True, slots=True)
class _Job:
    record: type[AtProvider]
    room_id: uuid.UUID
    #: For the metrics.
    size: str
    haste: Haste
    new: NewMeeting
    #: Which try this is. Whoever takes the room over counts one more, so it also tells whose claim it is.
    attempt: int


async def make_next_room(open_work: OpenWork, client: WherebyClient, now: datetime) -> bool:
    """Make the most urgent wanted room. False when there is none, or when the provider is down or wants us to wait.

    The provider's errors end in the room's row.
    """
    if await _find_what_was_made(open_work, client, now):
        return True
    async with open_work() as work:
        job = await _claim(work, now) or await _claim_spare(work, now)
    if job is None:
        return False
    try:
        async with asyncio.timeout(CALL):
            meeting = await client.create(job.new, job.haste)
    except (ProviderError, TimeoutError) as error:
        log.warning("room not made", error=type(error).__name__, room_id=str(job.room_id))
        ROOMS.labels(job.size, "failed").inc()
        async with open_work() as work:
            await _not_made(work, job, error, now)
        return isinstance(error, ProviderError) and error.permanent
    async with open_work() as work:
        needless = await write_down(work, job.record, job.room_id, meeting, now)
    if needless:
        await _throw_away(client, job.room_id, meeting)
    return True


async def _find_what_was_made(open_work: OpenWork, client: WherebyClient, now: datetime) -> bool:
    """Look in the provider's list for rooms whose making got no answer. False when there are none to look for.

    What is in the list is ready; what is not is asked for again.
    """
    async with open_work() as work:
        missing = [room for record in (Room, SpareRoom) for room in await _claim_unanswered(work, record, now)]
        prefixes = {room.prefix: (type(room), room.id) for room in missing}
    if not prefixes:
        return False
    found: list[tuple[type[AtProvider], uuid.UUID, Meeting]] = []
    try:
        async with asyncio.timeout(CALL):
            async for meeting in client.list_meetings():
                prefix = prefix_of(meeting.room_name)
                if prefix in prefixes:
                    found.append((*prefixes.pop(prefix), meeting))
    except (ProviderError, TimeoutError) as error:
        # Their claims run out, and somebody looks again.
        log.warning("provider's list not read", error=type(error).__name__)
        return False
    for record, room_id, meeting in found:
        async with open_work() as work:
            needless = await write_down(work, record, room_id, meeting, now)
        if needless:
            await _throw_away(client, room_id, meeting)
    async with open_work() as work:
        for record, room_id in prefixes.values():
            room = await _still_creating(work, record, room_id)
            if room is not None:
                room.asked_at = room.claimed_until = None
                room.next_try_at = now
    return True


async def _claim_unanswered(work: UnitOfWork, record: type[AtProvider], now: datetime) -> Sequence[AtProvider]:
    rows = await work.session.scalars(
        select(record)
        .where(record.state == RoomState.CREATING, record.asked_at.is_not(None), *_is_free(record, now))
        .with_for_update(skip_locked=True)
    )
    rooms = rows.all()
    for room in rooms:
        room.claimed_until = now + CLAIM
    return rooms


def _is_free(record: type[AtProvider], now: datetime) -> tuple[ColumnElement[bool], ...]:
    """Due, and in no worker's hands."""
    return record.next_try_at <= now, or_(record.claimed_until.is_(None), record.claimed_until <= now)


async def _claim(work: UnitOfWork, now: datetime) -> _Job | None:
    found = (
        await work.session.execute(
            select(Room, Session)
            .join(Session, Session.id == Room.session_id)
            .where(
                Room.state.in_([RoomState.WANTED, RoomState.CREATING]),
                Room.asked_at.is_(None),
                *_is_free(Room, now),
                *still_held(now),
            )
            .order_by(Session.starts_at, Room.number)
            .limit(1)
            .with_for_update(of=Room, skip_locked=True)
        )
    ).one_or_none()
    if found is None:
        return None
    room, session = found
    haste = Haste.NOW if session.opens_at <= now + _NOW else Haste.AHEAD
    return _take(room, haste, room.size.value, now)


async def _claim_spare(work: UnitOfWork, now: datetime) -> _Job | None:
    spare = await work.session.scalar(
        select(SpareRoom)
        .where(
            SpareRoom.state.in_([RoomState.WANTED, RoomState.CREATING]),
            SpareRoom.asked_at.is_(None),
            *_is_free(SpareRoom, now),
        )
        .order_by(SpareRoom.next_try_at)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    return _take(spare, Haste.AHEAD, _SPARE, now) if spare is not None else None


def _take(room: AtProvider, haste: Haste, size: str, now: datetime) -> _Job:
    if room.state is RoomState.WANTED:
        check_step(room.state, RoomState.CREATING)
        room.state, room.changed_at = RoomState.CREATING, now
    room.claimed_until, room.asked_at = now + CLAIM, now
    room.attempts += 1
    # The provider's other kind shuts the fifth person out, and even a talk between two may grow.
    new = NewMeeting(end_date=room.end_date, mode=RoomMode.GROUP, prefix=room.prefix)
    return _Job(type(room), room.id, size, haste, new, room.attempts)


async def write_down(
    work: UnitOfWork, record: type[AtProvider], room_id: uuid.UUID, meeting: Meeting, now: datetime
) -> bool:
    """Write a room down as ready. True when nobody waits for it any more: its session was called off, or deleted.

    Whoever took over meanwhile finds this very room by its prefix, so whichever comes first may write.
    """
    room = await work.session.scalar(select(record).where(record.id == room_id).with_for_update())
    if room is None or room.state is not RoomState.CREATING:
        return room is None or room.meeting_id != meeting.meeting_id
    check_step(room.state, RoomState.READY)
    room.state, room.changed_at, room.claimed_until, room.asked_at = RoomState.READY, now, None, None
    room.meeting_id, room.url, room.host_url = meeting.meeting_id, meeting.room_url, meeting.host_room_url
    room.capacity, room.last_error = meeting.capacity, None
    if isinstance(room, Room):
        ROOMS.labels(room.size, "ready").inc()
        work.wake_pages(session_topic(room.session_id), centre_topic(room.centre_id))
        if room.generation > 1:
            work.wake_worker(MOVE_DUE)
    else:
        ROOMS.labels(_SPARE, "ready").inc()
    return False


async def _throw_away(client: WherebyClient, room_id: uuid.UUID, meeting: Meeting) -> None:
    """Delete a room at the provider that nobody here waits for any more. The reconciler finds what stays behind."""
    log.info("room made too late", room_id=str(room_id))
    try:
        async with asyncio.timeout(CALL):
            await client.delete(meeting.meeting_id, Haste.LATER)
    except (ProviderError, TimeoutError) as error:
        log.warning("room left behind at the provider", error=type(error).__name__, room_id=str(room_id))


async def _not_made(work: UnitOfWork, job: _Job, error: ProviderError | TimeoutError, now: datetime) -> None:
    room = await _still_creating(work, job.record, job.room_id)
    if room is None or room.attempts != job.attempt:
        return
    pause = None
    if isinstance(error, TooFast | BudgetExhausted):
        pause = timedelta(seconds=error.seconds)
        room.attempts -= 1  # to be told to wait is no failure
    if isinstance(error, ProviderError) and not error.maybe_made:
        room.asked_at = None
    room.last_error = error_of(error)
    room.next_try_at = now + (pause or pause_after(room.attempts, random.random()))  # noqa: S311 - jitter
    room.claimed_until = None


async def _still_creating(work: UnitOfWork, record: type[AtProvider], room_id: uuid.UUID) -> AtProvider | None:
    room: AtProvider | None = await work.session.scalar(
        select(record).where(record.id == room_id, record.state == RoomState.CREATING).with_for_update()
    )
    return room


def error_of(error: ProviderError | TimeoutError) -> RoomError:
    """What to keep of a provider's error."""
    if isinstance(error, TooFast | BudgetExhausted):
        return RoomError.TOO_FAST
    return RoomError.REFUSED if isinstance(error, ProviderError) and error.permanent else RoomError.DOWN
