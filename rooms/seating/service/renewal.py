"""Standing rooms get a new address as their coordinator chose; whoever is inside is moved along."""

import uuid
from datetime import datetime

from sqlalchemy import exists, func, select

from rooms.schedule.records import Session, StandingRoom
from rooms.schedule.rules.standing import renewal_due
from rooms.seating.records import Presence
from rooms.seating.rules.presence import SILENT_AFTER
from rooms.seating.service.occupancy import is_live
from rooms.store.unit_of_work import UnitOfWork
from rooms.supply.records import Room
from rooms.supply.rules.room_life import RoomState
from rooms.supply.service.replace import is_replaced


async def rooms_to_renew(work: UnitOfWork, now: datetime) -> list[uuid.UUID]:
    """Rooms of standing rooms whose time for a new address has come."""
    somebody = exists().where(Presence.room_id == Room.id, is_live(now - SILENT_AFTER))
    last_seen = (
        select(func.max(func.coalesce(Presence.left_at, Presence.last_seen_at)))
        .where(Presence.room_id == Room.id)
        .scalar_subquery()
    )
    rows = await work.session.execute(
        select(Room.id, Room.changed_at, StandingRoom.renewal, somebody, last_seen)
        .join(Session, Session.id == Room.session_id)
        .join(StandingRoom, StandingRoom.id == Session.standing_room_id)
        .where(
            Room.state == RoomState.IN_USE,
            ~is_replaced(Room),
            Session.ends_at > now,
            Session.ended_at.is_(None),
            Session.cancelled_at.is_(None),
        )
    )
    return [
        room_id
        for room_id, used_since, renewal, is_occupied, empty_since in rows
        if renewal_due(renewal, used_since=used_since, empty_since=None if is_occupied else empty_since, now=now)
    ]
