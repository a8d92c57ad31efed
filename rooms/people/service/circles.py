"""Circles: who belongs to which."""

import uuid
from dataclasses import dataclass

from sqlalchemy import func, select

from rooms.people.records.circles import Circle, Membership
from rooms.people.records.persons import Person
from rooms.store.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class CircleMembers:
    """A circle and everybody in it who has not left the centre."""

    id: uuid.UUID
    name: str
    person_ids: frozenset[uuid.UUID]


async def list_circles(work: UnitOfWork) -> list[CircleMembers]:
    """All circles of the centre that have somebody in them, by name. One query."""
    rows = await work.session.execute(
        select(Circle.id, Circle.name, func.array_agg(Membership.person_id))
        .join(Membership, Membership.circle_id == Circle.id)
        .join(Person, Person.id == Membership.person_id)
        .where(Person.left_at.is_(None))
        .group_by(Circle.id)
        .order_by(Circle.name)
    )
    return [CircleMembers(circle_id, name, frozenset(person_ids)) for circle_id, name, person_ids in rows]
