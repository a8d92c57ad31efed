"""The open rooms of a session, and who counts as there: one select, used by the door and by those who give seats."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.dialects.postgresql import array

from rooms.people.records.persons import Person
from rooms.seating.records import Presence, Seat
from rooms.seating.rules.arrival import ON_THE_WAY, RoomNow
from rooms.seating.rules.presence import SILENT_AFTER
from rooms.seating.rules.reasons import SeatReason
from rooms.seating.service.by_clock import OPEN_ROOMS, in_groups
from rooms.store.unit_of_work import UnitOfWork
from rooms.supply.records import Room
from rooms.supply.rules.room_life import Size


def is_live(heard_since: Any) -> ColumnElement[bool]:
    """`Stay.is_live` as a condition: the stay is open, and its page, when it has one, was heard since that moment."""
    return and_(Presence.left_at.is_(None), or_(Presence.device_id.is_(None), Presence.last_seen_at > heard_since))


def devices_with(person_id: Any, now: Any, heard_since: Any) -> Select[*tuple[Any, ...]]:
    """The browsers that are inside with a person's link: in an open room, or on the way to one.

    When the seat has moved the provider says goodbye in the old room before the page has come to the new one. The page
    that was heard of a moment ago keeps its place meanwhile, or another browser would take it at every move.
    """
    grouped = in_groups(now)
    place = func.coalesce(grouped.c.room_id, Seat.room_id)
    follows = and_(Seat.reason != SeatReason.LEFT, place != Presence.room_id, Presence.last_seen_at > heard_since)
    return (
        select(Presence.device_id)
        .join(Seat, Seat.id == Presence.seat_id)
        .join(Room, Room.id == Presence.room_id)
        .outerjoin(grouped, and_(grouped.c.session_id == Seat.session_id, grouped.c.person_id == Seat.person_id))
        .where(
            Presence.person_id == person_id,
            or_(
                and_(Room.state.in_(OPEN_ROOMS), is_live(heard_since)),
                and_(Presence.device_id.is_not(None), follows),
            ),
        )
    )


def occupancy(
    session_id: Any, now: Any, heard_since: Any, given_since: Any, *, without: uuid.UUID | None = None
) -> Select[*tuple[Any, ...]]:
    """Rooms with their people: those who are there now, and those whose place was given since `given_since`.

    Whoever is away with their group counts in both rooms: their place in the big one is kept. `without`: somebody who
    is not counted.
    """
    grouped = in_groups(now)
    there = or_(
        Seat.changed_at > given_since,
        grouped.c.since > given_since,
        exists().where(
            Presence.seat_id == Seat.id,
            or_(Presence.room_id == Seat.room_id, Presence.room_id == grouped.c.room_id),
            is_live(heard_since),
        ),
    )
    if without is not None:
        there = and_(there, Seat.person_id != without)
    taken = (
        select(func.unnest(array([Seat.room_id, grouped.c.room_id])).label("room_id"), Person.is_guide)
        .select_from(Seat)
        .join(Person, Person.id == Seat.person_id)
        .outerjoin(grouped, and_(grouped.c.session_id == Seat.session_id, grouped.c.person_id == Seat.person_id))
        .where(Seat.session_id == session_id, there)
        .subquery("taken")
    )
    return (
        select(
            Room.id,
            Room.number,
            Room.size,
            Room.capacity,
            func.count(taken.c.room_id).label("people"),
            func.count(taken.c.room_id).filter(taken.c.is_guide).label("guides"),
        )
        .select_from(Room)
        .outerjoin(taken, taken.c.room_id == Room.id)
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
    rows = await work.session.execute(occupancy(session_id, now, now - SILENT_AFTER, now - ON_THE_WAY, without=without))
    return [room_now(row) for row in (dict(found) for found in rows.mappings())]
