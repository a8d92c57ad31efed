"""Help calls."""

import uuid
from datetime import datetime

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from rooms.store.base import OfCentre


class HelpCall(OfCentre):
    """A participant asks for somebody, or stands outside for too long. At most one open call a person."""

    __tablename__ = "help_call"
    __table_args__ = (
        Index("uq_help_call_open_person", "person_id", unique=True, postgresql_where=text("answered_at is null")),
        Index("ix_help_call_person_id_asked_at", "person_id", "asked_at"),
    )

    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    session_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("session.id", ondelete="CASCADE"), index=True)
    asked_at: Mapped[datetime]
    #: Since when the person stood outside, where nobody asked but the desk saw it; None once they ask themselves.
    stuck_since: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    #: Empty too for a call of the desk whose person got in without help.
    answered_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
