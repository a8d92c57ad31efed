"""The pool: rooms of no session yet, which are there when one is needed at once."""

import uuid
from datetime import datetime, timedelta

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from rooms.schedule.records import Session
from rooms.store.unit_of_work import UnitOfWork
from rooms.store.wakeups import centre_topic, session_topic
from rooms.supply.records import Room, SpareRoom
from rooms.supply.rules.pool import SPARE_IS_OLD, SPARE_LASTS, lasts_until, spares_wanted
from rooms.supply.rules.room_life import RoomState, check_step
from rooms.supply.service.sessions import still_held
from rooms.whereby.protocol import room_prefix

#: A session that opens so soon gets a spare room rather than wait for one to be made.
_URGENT = timedelta(minutes=1)
_MOST_AT_ONCE = 50
#: Any number will do, as long as nothing else of ours takes the same advisory lock.
_KEEPING = 7_246_002


async def give_spare(work: UnitOfWork, room: Room, ends_at: datetime, now: datetime) -> bool:
    """Make a wanted room ready by a spare one that lasts until its session has ended at `ends_at`. False without one.

    Of those that will do, the one whose end is nearest. Two who ask at once get two.
    """
    check_step(room.state, RoomState.READY)
    fitting = (
        select(SpareRoom.id)
        .where(SpareRoom.state == RoomState.READY, SpareRoom.end_date >= lasts_until(ends_at))
        .order_by(SpareRoom.end_date)
        .limit(1)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    spare = await work.session.scalar(
        delete(SpareRoom)
        .where(SpareRoom.id == fitting)
        .returning(SpareRoom)
        .execution_options(synchronize_session=False)
    )
    if spare is None:
        return False
    room.prefix, room.meeting_id, room.url, room.host_url = spare.prefix, spare.meeting_id, spare.url, spare.host_url
    room.capacity, room.end_date = spare.capacity, spare.end_date
    room.state, room.changed_at, room.last_error = RoomState.READY, now, None
    # An answer to what was asked for before comes too late: that room is thrown away.
    room.asked_at = room.claimed_until = None
    return True


async def give_to_urgent(work: UnitOfWork, now: datetime) -> int:
    """Give spare rooms to those that there is no time to make, or to wait for, and old spare ones to any.

    Returns how many.
    """
    old = await work.session.scalar(
        select(func.count()).where(SpareRoom.state == RoomState.READY, SpareRoom.end_date <= now + SPARE_IS_OLD)
    )
    opens_soon = Session.starts_at - func.make_interval(0, 0, 0, 0, 0, Session.opens_before_minutes) <= now + _URGENT
    rows = await work.session.execute(
        select(Room, Session.ends_at, opens_soon)
        .join(Session, Session.id == Room.session_id)
        .where(
            Room.state.in_([RoomState.WANTED, RoomState.CREATING]),
            or_(Room.claimed_until.is_(None), Room.claimed_until <= now),
            *still_held(now),
        )
        .order_by(Session.starts_at, Room.number)
        .limit(_MOST_AT_ONCE)
        .with_for_update(of=Room, skip_locked=True)
    )
    given = 0
    for room, ends_at, is_urgent in rows.all():
        if not is_urgent and given >= (old or 0):
            break
        if not await give_spare(work, room, ends_at, now):
            break
        given += 1
        await work.session.flush()
        work.wake_pages(session_topic(room.session_id), centre_topic(room.centre_id))
    return given


async def keep_spares(work: UnitOfWork, installation: str, now: datetime) -> int:
    """Want as many spare rooms as there should be, and let old ones go. Returns how many are new; may be repeated."""
    if not await work.session.scalar(select(func.pg_try_advisory_xact_lock(_KEEPING))):
        return 0  # another worker is at it
    await work.session.execute(
        update(SpareRoom)
        .where(SpareRoom.state == RoomState.READY, SpareRoom.end_date <= now + SPARE_IS_OLD)
        .values(state=RoomState.RETIRING, changed_at=now, next_try_at=now, attempts=0)
        .execution_options(synchronize_session=False)
    )
    await work.session.execute(delete(SpareRoom).where(SpareRoom.state == RoomState.GONE))
    in_sessions = (
        select(func.count().label("rooms"))
        .where(Room.state.in_([RoomState.READY, RoomState.IN_USE]))
        .group_by(Room.session_id)
        .subquery()
    )
    open_rooms, most = (
        await work.session.execute(
            select(func.coalesce(func.sum(in_sessions.c.rooms), 0), func.coalesce(func.max(in_sessions.c.rooms), 0))
        )
    ).one()
    there = await work.session.scalar(
        select(func.count()).where(SpareRoom.state.in_([RoomState.WANTED, RoomState.CREATING, RoomState.READY]))
    )
    lacking = spares_wanted(int(open_rooms), int(most)) - (there or 0)
    rows = [_wanted(installation, now) for _ in range(lacking)]
    if rows:
        await work.session.execute(insert(SpareRoom), rows)
    return len(rows)


def _wanted(installation: str, now: datetime) -> dict[str, object]:
    spare_id = uuid.uuid4()
    return {
        "id": spare_id,
        "state": RoomState.WANTED,
        "prefix": room_prefix(installation, spare_id),
        "end_date": now + SPARE_LASTS,
        "attempts": 0,
        "next_try_at": now,
        "changed_at": now,
    }
