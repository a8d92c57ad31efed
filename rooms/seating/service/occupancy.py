"""The open rooms of a session, and who counts as there: one select, used by the door and by those who give seats."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select

from rooms.people.records.persons import Person
from rooms.seating.records import Presence, Seat
from rooms.seating.rules.arrival import ON_THE_WAY, RoomNow
from rooms.seating.rules.presence import SILENT_AFTER
from rooms.store.unit_of_work import UnitOfWork
from rooms.supply.records import Room
from rooms.supply.rules.room_life import RoomState, Size

OPEN_ROOMS = (RoomState.READY, RoomState.IN_USE)


def is_live(heard_since: Any) -> ColumnElement[bool]:
    """`Stay.is_live` as a condition: the stay is open, and its page, when it has one, was heard since that moment."""
    return and_(Presence.left_at.is_(None), or_(Presence.device_id.is_(None), Presence.last_seen_at > heard_since))


def occupancy(
    session_id: Any, heard_since: Any, given_since: Any, *, without: uuid.UUID | None = None
) -> Select[*tuple[Any, ...]]:
    """Rooms with their people: those who are there now, and those whose place was given since `given_since`.

    `without`: somebody who is not counted.
    """
    there = or_(
        Seat.changed_at > given_since,
        exists().where(Presence.seat_id == Seat.id, Presence.room_id == Seat.room_id, is_live(heard_since)),
    )
    if without is not None:
        there = and_(there, Seat.person_id != without)
    return (
        select(
            Room.id,
            Room.number,
            Room.size,
            Room.capacity,
            func.count(Seat.id).label("people"),
            func.count(Seat.id).filter(Person.is_guide).label("guides"),
        )
        .select_from(Room)
        .outerjoin(Seat, and_(Seat.room_id == Room.id, there))
        .outerjoin(Person, Person.id == Seat.person_id)
        .where(Room.session_id == session_id, Room.state.in_(OPEN_ROOMS))
        .group_by(Room.id)
        .order_by(Room.number)
    )


def room_now(row: Mapping[str, Any]) -> RoomNow:
    """A row of `occupancy`."""
    return RoomNow(row["id"], row["number"], Size(row["size"]), row["people"], row["guides"], row["capacity"])


async def rooms_of(
    work: UnitOfWork, session_id: uuid.UUID, now: datetime, *, without: uuid.UUID | None = None
) -> list[RoomNow]:
    """The open rooms of a session with their people, one of them not counted."""
    rows = await work.session.execute(occupancy(session_id, now - SILENT_AFTER, now - ON_THE_WAY, without=without))
    return [room_now(row) for row in (dict(found) for found in rows.mappings())]
