"""Seats (where each person should be), presence (who was there when), and the provider's events as they came.

The rounds of breakouts and who sits in which group are here too, since a seat follows from them by the clock. How they
come about is `rooms.breakout`'s.
"""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from rooms.seating.rules.reasons import EventOutcome, GroupSeatReason, SeatReason, StrangerAnswer, StrangerKind
from rooms.store.base import Identified, OfCentre, enum_by_value


class Seat(OfCentre):
    """Where a person should be now in a session: in a room, or, without one, on the waiting page.

    `id` is the person's pseudonymous `externalId` at the provider. `version` counts the changes, so that a page can
    tell an old answer from a new one.
    """

    __tablename__ = "seat"
    __table_args__ = (
        UniqueConstraint("session_id", "person_id"),
        ForeignKeyConstraint(
            ["room_id", "session_id"],
            ["room.id", "room.session_id"],
            name="fk_seat_room_of_the_session",
            ondelete="CASCADE",
        ),
    )

    session_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("session.id", ondelete="CASCADE"))
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    room_id: Mapped[uuid.UUID | None] = mapped_column(index=True)
    version: Mapped[int] = mapped_column(default=1)
    reason: Mapped[SeatReason] = mapped_column(enum_by_value(SeatReason))
    changed_at: Mapped[datetime]


class Round(OfCentre):
    """A span of a session in which people sit in groups. From `starts_at` until `ends_at` their seats are there.

    Both are empty until the breakout opens. When it ends everybody's seat is where it was before, by the clock alone.
    """

    __tablename__ = "breakout_round"
    __table_args__ = (
        UniqueConstraint("breakout_id", "number"),
        UniqueConstraint("id", "session_id"),
        CheckConstraint("(starts_at is null) = (ends_at is null)", name="both_times"),
        CheckConstraint("ends_at >= starts_at", name="ends_after_start"),
        Index("ix_breakout_round_session_id_ends_at", "session_id", "ends_at"),
    )

    session_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("session.id", ondelete="CASCADE"))
    breakout_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("breakout.id", ondelete="CASCADE"))
    number: Mapped[int]
    starts_at: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]


class Group(OfCentre):
    """One small room's people in a round. Without a room its people stay where they were.

    `name`: what a coordinator called it; else it goes by its number. `most`: how many may choose it, where people do.
    """

    __tablename__ = "breakout_group"
    __table_args__ = (
        UniqueConstraint("round_id", "number"),
        UniqueConstraint("round_id", "room_id"),  # no room has two groups at once
        UniqueConstraint("id", "round_id"),
        ForeignKeyConstraint(
            ["round_id", "session_id"],
            ["breakout_round.id", "breakout_round.session_id"],
            name="fk_breakout_group_round_of_the_session",
            ondelete="CASCADE",
        ),
        ForeignKeyConstraint(
            ["room_id", "session_id"], ["room.id", "room.session_id"], name="fk_breakout_group_room_of_the_session"
        ),
        Index("ix_breakout_group_room_id", "room_id"),
    )

    session_id: Mapped[uuid.UUID]
    round_id: Mapped[uuid.UUID]
    number: Mapped[int]
    name: Mapped[str | None]
    most: Mapped[int | None]
    room_id: Mapped[uuid.UUID | None]


class GroupSeat(OfCentre):
    """A person's seat in a group for a round; without a group they stay in the big room, by decision.

    `hand_at`: since when they have their hand up. `is_locked`: a coordinator put them there, and planning leaves it so.
    """

    __tablename__ = "breakout_seat"
    __table_args__ = (
        UniqueConstraint("round_id", "person_id"),  # nobody is in two groups at once
        ForeignKeyConstraint(
            ["group_id", "round_id"],
            ["breakout_group.id", "breakout_group.round_id"],
            name="fk_breakout_seat_group_of_the_round",
            ondelete="CASCADE",
        ),
        Index("ix_breakout_seat_group_id", "group_id"),
    )

    round_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("breakout_round.id", ondelete="CASCADE"))
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    group_id: Mapped[uuid.UUID | None]
    reason: Mapped[GroupSeatReason] = mapped_column(enum_by_value(GroupSeatReason))
    is_locked: Mapped[bool] = mapped_column(default=False)
    hand_at: Mapped[datetime | None]
    changed_at: Mapped[datetime]


class Presence(OfCentre):
    """A stay of a person in a room. Open (`left_at` empty) while the witnesses say that they are there."""

    __tablename__ = "presence"
    __table_args__ = (
        Index("uq_presence_open_seat", "seat_id", "room_id", unique=True, postgresql_where=text("left_at is null")),
        Index("ix_presence_centre_id_joined_at", "centre_id", "joined_at"),
    )

    seat_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("seat.id", ondelete="CASCADE"), index=True)
    room_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("room.id", ondelete="CASCADE"), index=True)
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    #: The browser it was seen in, when the page itself is the witness.
    device_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("device.id", ondelete="SET NULL"))
    joined_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    left_at: Mapped[datetime | None]


class RoomClient(OfCentre):
    """One browser in a room, as the provider's events tell of it. `participant_id` is the provider's.

    `seat_id`: whose it is. Empty for a stranger. `name` is what a stranger calls themselves, for whoever decides; it is
    dropped with the decision.
    """

    __tablename__ = "room_client"
    __table_args__ = (UniqueConstraint("room_id", "participant_id"),)

    room_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("room.id", ondelete="CASCADE"))
    participant_id: Mapped[str]
    seat_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("seat.id", ondelete="CASCADE"), index=True)
    name: Mapped[str | None]
    #: Empty when only the goodbye has been heard of so far.
    joined_at: Mapped[datetime | None]
    left_at: Mapped[datetime | None]


class Stranger(OfCentre):
    """An alert: somebody is in a room who, as far as we know, should not be. Open until somebody decides."""

    __tablename__ = "stranger"
    __table_args__ = (Index("ix_stranger_open", "centre_id", postgresql_where=text("answer is null")),)

    client_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("room_client.id", ondelete="CASCADE"), unique=True)
    room_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("room.id", ondelete="CASCADE"), index=True)
    session_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("session.id", ondelete="CASCADE"), index=True)
    kind: Mapped[StrangerKind] = mapped_column(enum_by_value(StrangerKind))
    seen_at: Mapped[datetime]
    answer: Mapped[StrangerAnswer | None] = mapped_column(enum_by_value(StrangerAnswer))
    answered_at: Mapped[datetime | None]
    #: Empty when the room rotated by itself.
    answered_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))


class ProviderEvent(Identified):
    """A webhook as it came, kept until it is worked on. `event_id` is the provider's, so a repeat is dropped."""

    __tablename__ = "provider_event"
    __table_args__ = (Index("ix_provider_event_open", "received_at", postgresql_where=text("outcome is null")),)

    event_id: Mapped[str] = mapped_column(unique=True)
    type: Mapped[str]
    body: Mapped[str]
    received_at: Mapped[datetime]
    outcome: Mapped[EventOutcome | None] = mapped_column(enum_by_value(EventOutcome))
