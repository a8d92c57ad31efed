"""Where a seat is at a moment: in its group's room while a round runs, else where it was given.

Everything that asks for a seat's room asks here, so that no timer has to fire for a round to begin or to end.
"""

import uuid
from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Subquery, and_, func, select

from rooms.seating.records import Group, GroupSeat, Round, Seat
from rooms.seating.rules.strangers import Place
from rooms.store.unit_of_work import UnitOfWork
from rooms.supply.records import Room
from rooms.supply.rules.room_life import RoomState

OPEN_ROOMS = (RoomState.READY, RoomState.IN_USE)


def in_groups(now: Any) -> Subquery:
    """Who is in a group's room by the clock: session_id, person_id, room_id, since."""
    return (
        select(
            Round.session_id,
            GroupSeat.person_id,
            Group.room_id,
            func.greatest(GroupSeat.changed_at, Round.starts_at).label("since"),
        )
        .join(GroupSeat, GroupSeat.round_id == Round.id)
        .join(Group, Group.id == GroupSeat.group_id)
        .join(Room, Room.id == Group.room_id)
        .where(Round.starts_at <= now, Round.ends_at > now, Room.state.in_(OPEN_ROOMS))
        .subquery("in_groups")
    )


async def room_of(work: UnitOfWork, seat: Seat, now: datetime) -> uuid.UUID | None:
    """The room where a seat is now; None on the waiting page."""
    return (await places_of(work, {seat.id}, now))[seat.id].room_id


async def places_of(work: UnitOfWork, seat_ids: Collection[uuid.UUID | None], now: datetime) -> dict[uuid.UUID, Place]:
    """Where those seats are now, and since when."""
    grouped = in_groups(now)
    last_end = (
        select(func.max(Round.ends_at))
        .where(Round.session_id == Seat.session_id, Round.ends_at <= now)
        .correlate(Seat)
        .scalar_subquery()
    )
    rows = await work.session.execute(
        select(
            Seat.id,
            func.coalesce(grouped.c.room_id, Seat.room_id),
            func.greatest(Seat.changed_at, grouped.c.since, last_end),
        )
        .outerjoin(grouped, and_(grouped.c.session_id == Seat.session_id, grouped.c.person_id == Seat.person_id))
        .where(Seat.id.in_(seat_ids))
    )
    return {seat_id: Place(room_id, since) for seat_id, room_id, since in rows}
