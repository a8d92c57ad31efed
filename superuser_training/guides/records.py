"""The guide log."""

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, true
from sqlalchemy.orm import Mapped, mapped_column

from rooms.store.base import OfCentre, enum_by_value
from superuser_training.guides.rules import Hours, Logged, LogKind, Span


class LogLine(OfCentre):
    """Something that happened on somebody's way as a guide. Lines are added, never changed: standing follows from them.

    `version`: of the module's text that was passed, or of the pledge that was signed. `written_by`: the witness.
    """

    __tablename__ = "guide_log"

    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    kind: Mapped[LogKind] = mapped_column(enum_by_value(LogKind))
    subject: Mapped[str]
    version: Mapped[str]
    at: Mapped[datetime]
    written_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))

    def logged(self) -> Logged:
        """As the rules need it."""
        return Logged(self.kind, self.at, self.subject)


class GuideHours(OfCentre):
    """When and how a guide wants to be asked. `weekly`: `Span`s as text, by the centre's clock."""

    __tablename__ = "guide_hours"
    __table_args__ = (CheckConstraint("away_from <= away_until", name="away_in_order"),)

    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), unique=True)
    weekly: Mapped[list[str]] = mapped_column(default=list)
    away_from: Mapped[date | None]
    away_until: Mapped[date | None]
    on_duty_until: Mapped[datetime | None]
    by_page: Mapped[bool] = mapped_column(default=True, server_default=true())
    by_sms: Mapped[bool] = mapped_column(default=True, server_default=true())
    by_email: Mapped[bool] = mapped_column(default=True, server_default=true())

    def hours(self) -> Hours:
        """As the rules need it."""
        away = (self.away_from, self.away_until) if self.away_from and self.away_until else None
        return Hours(tuple(Span.read(text) for text in self.weekly), away, self.on_duty_until)
