"""Rooms at the provider."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from rooms.store.base import OfCentre, enum_by_value
from rooms.supply.rules.room_life import RoomState, Size


class Room(OfCentre):
    """One room, of one session for its whole life. `url` is a secret: it leaves the server only for a valid seat."""

    __tablename__ = "room"
    __table_args__ = (
        UniqueConstraint("session_id", "number"),
        UniqueConstraint(
            "id", "session_id"
        ),  # what a seat's key points at, so that no seat is in another session's room
        CheckConstraint("state not in ('ready', 'in_use') or url is not null", name="open_rooms_have_an_address"),
        Index("ix_room_state_next_try_at", "state", "next_try_at"),
    )

    session_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("session.id", ondelete="CASCADE"))
    number: Mapped[int]
    size: Mapped[Size] = mapped_column(enum_by_value(Size))
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
    next_try_at: Mapped[datetime]
    #: While a worker is calling the provider for this room; free for another one afterwards.
    claimed_until: Mapped[datetime | None]
    changed_at: Mapped[datetime]
