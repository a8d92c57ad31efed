"""The audit log: appended to, never changed."""

import uuid
from datetime import datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from rooms.audit.rules import Event
from rooms.store.base import OfCentre, enum_by_value


class AuditEntry(OfCentre):
    """Who did what, when, for whom. Ids only, and no foreign keys: the entry outlives what it speaks of."""

    __tablename__ = "audit_entry"
    __table_args__ = (Index("ix_audit_entry_centre_id_at", "centre_id", "at"),)

    at: Mapped[datetime]
    event: Mapped[Event] = mapped_column(enum_by_value(Event))
    actor_id: Mapped[uuid.UUID | None]
    person_id: Mapped[uuid.UUID | None]
    session_id: Mapped[uuid.UUID | None]
