"""Rooms that would not outlast their session, because it was moved after they were wanted."""

from datetime import datetime, timedelta

from sqlalchemy import Function, func, not_, select, update

from rooms.schedule.records import Session
from rooms.store.unit_of_work import UnitOfWork
from rooms.supply.records import Room
from rooms.supply.rules.demand import provider_end
from rooms.supply.rules.pool import FARTHEST, lasts_until
from rooms.supply.rules.room_life import RoomState
from rooms.supply.service.replace import MOVE_DUE, is_replaced, replace_room
from rooms.supply.service.sessions import still_held


async def outlast_sessions(work: UnitOfWork, installation: str, now: datetime) -> int:
    """Let each room of a near session last until it is over. Returns how many had to be replaced.

    A room that nobody has asked the provider for yet is asked for with its right end. One that stands already gets
    another in its place; whoever is inside moves there. Harmless to repeat; needs a unit of work that sees all centres.
    """
    slack, least = (_seconds(end_of(now) - now) for end_of in (provider_end, lasts_until))
    ends_too_soon = Room.end_date < Session.ends_at + least
    near = (Session.starts_at <= now + FARTHEST, *still_held(now))
    await work.session.execute(
        update(Room)
        .where(Room.session_id == Session.id, Room.state == RoomState.WANTED, Room.asked_at.is_(None), ends_too_soon)
        .values(end_date=Session.ends_at + slack)
        .execution_options(synchronize_session=False)
    )
    rows = await work.session.execute(
        select(Room, Session)
        .join(Session, Session.id == Room.session_id)
        .where(Room.state.in_([RoomState.READY, RoomState.IN_USE]), ends_too_soon, not_(is_replaced(Room)), *near)
        .with_for_update(of=Session, key_share=True, skip_locked=True)
    )
    found = rows.all()
    for room, session in found:
        await replace_room(work, room, session, installation, now)
    if found:
        work.wake_worker(MOVE_DUE)
    return len(found)


def _seconds(length: timedelta) -> Function[timedelta]:
    return func.make_interval(0, 0, 0, 0, 0, 0, length.total_seconds())
