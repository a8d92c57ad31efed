"""Write the audit log, and read it."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select, tuple_

from rooms.audit.records import AuditEntry
from rooms.audit.rules import Area, Event, Place, area_of
from rooms.store.unit_of_work import UnitOfWork


def record(
    work: UnitOfWork,
    event: Event,
    *,
    centre_id: uuid.UUID,
    now: datetime,
    actor_id: uuid.UUID | None,
    person_id: uuid.UUID | None = None,
    session_id: uuid.UUID | None = None,
) -> None:
    """Add an entry to the transaction of the change it tells of. `actor_id` is None when the service itself acted."""
    work.session.add(
        AuditEntry(
            centre_id=centre_id, at=now, event=event, actor_id=actor_id, person_id=person_id, session_id=session_id
        )
    )


@dataclass(frozen=True, slots=True)
class Page:
    """Entries, newest first, and where to go on; None at the end of the log."""

    entries: Sequence[AuditEntry]
    older: Place | None


async def read(
    work: UnitOfWork,
    *,
    area: Area | None = None,
    person_id: uuid.UUID | None = None,
    after: Place | None = None,
    size: int = 50,
) -> Page:
    """A page of the log. `person_id`: what this person did and what was done for them. `after`: only older entries.

    A page stays the same while entries are added: it is counted from a place, not from the top.
    """
    wanted = select(AuditEntry).order_by(AuditEntry.at.desc(), AuditEntry.id.desc()).limit(size + 1)
    if area is not None:
        wanted = wanted.where(AuditEntry.event.in_([event for event in Event if area_of(event) is area]))
    if person_id is not None:
        wanted = wanted.where(or_(AuditEntry.actor_id == person_id, AuditEntry.person_id == person_id))
    if after is not None:
        wanted = wanted.where(tuple_(AuditEntry.at, AuditEntry.id) < (after.at, after.entry_id))
    found = (await work.session.scalars(wanted)).all()
    entries = found[:size]
    return Page(entries, Place(entries[-1].at, entries[-1].id) if len(found) > size else None)
