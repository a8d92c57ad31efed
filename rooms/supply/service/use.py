"""The first person enters: a room that stood ready is in use."""

import uuid
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import update

from rooms.store.unit_of_work import UnitOfWork
from rooms.supply.records import Room
from rooms.supply.rules.room_life import RoomState


async def take_into_use(work: UnitOfWork, room_ids: Collection[uuid.UUID], now: datetime) -> None:
    """Mark ready rooms as in use; nothing for those that are so already."""
    await work.session.execute(
        update(Room)
        .where(Room.id.in_(room_ids), Room.state == RoomState.READY)
        .values(state=RoomState.IN_USE, changed_at=now)
        .execution_options(synchronize_session=False)
    )
