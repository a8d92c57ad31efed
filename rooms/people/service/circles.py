"""Circles: made, changed, and who belongs to which."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from rooms.audit import service as audit
from rooms.audit.rules import Event
from rooms.people.records.circles import Circle, Membership
from rooms.people.records.persons import Person
from rooms.people.rules.circles import OnStranger
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


class NameTaken(Exception):
    """Two circles of a centre cannot have one name."""


@dataclass(frozen=True, slots=True)
class CircleFacts:
    """What a coordinator writes of a circle. `on_stranger`: None for what is usual for its kind."""

    name: str
    is_closed: bool
    on_stranger: OnStranger | None
    person_ids: Collection[uuid.UUID]


async def all_circles(work: UnitOfWork) -> list[tuple[Circle, int]]:
    """Every circle of the centre with how many are in it, by name."""
    rows = await work.session.execute(
        select(Circle, func.count(Person.id))
        .outerjoin(Membership, Membership.circle_id == Circle.id)
        .outerjoin(Person, (Person.id == Membership.person_id) & Person.left_at.is_(None))
        .group_by(Circle.id)
        .order_by(func.lower(Circle.name))
    )
    return [(circle, count) for circle, count in rows]


async def circle_of(work: UnitOfWork, circle_id: uuid.UUID) -> Circle:
    """A circle of the unit of work's centre. Raises LookupError."""
    circle: Circle | None = await work.session.scalar(select(Circle).where(Circle.id == circle_id))
    if circle is None:
        raise LookupError("no such circle")
    return circle


async def members_of(work: UnitOfWork, circle_id: uuid.UUID) -> frozenset[uuid.UUID]:
    """Who is in it and has not left the centre."""
    return frozenset(
        await work.session.scalars(
            select(Person.id)
            .join(Membership, Membership.person_id == Person.id)
            .where(Membership.circle_id == circle_id, Person.left_at.is_(None))
        )
    )


async def keep_circle(
    work: UnitOfWork,
    facts: CircleFacts,
    *,
    circle_id: uuid.UUID | None,
    version: int,
    centre_id: uuid.UUID,
    actor_id: uuid.UUID,
    now: datetime,
) -> Circle:
    """Write a circle and who is in it; a new one when `circle_id` is None.

    Raises LookupError, NameTaken, and StaleDataError when somebody else saved after `version` was read. After the last
    two the unit of work has to be rolled back before it is used again.
    """
    if circle_id is None:
        circle = Circle(id=uuid.uuid4(), centre_id=centre_id, created_at=now)
        work.session.add(circle)
    else:
        circle = await circle_of(work, circle_id)
        if circle.version != version:
            raise StaleDataError("changed by somebody else")
    circle.name, circle.is_closed, circle.on_stranger = facts.name, facts.is_closed, facts.on_stranger
    try:
        await work.session.flush()
    except IntegrityError as error:
        raise NameTaken from error
    await _set_members(work, circle, facts.person_ids, now)
    event = Event.CIRCLE_ADDED if circle_id is None else Event.CIRCLE_CHANGED
    audit.record(work, event, centre_id=centre_id, now=now, actor_id=actor_id)
    return circle


async def _set_members(work: UnitOfWork, circle: Circle, person_ids: Collection[uuid.UUID], now: datetime) -> None:
    """Those and nobody else. Whoever left the centre, is a guest, or is of another centre is passed over."""
    known = (
        await work.session.scalars(
            select(Person.id).where(Person.id.in_(person_ids), Person.left_at.is_(None), Person.guest_role.is_(None))
        )
    ).all()
    await work.session.execute(
        delete(Membership).where(Membership.circle_id == circle.id, Membership.person_id.not_in(known))
    )
    rows = [
        {"id": uuid.uuid4(), "centre_id": circle.centre_id, "circle_id": circle.id, "person_id": person_id,
         "joined_at": now}
        for person_id in known
    ]  # fmt: skip
    if rows:
        await work.session.execute(
            insert(Membership).on_conflict_do_nothing(index_elements=["circle_id", "person_id"]), rows
        )
