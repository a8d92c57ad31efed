"""Personal links and the devices that use them, calendar feeds, and staff's sign-ins. Of secrets only hashes."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from rooms.store.base import OfCentre


class Link(OfCentre):
    """A person's personal link. The code itself is derived from the row's id and the key `key_name` when it is sent."""

    __tablename__ = "link"
    __table_args__ = (
        Index("uq_link_current_person", "person_id", unique=True, postgresql_where=text("replaced_at is null")),
    )

    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    key_name: Mapped[str]
    code_hash: Mapped[bytes] = mapped_column(unique=True)
    made_at: Mapped[datetime]
    replaced_at: Mapped[datetime | None]


class Feed(OfCentre):
    """The private address at which calendars read a person's or a circle's sessions. Its code is made as a link's."""

    __tablename__ = "feed"
    __table_args__ = (
        CheckConstraint("(person_id is null) <> (circle_id is null)", name="of_one"),
        Index("uq_feed_current_person", "person_id", unique=True, postgresql_where=text("replaced_at is null")),
        Index("uq_feed_current_circle", "circle_id", unique=True, postgresql_where=text("replaced_at is null")),
    )

    person_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    circle_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("circle.id", ondelete="CASCADE"))
    key_name: Mapped[str]
    code_hash: Mapped[bytes] = mapped_column(unique=True)
    made_at: Mapped[datetime]
    replaced_at: Mapped[datetime | None]


class Device(OfCentre):
    """A browser that opened a personal link, known by a random cookie."""

    __tablename__ = "device"
    __table_args__ = (Index("uq_device_link_id_token_hash", "link_id", "token_hash", unique=True),)

    link_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("link.id", ondelete="CASCADE"))
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[bytes]
    first_seen_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    #: Set while this device stands outside because another one is inside with the same link.
    asked_at: Mapped[datetime | None]
    let_in_at: Mapped[datetime | None]


class SignIn(OfCentre):
    """A one-time e-mail link for staff.

    `browser_hash`: of the cookie of the browser that asked. In any other browser the `code_hash` code, shown where it
    was asked for, has to be typed, so that neither a mail scanner nor a thief of the mail gets in.
    """

    __tablename__ = "sign_in"

    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    browser_hash: Mapped[bytes | None]
    code_hash: Mapped[bytes | None]
    wrong_codes: Mapped[int] = mapped_column(default=0)
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
