"""Breakouts, what is planned into them, and what the planner knows of people: pairs and earlier meetings.

Rounds, groups and who sits in them are `seating`'s records.
"""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from rooms.breakout.rules.modes import Levels, Mode
from rooms.breakout.rules.pairs import PairKind
from rooms.store.base import OfCentre, Versioned, enum_by_value


class Agenda:
    """What a breakout is to be like; the same for one session and for a template. Minutes are whole ones."""

    mode: Mapped[Mode] = mapped_column(enum_by_value(Mode))
    levels: Mapped[Levels] = mapped_column(enum_by_value(Levels))
    #: In the big room, before the first round.
    lead_minutes: Mapped[int]
    rounds: Mapped[int]
    round_minutes: Mapped[int]
    #: In the big room, between two rounds; none: straight into the next group.
    pause_minutes: Mapped[int]
    #: Opens by itself when the session has run for `lead_minutes`.
    starts_itself: Mapped[bool]
    #: Merges groups that have become too small, without asking.
    merges_itself: Mapped[bool]


def _agenda_checks() -> tuple[CheckConstraint, ...]:
    return (
        CheckConstraint("rounds between 1 and 12", name="rounds"),
        CheckConstraint("round_minutes between 1 and 180", name="round_minutes"),
        CheckConstraint("pause_minutes between 0 and 60", name="pause_minutes"),
        CheckConstraint("lead_minutes between 0 and 240", name="lead_minutes"),
    )


class Breakout(Agenda, Versioned, OfCentre):
    """Group conversations of a session: a draft until it opens, closed when its last round is over.

    At most one of a session is not closed; `closed_at` may be written some time after the clock has closed it.
    """

    __tablename__ = "breakout"
    __table_args__ = (
        *_agenda_checks(),
        Index("uq_breakout_one_at_a_time", "session_id", unique=True, postgresql_where=text("closed_at is null")),
    )

    session_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("session.id", ondelete="CASCADE"), index=True)
    seed: Mapped[int]
    #: What the plan could not meet, as `planner.Unmet` in JSON.
    unmet: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default=list)
    planned_at: Mapped[datetime | None]
    opened_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class BreakoutTemplate(Agenda, OfCentre):
    """An agenda that a centre keeps under a name."""

    __tablename__ = "breakout_template"
    __table_args__ = (*_agenda_checks(), UniqueConstraint("centre_id", "name"))

    name: Mapped[str]
    created_at: Mapped[datetime]


class Pair(OfCentre):
    """Two people who are kept together, or apart, whenever groups are made. `reason` is for coordinators only."""

    __tablename__ = "pair"
    __table_args__ = (
        UniqueConstraint("one_id", "other_id"),
        CheckConstraint("one_id < other_id", name="smaller_id_first"),
    )

    one_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    other_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    kind: Mapped[PairKind] = mapped_column(enum_by_value(PairKind))
    reason: Mapped[str]
    created_at: Mapped[datetime]
    created_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))


class Meeting(OfCentre):
    """That two people were in a small room of a session at the same time, and for how long.

    `one` and `other` are pseudonyms (`rules.pairs.pseudonym`), the smaller first: the row names nobody.
    """

    __tablename__ = "meeting"
    __table_args__ = (
        UniqueConstraint("session_id", "one", "other"),
        CheckConstraint("one < other", name="smaller_pseudonym_first"),
        Index("ix_meeting_one", "one"),
        Index("ix_meeting_other", "other"),
        Index("ix_meeting_met_at", "met_at"),
    )

    session_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("session.id", ondelete="CASCADE"))
    one: Mapped[bytes] = mapped_column(LargeBinary)
    other: Mapped[bytes] = mapped_column(LargeBinary)
    seconds: Mapped[int]
    met_at: Mapped[datetime]


class Announcement(OfCentre):
    """A message to the groups of a breakout. `ready`: one of the ready-made ones, said in each reader's language.

    `group_numbers`: to which groups; empty: to all, the big room included.
    """

    __tablename__ = "announcement"
    __table_args__ = (CheckConstraint("(ready is null) <> (text is null)", name="ready_or_own_words"),)

    breakout_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("breakout.id", ondelete="CASCADE"), index=True)
    ready: Mapped[str | None]
    text: Mapped[str | None]
    group_numbers: Mapped[list[int]]
    sent_at: Mapped[datetime]


class ConversationCard(OfCentre):
    """A centre's own version of a card, or a card of its own. `key`: of the ready-made card that it takes the place of.

    `level`: 1–5, as people's level of Norwegian. A hidden card is not shown to guides.
    """

    __tablename__ = "conversation_card"
    __table_args__ = (
        UniqueConstraint("centre_id", "key"),
        CheckConstraint("level between 1 and 5", name="level"),
    )

    key: Mapped[str | None]
    level: Mapped[int]
    topic: Mapped[str]
    questions: Mapped[list[str]]
    is_hidden: Mapped[bool] = mapped_column(default=False)
    changed_at: Mapped[datetime]
