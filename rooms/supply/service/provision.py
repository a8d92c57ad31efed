"""Make the rooms that coming sessions need, ahead of time.

Wanting a room is one transaction, calling the provider is none, writing down its answer is another. A worker claims a
room by `claimed_until`; when it dies in between, the next one takes over and finds by the room's prefix whether the
provider has made it.
"""

import random
import uuid
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from config.metrics import ROOMS
from rooms.schedule.records import Invitation, Session
from rooms.store.unit_of_work import UnitOfWork
from rooms.store.wakeups import centre_topic, session_topic
from rooms.supply.records import Room
from rooms.supply.rules.demand import AHEAD, SessionNeed, holds_five, provider_end, rooms_needed, wanted_from
from rooms.supply.rules.room_life import RoomState, Size, check_step, pause_after
from rooms.whereby.client import WherebyClient
from rooms.whereby.errors import ProviderError
from rooms.whereby.protocol import Meeting, NewMeeting, RoomMode, room_prefix

log = structlog.get_logger(__name__)

OpenWork = Callable[[], AbstractAsyncContextManager[UnitOfWork]]
#: Do one thing with the provider; False when there was nothing to do.
Step = Callable[[OpenWork, WherebyClient, datetime], Awaitable[bool]]
#: Longer than all tries of one call take; a dead worker keeps a room no longer.
CLAIM = timedelta(seconds=60)


async def want_rooms(work: UnitOfWork, installation: str, now: datetime) -> int:
    """Write down a wanted room for each that a coming session lacks. Returns how many. Harmless to repeat."""
    invited = select(func.count()).where(Invitation.session_id == Session.id).correlate(Session).scalar_subquery()
    # The widest lead of any session's doors (two hours) and ours.
    horizon = now + AHEAD + timedelta(hours=2)
    rows = await work.session.execute(
        select(Session, invited).where(
            Session.starts_at <= horizon,
            Session.ends_at > now,
            Session.cancelled_at.is_(None),
            Session.ended_at.is_(None),
        )
    )
    wanted = []
    for session, people in rows.all():
        need = SessionNeed(session.format, people, session.opens_at, session.ends_at)
        if wanted_from(need) > now:
            continue
        for number, size in enumerate(rooms_needed(need), start=1):
            wanted.append(_wanted(session, number, size, installation, now))
    if not wanted:
        return 0
    made = await work.session.execute(
        insert(Room).values(wanted).on_conflict_do_nothing(index_elements=["session_id", "number"]).returning(Room.id)
    )
    return len(made.all())


def _wanted(session: Session, number: int, size: Size, installation: str, now: datetime) -> dict[str, object]:
    room_id = uuid.uuid4()
    return {
        "id": room_id,
        "centre_id": session.centre_id,
        "session_id": session.id,
        "number": number,
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
    #: Somebody may have asked the provider for it before.
    begun: bool


async def make_next_room(open_work: OpenWork, client: WherebyClient, now: datetime) -> bool:
    """Make the most urgent wanted room. False when there is none. Provider's errors end in the room's row."""
    async with open_work() as work:
        job = await _claim(work, now)
    if job is None:
        return False
    try:
        found = await client.find_by_prefix(job.new.prefix) if job.begun else None
        meeting = found or await client.create(job.new)
    except ProviderError as error:
        log.warning("room not made", error=type(error).__name__, room_id=str(job.room_id))
        ROOMS.labels(job.size, "failed").inc()
        async with open_work() as work:
            await _not_made(work, job.room_id, now)
        return True
    async with open_work() as work:
        await _made(work, job, meeting, now)
    return True


async def _claim(work: UnitOfWork, now: datetime) -> _Job | None:
    found = (
        await work.session.execute(
            select(Room, Session)
            .join(Session, Session.id == Room.session_id)
            .where(
                Room.state.in_([RoomState.WANTED, RoomState.CREATING]),
                Room.next_try_at <= now,
                or_(Room.claimed_until.is_(None), Room.claimed_until <= now),
                Session.cancelled_at.is_(None),
                Session.ended_at.is_(None),
                Session.ends_at > now,
            )
            .order_by(Session.starts_at, Room.number)
            .limit(1)
            .with_for_update(of=Room, skip_locked=True)
        )
    ).one_or_none()
    if found is None:
        return None
    room, session = found
    begun = room.attempts > 0
    if room.state is RoomState.WANTED:
        check_step(room.state, RoomState.CREATING)
        room.state, room.changed_at = RoomState.CREATING, now
    room.claimed_until = now + CLAIM
    room.attempts += 1
    mode = RoomMode.GROUP if holds_five(room.size, session.format) else RoomMode.NORMAL
    new = NewMeeting(end_date=room.end_date, mode=mode, prefix=room.prefix)
    return _Job(room.id, room.session_id, room.centre_id, room.size, new, begun)


async def _made(work: UnitOfWork, job: _Job, meeting: Meeting, now: datetime) -> None:
    check_step(RoomState.CREATING, RoomState.READY)
    await work.session.execute(
        update(Room)
        .where(Room.id == job.room_id, Room.state == RoomState.CREATING)
        .values(
            state=RoomState.READY,
            meeting_id=meeting.meeting_id,
            url=meeting.room_url,
            host_url=meeting.host_room_url,
            claimed_until=None,
            changed_at=now,
        )
    )
    ROOMS.labels(job.size, "ready").inc()
    work.wake_pages(session_topic(job.session_id), centre_topic(job.centre_id))


async def _not_made(work: UnitOfWork, room_id: uuid.UUID, now: datetime) -> None:
    room = await work.session.scalar(select(Room).where(Room.id == room_id, Room.state == RoomState.CREATING))
    if room is not None:
        # It stays «creating»: the provider may have made it, which the next try looks up.
        room.next_try_at = now + pause_after(room.attempts, random.random())  # noqa: S311 - jitter
        room.claimed_until = None
