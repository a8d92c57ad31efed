"""What people have said yes to: noted, and taken back."""

import uuid
from datetime import datetime

from sqlalchemy import select

from rooms.audit import service as audit
from rooms.audit.rules import Event
from rooms.people.records.consents import Consent
from rooms.people.rules.consent import ConsentKind, GivenHow
from rooms.people.rules.contact import PreferredWay
from rooms.people.service.persons import person_of
from rooms.store.unit_of_work import UnitOfWork


async def consents_of(work: UnitOfWork, person_id: uuid.UUID) -> list[Consent]:
    """Everything that a person has said yes to, the newest first, taken back or not."""
    query = select(Consent).where(Consent.person_id == person_id).order_by(Consent.given_at.desc(), Consent.id)
    return list(await work.session.scalars(query))


async def give(
    work: UnitOfWork, person_id: uuid.UUID, kind: ConsentKind, how: GivenHow, *, actor_id: uuid.UUID, now: datetime
) -> None:
    """Note that a person said yes. Nothing changes where that holds already. Raises LookupError."""
    # Locked, so that two coordinators note one yes between them.
    person = await person_of(work, person_id, for_change=True)
    if await _holding(work, person_id, kind) is not None:
        return
    work.session.add(
        Consent(centre_id=person.centre_id, person_id=person_id, kind=kind, how=how, given_at=now, recorded_by=actor_id)
    )
    await work.session.flush()
    audit.record(work, Event.CONSENT_GIVEN, centre_id=person.centre_id, now=now, actor_id=actor_id, person_id=person_id)


async def withdraw(
    work: UnitOfWork, person_id: uuid.UUID, kind: ConsentKind, *, actor_id: uuid.UUID, now: datetime
) -> None:
    """Note that a person took a yes back; nothing where none holds. Without a yes to messages they get none.

    Raises LookupError.
    """
    person = await person_of(work, person_id, for_change=True)
    consent = await _holding(work, person_id, kind)
    if consent is None:
        return
    consent.withdrawn_at = max(now, consent.given_at)
    if kind is ConsentKind.MESSAGES:
        person.preferred_way, person.wants_open_now = PreferredWay.NONE, False
    await work.session.flush()
    audit.record(
        work, Event.CONSENT_WITHDRAWN, centre_id=person.centre_id, now=now, actor_id=actor_id, person_id=person_id
    )


async def _holding(work: UnitOfWork, person_id: uuid.UUID, kind: ConsentKind) -> Consent | None:
    found: Consent | None = await work.session.scalar(
        select(Consent).where(Consent.person_id == person_id, Consent.kind == kind, Consent.withdrawn_at.is_(None))
    )
    return found
