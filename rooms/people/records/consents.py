"""What people have said yes to."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from rooms.people.rules.consent import ConsentKind, GivenHow
from rooms.store.base import OfCentre, enum_by_value


class Consent(OfCentre):
    """That a person said yes to something, when and how, and when they took it back. At most one of a kind holds."""

    __tablename__ = "consent"
    __table_args__ = (
        CheckConstraint("withdrawn_at >= given_at", name="withdrawn_after_given"),
        Index("uq_consent_one_holds", "person_id", "kind", unique=True, postgresql_where=text("withdrawn_at is null")),
    )

    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    kind: Mapped[ConsentKind] = mapped_column(enum_by_value(ConsentKind))
    how: Mapped[GivenHow] = mapped_column(enum_by_value(GivenHow))
    given_at: Mapped[datetime]
    recorded_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    withdrawn_at: Mapped[datetime | None]
