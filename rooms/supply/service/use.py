"""The first person enters: a room that stood ready is in use."""

import uuid
from datetime import datetime

from sqlalchemy import update

from rooms.store.unit_of_work import UnitOfWork
from rooms.supply.records import Room
from rooms.supply.rules.room_life import RoomState


async def take_into_use(work: UnitOfWork, room_id: uuid.UUID, now: datetime) -> None:
    """Mark a ready room as in use; nothing for one that is so already."""
    await work.session.execute(
        update(Room)
        .where(Room.id == room_id, Room.state == RoomState.READY)
        .values(state=RoomState.IN_USE, changed_at=now)
        .execution_options(synchronize_session=False)
    )
