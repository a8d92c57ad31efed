"""Rooms at the provider: those of sessions, spare ones, and what cannot be supplied in time."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from rooms.store.base import Identified, OfCentre, enum_by_value
from rooms.supply.rules.room_life import RoomError, RoomState, Size

_OPEN_HAS_ADDRESS = "state not in ('ready', 'in_use') or url is not null"


class AtProvider(Identified):
    """What is known of a room at the provider. `url` is a secret: it leaves the server only for a valid seat."""

    __abstract__ = True

    state: Mapped[RoomState] = mapped_column(enum_by_value(RoomState), default=RoomState.WANTED)
    #: Begins the room's name at the provider, and finds a room again whose creation got no answer.
    prefix: Mapped[str] = mapped_column(unique=True)
    meeting_id: Mapped[str | None] = mapped_column(unique=True)
    url: Mapped[str | None] = mapped_column(unique=True)
    host_url: Mapped[str | None]
    #: How many people the provider says it lets in. Whereby does not say; the embedded room server without an SFU does.
    capacity: Mapped[int | None]
    #: From then on the provider may drop the room.
    end_date: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    #: Since when the provider owes us an answer about making it. It may exist there without our knowing.
    asked_at: Mapped[datetime | None]
    last_error: Mapped[RoomError | None] = mapped_column(enum_by_value(RoomError))
    next_try_at: Mapped[datetime]
    #: While a worker is calling the provider for this room; free for another one afterwards.
    claimed_until: Mapped[datetime | None]
    changed_at: Mapped[datetime]


class Room(AtProvider, OfCentre):
    """One room, of one session for its whole life.

    `number` is what people know it by. A room that takes another one's place has its number and the next `generation`.
    """

    __tablename__ = "room"
    __table_args__ = (
        UniqueConstraint("session_id", "number", "generation"),
        UniqueConstraint(
            "id", "session_id"
        ),  # what a seat's key points at, so that no seat is in another session's room
        CheckConstraint(_OPEN_HAS_ADDRESS, name="open_rooms_have_an_address"),
        Index("ix_room_state_next_try_at", "state", "next_try_at"),
    )

    session_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("session.id", ondelete="CASCADE"))
    number: Mapped[int]
    generation: Mapped[int] = mapped_column(default=1, server_default="1")
    size: Mapped[Size] = mapped_column(enum_by_value(Size))


class SpareRoom(AtProvider):
    """A room of no session yet, made ahead: the pool. It is of the provider's larger kind, which serves either size.

    When a session needs it, what is known of it goes over to the session's `Room`, and this row is deleted.
    """

    __tablename__ = "spare_room"
    __table_args__ = (
        CheckConstraint(_OPEN_HAS_ADDRESS, name="open_rooms_have_an_address"),
        Index("ix_spare_room_state_next_try_at", "state", "next_try_at"),
    )


class Shortage(OfCentre):
    """A session whose rooms cannot all be ready when it opens, as the last look at the supply found."""

    __tablename__ = "shortage"

    session_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("session.id", ondelete="CASCADE"), unique=True)
    #: Rooms that will be missing when it opens, of how many.
    missing: Mapped[int]
    needed: Mapped[int]
    #: When the last of them will be there, at the provider's pace.
    complete_at: Mapped[datetime]
    found_at: Mapped[datetime]
