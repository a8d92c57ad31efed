"""The outbox, and what centres have worded themselves."""

import uuid
from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from rooms.messages.rules import Audience, Channel, Kind, MessageState, PostText
from rooms.store.base import Base, OfCentre, Versioned, enum_by_value


class Message(OfCentre):
    """Something that must reach a person, written in the transaction of its cause. `id` makes its Message-ID.

    What it says, and whether it still holds, is found out from `cause_id` (a session, a sign-in) when it is sent.
    """

    __tablename__ = "message"
    __table_args__ = (
        Index("ix_message_due", "priority", "place", postgresql_where=text("state in ('due', 'sending')")),
        # For the place of a centre's next message.
        Index("ix_message_last_place", "centre_id", "priority", "place", postgresql_where=text("state = 'due'")),
        Index("ix_message_session_id", "session_id"),
        Index("ix_message_cause_id", "cause_id"),
    )

    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    session_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("session.id", ondelete="CASCADE"))
    kind: Mapped[Kind] = mapped_column(enum_by_value(Kind))
    channel: Mapped[Channel] = mapped_column(enum_by_value(Channel))
    idempotency_key: Mapped[str] = mapped_column(unique=True)
    cause_id: Mapped[uuid.UUID]
    state: Mapped[MessageState] = mapped_column(enum_by_value(MessageState), default=MessageState.DUE)
    #: Smaller goes first.
    priority: Mapped[int] = mapped_column(default=100)
    #: Then the earlier place, so that centres take turns: `messages.rules.PLACE_APART`.
    place: Mapped[datetime] = mapped_column(server_default=func.now())
    created_at: Mapped[datetime]
    #: Not before this; while `sending`, the end of the lease: later, another worker takes over.
    next_try_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime | None]
    #: When a gateway said that it is on the phone; mail servers say no such thing.
    delivered_at: Mapped[datetime | None]
    #: SMTP code or the name of an error of ours, never text from outside.
    error: Mapped[str | None]
    #: Why the way that was tried first failed, once the message has gone over to the other one; or that a coordinator
    #: chose the way. Either way no third one is tried.
    first_error: Mapped[str | None]


class ChannelPause(Base):
    """A channel of which nobody was there: until `until` nobody tries; then one message is sent to see."""

    __tablename__ = "channel_pause"

    channel: Mapped[Channel] = mapped_column(enum_by_value(Channel), primary_key=True)
    since: Mapped[datetime]
    until: Mapped[datetime]
    #: How often in a row nobody was there.
    failures: Mapped[int]
    #: SMTP code or the name of an error of ours.
    error: Mapped[str]


class MessageText(Versioned, OfCentre):
    """A centre's own words for messages of a kind in a language, with placeholders: `messages.wording`."""

    __tablename__ = "message_text"
    __table_args__ = (UniqueConstraint("centre_id", "kind", "language"),)

    kind: Mapped[Kind] = mapped_column(enum_by_value(Kind))
    language: Mapped[str]
    subject: Mapped[str]
    body: Mapped[str]


class Post(OfCentre):
    """What a coordinator wrote to many people at once. `texts`: by language, each with `subject` and `words`.

    Its `id` comes with the form, so that the same form sent twice is one post.
    """

    __tablename__ = "post"

    audience: Mapped[Audience] = mapped_column(enum_by_value(Audience))
    circle_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("circle.id", ondelete="SET NULL"))
    session_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("session.id", ondelete="SET NULL"))
    texts: Mapped[dict[str, dict[str, str]]] = mapped_column(JSONB)
    sent_at: Mapped[datetime]
    sent_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))

    @property
    def worded(self) -> dict[str, PostText]:
        """The texts, as `messages.rules` takes them."""
        return {language: PostText(text["subject"], text["words"]) for language, text in self.texts.items()}
