"""Help calls."""

import uuid
from datetime import datetime

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from rooms.store.base import OfCentre


class HelpCall(OfCentre):
    """A participant asks for somebody. At most one open call a person."""

    __tablename__ = "help_call"
    __table_args__ = (
        Index("uq_help_call_open_person", "person_id", unique=True, postgresql_where=text("answered_at is null")),
    )

    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    session_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("session.id", ondelete="CASCADE"), index=True)
    asked_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
