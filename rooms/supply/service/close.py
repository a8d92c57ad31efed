"""Retire the rooms of sessions that are over, and delete them at the provider, which throws out whoever is left."""

import asyncio
import random
import uuid
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy import ColumnElement, and_, not_, or_, select, true, update

from config.metrics import ROOMS
from rooms.schedule.records import Session
from rooms.store.unit_of_work import UnitOfWork
from rooms.store.wakeups import session_topic
from rooms.supply.records import AtProvider, Room, SpareRoom
from rooms.supply.rules.demand import GRACE
from rooms.supply.rules.room_life import RoomState, check_step, pause_after
from rooms.supply.service.provision import CALL, CLAIM, OpenWork, error_of
from rooms.supply.service.replace import is_replaced
from rooms.whereby.budget import Haste
from rooms.whereby.client import WherebyClient
from rooms.whereby.errors import BudgetExhausted, ProviderError, TooFast

log = structlog.get_logger(__name__)

_ALIVE = (RoomState.WANTED, RoomState.CREATING, RoomState.READY, RoomState.IN_USE)


async def retire_rooms(work: UnitOfWork, now: datetime, *, occupied: ColumnElement[bool] | None = None) -> int:
    """Mark the rooms of sessions that are over, or called off. Returns how many. Harmless to repeat.

    `occupied`: whether somebody is in a `Room`. After the session's end an empty one goes at once, the others after
    the grace. A room that nobody ever asked the provider for is gone at once.
    """
    is_over = or_(
        Session.cancelled_at.is_not(None),
        Session.ended_at.is_not(None),
        Session.ends_at <= now - GRACE,
        and_(Session.ends_at <= now, not_(true() if occupied is None else occupied)),
    )
    rows = await work.session.scalars(
        select(Room)
        .join(Session, Session.id == Room.session_id)
        .where(
            Room.state.in_(_ALIVE),
            or_(Room.claimed_until.is_(None), Room.claimed_until <= now),
            is_over,
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
    record: type[AtProvider]
    room_id: uuid.UUID
    meeting_id: str | None
    prefix: str
    size: str
    haste: Haste
    #: Whether the provider may have it: it was asked for, and did not say no.
    may_exist: bool


async def delete_next_room(open_work: OpenWork, client: WherebyClient, now: datetime) -> bool:
    """Delete one retiring room at the provider. False when there is none, or no use in going on now."""
    async with open_work() as work:
        job = await _claim(work, now) or await _claim_spare(work, now)
    if job is None:
        return False
    try:
        async with asyncio.timeout(CALL):
            meeting_id = job.meeting_id
            if meeting_id is None and job.may_exist:
                found = await client.find_by_prefix(job.prefix)
                meeting_id = found.meeting_id if found is not None else None
            if meeting_id is not None:
                await client.delete(meeting_id, job.haste)
    except (ProviderError, TimeoutError) as error:
        log.warning("room not deleted", error=type(error).__name__, room_id=str(job.room_id))
        ROOMS.labels(job.size, "delete_failed").inc()
        async with open_work() as work:
            # Free again after its pause; a worker that dies leaves it claimed until its claim runs out.
            await work.session.execute(
                update(job.record)
                .where(job.record.id == job.room_id, job.record.state == RoomState.RETIRING)
                .values(last_error=error_of(error), claimed_until=None)
            )
        return not isinstance(error, TooFast | BudgetExhausted)
    async with open_work() as work:
        check_step(RoomState.RETIRING, RoomState.GONE)
        await work.session.execute(
            update(job.record)
            .where(job.record.id == job.room_id, job.record.state == RoomState.RETIRING)
            .values(state=RoomState.GONE, url=None, host_url=None, claimed_until=None, changed_at=now)
        )
    ROOMS.labels(job.size, "gone").inc()
    return True


def _due(record: type[AtProvider], now: datetime) -> ColumnElement[bool]:
    return and_(
        record.state == RoomState.RETIRING,
        record.next_try_at <= now,
        or_(record.claimed_until.is_(None), record.claimed_until <= now),
    )


async def _claim(work: UnitOfWork, now: datetime) -> _Job | None:
    """Those that others have replaced come first: somebody is to be thrown out."""
    replaced = is_replaced(Room)
    found = (
        await work.session.execute(
            select(Room, replaced)
            .where(_due(Room, now))
            .order_by(replaced.desc(), Room.next_try_at)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
    ).one_or_none()
    if found is None:
        return None
    room, is_urgent = found
    return _take(room, room.size.value, Haste.NOW if is_urgent else Haste.LATER, now)


async def _claim_spare(work: UnitOfWork, now: datetime) -> _Job | None:
    spare = await work.session.scalar(
        select(SpareRoom)
        .where(_due(SpareRoom, now))
        .order_by(SpareRoom.next_try_at)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    return _take(spare, "spare", Haste.LATER, now) if spare is not None else None


def _take(room: AtProvider, size: str, haste: Haste, now: datetime) -> _Job:
    room.attempts += 1
    room.claimed_until = now + CLAIM
    room.next_try_at = now + pause_after(room.attempts, random.random())  # noqa: S311 - jitter
    return _Job(type(room), room.id, room.meeting_id, room.prefix, size, haste, room.asked_at is not None)
