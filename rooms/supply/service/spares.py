"""The pool: rooms of no session yet, which are there when one is needed at once."""

from datetime import datetime

from sqlalchemy import delete, select

from rooms.store.unit_of_work import UnitOfWork
from rooms.supply.records import Room, SpareRoom
from rooms.supply.rules.pool import lasts_until
from rooms.supply.rules.room_life import RoomState, check_step


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
    room.state, room.changed_at = RoomState.READY, now
    return True
