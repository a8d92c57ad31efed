"""A session's round that is on or comes next, and one person's group in it: part of the statement of `now.py`."""

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import FromClause, and_, case, func, select
from sqlalchemy.orm import aliased

from rooms.people.records.persons import Person
from rooms.schedule.records import Invitation, Session
from rooms.seating.records import Group, GroupSeat, Round
from rooms.seating.rules.reasons import GroupSeatReason
from rooms.seating.service.by_clock import OPEN_ROOMS
from rooms.store.reader import Row, value
from rooms.supply.records import Room


@dataclass(frozen=True, slots=True)
class GroupNow:
    """A group and who sits in it, by first names of the people and guides. `name`: what a coordinator called it.

    `in_room`: whether it has a room; else its people stay in the big one. `hand_at`: since when this person has theirs
    up.
    """

    id: uuid.UUID
    number: int
    name: str | None
    reason: GroupSeatReason
    in_room: bool
    hand_at: datetime | None
    people: Sequence[tuple[uuid.UUID, str, bool]]


def turn_lateral() -> FromClause:
    """For a `Session` and an `Invitation` to it: the round that is on or comes next, and the person's group in it."""
    room, person, seat = aliased(Room), aliased(Person), aliased(GroupSeat)
    others = (
        select(func.jsonb_agg(func.jsonb_build_array(person.id, person.name, person.is_guide)))
        .select_from(seat)
        .join(person, person.id == seat.person_id)
        .where(seat.group_id == Group.id)
        .correlate(Group)
        .scalar_subquery()
    )
    return (
        select(
            Round.starts_at.label("turn_starts_at"),
            Round.ends_at.label("turn_ends_at"),
            Group.id.label("group_id"),
            Group.number.label("group_number"),
            Group.name.label("group_name"),
            GroupSeat.reason.label("group_reason"),
            GroupSeat.hand_at,
            room.id.label("group_room_id"),
            room.state.label("group_room_state"),
            room.url.label("group_room_url"),
            case((Group.id.is_not(None), others)).label("group_people"),
        )
        .select_from(Round)
        .outerjoin(GroupSeat, and_(GroupSeat.round_id == Round.id, GroupSeat.person_id == Invitation.person_id))
        .outerjoin(Group, Group.id == GroupSeat.group_id)
        .outerjoin(room, room.id == Group.room_id)
        .where(Round.session_id == Session.id, Round.ends_at > value("now", Round.ends_at))
        .order_by(Round.starts_at)
        .limit(1)
        .lateral("turn")
    )


def group_of(row: Row) -> GroupNow:
    """The group that a row of the statement holds."""
    return GroupNow(
        id=row["group_id"],
        number=row["group_number"],
        name=row["group_name"],
        reason=GroupSeatReason(row["group_reason"]),
        in_room=row["group_room_state"] in OPEN_ROOMS,
        hand_at=row["hand_at"],
        people=[(uuid.UUID(person), name, guide) for person, name, guide in json.loads(row["group_people"])],
    )
