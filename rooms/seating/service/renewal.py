"""Standing rooms get a new address as their coordinator chose; whoever is inside is moved along."""

from datetime import datetime

from sqlalchemy import exists, func, select

from rooms.schedule.records import Session, StandingRoom
from rooms.schedule.rules.standing import renewal_due
from rooms.seating.records import Presence
from rooms.seating.rules.presence import SILENT_AFTER
from rooms.seating.service.occupancy import is_live
from rooms.seating.service.rotation import Rotation, rotate_room
from rooms.store.unit_of_work import UnitOfWork
from rooms.supply.records import Room
from rooms.supply.rules.room_life import RoomState
from rooms.supply.service.replace import is_replaced


async def renew_standing_rooms(work: UnitOfWork, installation: str, now: datetime) -> int:
    """Rotate the standing rooms whose time has come. Returns how many. Harmless to repeat.

    Needs a unit of work that sees all centres.
    """
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
    count = 0
    for room_id, used_since, renewal, is_occupied, empty_since in rows.all():
        if renewal_due(renewal, used_since=used_since, empty_since=None if is_occupied else empty_since, now=now):
            outcome = await rotate_room(work, room_id, installation=installation, actor_id=None, now=now)
            count += outcome is not Rotation.NOTHING
    return count
