"""People of a centre: add, change, list."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from config import clock
from rooms.audit import service as audit
from rooms.audit.rules import Event
from rooms.people.records.centres import Centre
from rooms.people.records.persons import Person
from rooms.people.rules.contact import PreferredWay
from rooms.people.rules.roles import Company, StaffRole
from rooms.people.service.company import company_circles
from rooms.store.unit_of_work import UnitOfWork


class EmailTaken(Exception):
    """Two coordinators of a centre cannot sign in with the same address."""


class NotTheirCircle(Exception):
    """Somebody can be kept to the members of a closed circle only if they are one of them."""


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """What a centre knows of a person, already checked (`people.rules.contact`).

    `languages`: codes of `people.rules.languages`, mother tongue first. `email` and `phone` may be None.
    `company_circle_id`: with `Company.CIRCLE`, of which circle.
    """

    name: str
    ui_language: str
    languages: Sequence[str] = ()
    norwegian_level: int | None = None
    email: str | None = None
    phone: str | None = None
    is_guide: bool = False
    staff_role: StaffRole | None = None
    company: Company = Company.ANYONE
    company_circle_id: uuid.UUID | None = None
    is_woman: bool = False
    wants_open_now: bool = False
    preferred_way: PreferredWay = PreferredWay.EMAIL


async def add_person(
    work: UnitOfWork, facts: PersonFacts, *, centre_id: uuid.UUID, actor_id: uuid.UUID | None, now: datetime
) -> Person:
    """A new person of a centre. Raises NotTheirCircle: they are in no circle yet."""
    if facts.company is Company.CIRCLE:
        raise NotTheirCircle
    person = Person(id=uuid.uuid4(), centre_id=centre_id, created_at=now, staff_role=facts.staff_role)
    _write(person, facts)
    work.session.add(person)
    await work.session.flush()
    audit.record(work, Event.PERSON_ADDED, centre_id=centre_id, now=now, actor_id=actor_id, person_id=person.id)
    return person


async def add_people(
    work: UnitOfWork,
    everybody: Sequence[PersonFacts],
    *,
    centre_id: uuid.UUID,
    import_list_id: uuid.UUID,
    actor_id: uuid.UUID,
    now: datetime,
) -> None:
    """New people of a centre, as many as came with a list: participants who are in no circle yet."""
    for facts in everybody:
        person = Person(id=uuid.uuid4(), centre_id=centre_id, created_at=now, import_list_id=import_list_id)
        _write(person, facts)
        work.session.add(person)
        audit.record(work, Event.PERSON_ADDED, centre_id=centre_id, now=now, actor_id=actor_id, person_id=person.id)
    await work.session.flush()


async def change_person(
    work: UnitOfWork, person_id: uuid.UUID, facts: PersonFacts, *, version: int, actor_id: uuid.UUID, now: datetime
) -> Person:
    """Write what a form says. A staff role stays as it is: it is given elsewhere.

    Raises LookupError, NotTheirCircle, EmailTaken, and StaleDataError when somebody else saved after `version` was
    read. After the last two the unit of work has to be rolled back before it is used again.
    """
    person = await person_of(work, person_id)
    if person.version != version:
        raise StaleDataError("changed by somebody else")
    if facts.company is Company.CIRCLE and facts.company_circle_id not in {
        circle.id for circle in await company_circles(work, person)
    }:
        raise NotTheirCircle
    _write(person, facts)
    try:
        await work.session.flush()
    except IntegrityError as error:
        raise EmailTaken from error
    audit.record(
        work, Event.PERSON_CHANGED, centre_id=person.centre_id, now=now, actor_id=actor_id, person_id=person.id
    )
    return person


async def person_of(work: UnitOfWork, person_id: uuid.UUID, *, for_change: bool = False) -> Person:
    """A person of the unit of work's centre; `for_change`: nobody else changes them meanwhile. Raises LookupError."""
    query = select(Person).where(Person.id == person_id)
    person: Person | None = await work.session.scalar(query.with_for_update() if for_change else query)
    if person is None:
        raise LookupError("no such person")
    return person


async def persons_named(work: UnitOfWork, person_ids: Collection[uuid.UUID]) -> list[Person]:
    """Those of these people who have not left, by name."""
    found = await work.session.scalars(
        select(Person)
        .where(Person.id.in_(person_ids), Person.left_at.is_(None))
        .order_by(func.lower(Person.name), Person.id)
    )
    return list(found)


async def list_persons(work: UnitOfWork) -> list[Person]:
    """Everybody who has not left, by name. No guests. To look for somebody: `seating.service.find_people`."""
    query = select(Person).where(Person.left_at.is_(None), Person.guest_role.is_(None)).order_by(Person.name)
    return list(await work.session.scalars(query))


@dataclass(frozen=True, slots=True)
class Staff:
    """Who works in the dashboard, and for which centre: what its frame shows."""

    name: str
    centre_name: str


async def staff(work: UnitOfWork, person_id: uuid.UUID) -> Staff:
    """The person at the dashboard. Raises LookupError."""
    row = (
        await work.session.execute(
            select(Person.name, Centre.name).join(Centre, Centre.id == Person.centre_id).where(Person.id == person_id)
        )
    ).one_or_none()
    if row is None:
        raise LookupError("no such person")
    return Staff(*row)


@dataclass(frozen=True, slots=True)
class Addressee:
    """Whom a message goes to, and in whose name. `email` and `phone` (E.164) are None for whoever has left."""

    name: str
    language: str
    email: str | None
    centre_name: str
    centre_email: str
    centre_phone: str
    preferred_way: PreferredWay = PreferredWay.EMAIL
    phone: str | None = None
    zone: ZoneInfo = clock.OSLO


async def addressees(work: UnitOfWork, person_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, Addressee]:
    """Those people as messages need them. One query."""
    rows = await work.session.execute(
        select(Person, Centre).join(Centre, Centre.id == Person.centre_id).where(Person.id.in_(person_ids))
    )
    return {
        person.id: Addressee(
            name=person.name,
            language=person.ui_language,
            email=person.email if person.left_at is None else None,
            centre_name=centre.name,
            centre_email=centre.email,
            centre_phone=centre.phone,
            preferred_way=person.preferred_way,
            phone=person.phone if person.left_at is None else None,
            zone=ZoneInfo(centre.zone),
        )
        for person, centre in rows
    }


def _write(person: Person, facts: PersonFacts) -> None:
    person.name = facts.name
    person.ui_language = facts.ui_language
    person.languages = list(facts.languages)
    person.norwegian_level = facts.norwegian_level
    person.email = facts.email
    person.phone = facts.phone
    person.is_guide = facts.is_guide
    person.company = facts.company
    person.company_circle_id = facts.company_circle_id if facts.company is Company.CIRCLE else None
    person.is_woman = facts.is_woman
    person.wants_open_now = facts.wants_open_now
    person.preferred_way = facts.preferred_way


async def names_of(work: UnitOfWork, ids: Collection[uuid.UUID]) -> dict[uuid.UUID, str]:
    """Names by id. Whoever was erased is not among them."""
    rows = await work.session.execute(select(Person.id, Person.name).where(Person.id.in_(ids)))
    return {row.id: row.name for row in rows}
