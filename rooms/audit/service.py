"""Write the audit log."""

import uuid
from datetime import datetime

from rooms.audit.records import AuditEntry
from rooms.audit.rules import Event
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
