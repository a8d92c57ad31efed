"""Sessions and who is invited to them."""

import uuid
from datetime import datetime, time, timedelta

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, true
from sqlalchemy.orm import Mapped, mapped_column

from rooms.schedule.rules.formats import Answer, DeviceCheck, Format
from rooms.schedule.rules.life import SessionState, session_state
from rooms.schedule.rules.standing import Renewal
from rooms.store.base import OfCentre, Versioned, enum_by_value


class Series(OfCentre):
    """What was planned in one go: sessions that come again and again. Each of them is changed by itself.

    Its `id` comes with the form, so that sending the form twice plans one series.
    """

    __tablename__ = "series"

    title: Mapped[str]
    created_at: Mapped[datetime]


class Session(Versioned, OfCentre):
    """One occurrence with a start and an end. It opens `opens_before_minutes` ahead of its start."""

    __tablename__ = "session"
    __table_args__ = (
        CheckConstraint("ends_at > starts_at", name="ends_after_start"),
        CheckConstraint("opens_before_minutes between 0 and 120", name="opens_before"),
        Index("ix_session_centre_id_starts_at", "centre_id", "starts_at"),
        Index("ix_session_ends_at", "ends_at"),
    )

    title: Mapped[str]
    format: Mapped[Format] = mapped_column(enum_by_value(Format))
    circle_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("circle.id", ondelete="SET NULL"))
    series_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("series.id", ondelete="SET NULL"), index=True)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    opens_before_minutes: Mapped[int] = mapped_column(default=10)
    cancelled_at: Mapped[datetime | None]
    #: When its times were last changed.
    moved_at: Mapped[datetime | None]
    remind_day_before: Mapped[bool] = mapped_column(default=True, server_default=true())
    remind_hour_before: Mapped[bool] = mapped_column(default=True, server_default=true())
    #: Small rooms that its group conversations need at a time, beside the XL room.
    breakout_rooms: Mapped[int] = mapped_column(default=0, server_default="0")
    #: Of which standing room it is one day. Nobody is written to about such a session.
    standing_room_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("standing_room.id", ondelete="SET NULL"), index=True
    )
    #: When a coordinator ended it for all, ahead of `ends_at`.
    ended_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    created_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))

    @property
    def opens_at(self) -> datetime:
        """From when the rooms let people in."""
        return self.starts_at - timedelta(minutes=self.opens_before_minutes)

    def state_at(self, now: datetime) -> SessionState:
        """Where it stands in its life."""
        return session_state(
            now,
            opens_at=self.opens_at,
            starts_at=self.starts_at,
            ends_at=self.ends_at,
            cancelled_at=self.cancelled_at,
            ended_at=self.ended_at,
        )


class StandingRoom(Versioned, OfCentre):
    """A circle's open drop-in: a session on each of its days, laid out ahead, to which all members may come.

    `opens` and `closes` are of the centre's own clock, `weekdays` 1 (Monday) to 7.
    """

    __tablename__ = "standing_room"
    __table_args__ = (
        CheckConstraint("closes > opens", name="closes_after_opening"),
        UniqueConstraint("circle_id"),
    )

    circle_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("circle.id", ondelete="CASCADE"))
    opens: Mapped[time]
    closes: Mapped[time]
    weekdays: Mapped[list[int]]
    renewal: Mapped[Renewal] = mapped_column(enum_by_value(Renewal))
    created_at: Mapped[datetime]
    #: From then on no more days are laid out.
    stopped_at: Mapped[datetime | None]


class Invitation(OfCentre):
    """That a person is asked to a session, and how far they have come on their way in."""

    __tablename__ = "invitation"
    __table_args__ = (UniqueConstraint("session_id", "person_id"),)

    session_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("session.id", ondelete="CASCADE"))
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    invited_at: Mapped[datetime]
    #: When the person's page first told of a living browser: not when a scanner fetched the link.
    opened_at: Mapped[datetime | None]
    answer: Mapped[Answer | None] = mapped_column(enum_by_value(Answer))
    answered_at: Mapped[datetime | None]
    device_check: Mapped[DeviceCheck | None] = mapped_column(enum_by_value(DeviceCheck))
    device_checked_at: Mapped[datetime | None]
