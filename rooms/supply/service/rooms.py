"""The rooms of a session, for whoever shows or fills them."""

import uuid
from collections.abc import Sequence

from sqlalchemy import select

from rooms.store.unit_of_work import UnitOfWork
from rooms.supply.records import Room
from rooms.supply.rules.room_life import RoomState


async def ready_rooms(work: UnitOfWork, session_id: uuid.UUID) -> Sequence[Room]:
    """The rooms of a session that can be entered now, in the order of their numbers."""
    found = await work.session.scalars(
        select(Room)
        .where(Room.session_id == session_id, Room.state.in_([RoomState.READY, RoomState.IN_USE]))
        .order_by(Room.number)
    )
    return found.all()
