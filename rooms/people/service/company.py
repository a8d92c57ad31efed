"""With whom somebody sits in small groups, when that is only the members of a closed circle."""

import uuid
from dataclasses import dataclass

from sqlalchemy import exists, func, or_, select, true

from rooms.people.records.circles import Circle, Membership
from rooms.people.records.persons import Person
from rooms.store.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class CompanyCircle:
    """A circle to whose members somebody can be kept. `is_member`: they are in it, and it is closed."""

    id: uuid.UUID
    name: str
    is_member: bool


async def company_circles(work: UnitOfWork, person: Person) -> list[CompanyCircle]:
    """The closed circles that somebody is in, by name; and the one that they are kept to, whatever became of it.

    Whoever leaves that circle, or whose circle is opened, stays kept to it until a coordinator decides otherwise:
    nobody's protection ends as a side effect. Until then groups hold fewer people for them, never others.
    """
    is_member = Circle.is_closed & exists().where(Membership.circle_id == Circle.id, Membership.person_id == person.id)
    rows = await work.session.execute(
        select(Circle.id, Circle.name, is_member)
        .where(or_(is_member, Circle.id == person.company_circle_id))
        .order_by(func.lower(Circle.name))
    )
    return [CompanyCircle(*row) for row in rows]


async def kept_from_outside(work: UnitOfWork, circle: Circle) -> list[Person]:
    """Who is kept to a circle's members though they are none of them, or though the circle is open to all."""
    is_member = exists().where(Membership.circle_id == circle.id, Membership.person_id == Person.id)
    return list(
        await work.session.scalars(
            select(Person)
            .where(Person.company_circle_id == circle.id, Person.left_at.is_(None))
            .where(~is_member if circle.is_closed else true())
            .order_by(Person.name)
        )
    )
