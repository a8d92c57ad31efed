"""Retire the rooms of sessions that are over, and delete them at the provider, which throws out whoever is left."""

import asyncio
import random
import uuid
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy import or_, select, update

from config.metrics import ROOMS
from rooms.schedule.records import Session
from rooms.store.unit_of_work import UnitOfWork
from rooms.store.wakeups import session_topic
from rooms.supply.records import Room
from rooms.supply.rules.demand import GRACE
from rooms.supply.rules.room_life import RoomState, Size, check_step, pause_after
from rooms.supply.service.provision import CALL, CLAIM, OpenWork
from rooms.whereby.client import WherebyClient
from rooms.whereby.errors import BudgetExhausted, ProviderError, TooFast

log = structlog.get_logger(__name__)

_ALIVE = (RoomState.WANTED, RoomState.CREATING, RoomState.READY, RoomState.IN_USE)


async def retire_rooms(work: UnitOfWork, now: datetime) -> int:
    """Mark the rooms of sessions that are over, or called off. Returns how many. Harmless to repeat.

    A room that nobody ever asked the provider for is gone at once.
    """
    rows = await work.session.scalars(
        select(Room)
        .join(Session, Session.id == Room.session_id)
        .where(
            Room.state.in_(_ALIVE),
            or_(Room.claimed_until.is_(None), Room.claimed_until <= now),
            or_(
                Session.cancelled_at.is_not(None),
                Session.ended_at.is_not(None),
                Session.ends_at <= now - GRACE,
            ),
        )
        .with_for_update(of=Room, skip_locked=True)
    )
    rooms = rows.all()
    for room in rooms:
        after = RoomState.GONE if room.state is RoomState.WANTED else RoomState.RETIRING
        check_step(room.state, after)
        room.state, room.changed_at, room.next_try_at, room.attempts = after, now, now, 0
        work.wake_pages(session_topic(room.session_id))
    return len(rooms)


@dataclass(frozen=True, slots=True)
class _Job:
    room_id: uuid.UUID
    meeting_id: str | None
    prefix: str
    size: Size


async def delete_next_room(open_work: OpenWork, client: WherebyClient, now: datetime) -> bool:
    """Delete one retiring room at the provider. False when there is none."""
    async with open_work() as work:
        job = await _claim(work, now)
    if job is None:
        return False
    try:
        async with asyncio.timeout(CALL):
            meeting_id = job.meeting_id
            if meeting_id is None:  # its creation got no answer, so it may be there
                found = await client.find_by_prefix(job.prefix)
                meeting_id = found.meeting_id if found is not None else None
            if meeting_id is not None:
                await client.delete(meeting_id)
    except (ProviderError, TimeoutError) as error:
        log.warning("room not deleted", error=type(error).__name__, room_id=str(job.room_id))
        ROOMS.labels(job.size, "delete_failed").inc()
        # Its claim runs out, and somebody tries again: later, if the provider wants us to slow down.
        return not isinstance(error, TooFast | BudgetExhausted)
    async with open_work() as work:
        check_step(RoomState.RETIRING, RoomState.GONE)
        await work.session.execute(
            update(Room)
            .where(Room.id == job.room_id, Room.state == RoomState.RETIRING)
            .values(state=RoomState.GONE, url=None, host_url=None, claimed_until=None, changed_at=now)
        )
    ROOMS.labels(job.size, "gone").inc()
    return True


async def _claim(work: UnitOfWork, now: datetime) -> _Job | None:
    room = await work.session.scalar(
        select(Room)
        .where(
            Room.state == RoomState.RETIRING,
            Room.next_try_at <= now,
            or_(Room.claimed_until.is_(None), Room.claimed_until <= now),
        )
        .order_by(Room.next_try_at)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    if room is None:
        return None
    room.attempts += 1
    room.claimed_until = now + CLAIM
    room.next_try_at = now + pause_after(room.attempts, random.random())  # noqa: S311 - jitter
    return _Job(room.id, room.meeting_id, room.prefix, room.size)
