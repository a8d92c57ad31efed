"""Guests: people from outside, asked to a session by a coordinator, whose link ends by itself."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete

from rooms.audit import service as audit
from rooms.audit.rules import Event
from rooms.people.records.persons import Person
from rooms.people.rules.roles import GuestRole
from rooms.people.service.persons import person_of
from rooms.store.unit_of_work import UnitOfWork
from rooms.store.wakeups import centre_topic, person_topic

#: What is known of a guest is erased so long after their visit.
KEPT_FOR = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class GuestFacts:
    """Who is asked, checked as a person's facts are. `until`: from then on the link opens nothing."""

    name: str
    role: GuestRole
    ui_language: str
    email: str | None
    until: datetime


async def add_guest(
    work: UnitOfWork, facts: GuestFacts, *, centre_id: uuid.UUID, actor_id: uuid.UUID, now: datetime
) -> Person:
    """A new guest, not invited to anything yet."""
    guest = Person(
        id=uuid.uuid4(),
        centre_id=centre_id,
        name=facts.name,
        languages=[],
        ui_language=facts.ui_language,
        email=facts.email,
        guest_role=facts.role,
        guest_until=facts.until,
        created_at=now,
    )
    work.session.add(guest)
    await work.session.flush()
    audit.record(work, Event.GUEST_INVITED, centre_id=centre_id, now=now, actor_id=actor_id, person_id=guest.id)
    return guest


async def end_guest(work: UnitOfWork, person_id: uuid.UUID, *, actor_id: uuid.UUID, now: datetime) -> Person:
    """A guest's link opens nothing from now on, and their page says so. Raises LookupError for whoever is no guest."""
    guest = await person_of(work, person_id)
    if guest.guest_until is None:
        raise LookupError("no guest")
    if guest.guest_until > now:
        guest.guest_until = now
        await work.session.flush()
        audit.record(work, Event.GUEST_ENDED, centre_id=guest.centre_id, now=now, actor_id=actor_id, person_id=guest.id)
    work.wake_pages(person_topic(person_id), centre_topic(guest.centre_id))
    return guest


async def erase_guests(work: UnitOfWork, now: datetime) -> list[uuid.UUID]:
    """Forget guests whose visit ended thirty days ago. Returns who they were."""
    gone = await work.session.scalars(
        delete(Person)
        .where(Person.guest_until <= now - KEPT_FOR)
        .returning(Person.id)
        .execution_options(synchronize_session=False)
    )
    return list(gone)
