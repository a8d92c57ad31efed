"""Conversation cards of a centre: the ready-made ones, as far as it has not put its own in their place."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from rooms.audit import service as audit
from rooms.audit.rules import Event
from rooms.breakout.records import ConversationCard
from rooms.breakout.rules.ready_cards import READY_CARDS
from rooms.store.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class CentreCard:
    """A card as a centre has it. `name`: in addresses. `changed_at`: by the centre; None: as it was made ready."""

    name: str
    level: int
    topic: str
    questions: Sequence[str]
    is_hidden: bool = False
    changed_at: datetime | None = None

    @property
    def is_ready_made(self) -> bool:
        """Whether there is a ready-made card behind it."""
        return self.name in READY_CARDS


@dataclass(frozen=True, slots=True)
class CardFacts:
    """What a centre writes on a card. A hidden one is not shown to guides."""

    level: int
    topic: str
    questions: Sequence[str]
    is_hidden: bool


async def all_cards(work: UnitOfWork) -> list[CentreCard]:
    """All cards, hidden ones too, by level and topic."""
    rows = (await work.session.scalars(select(ConversationCard))).all()
    found = {
        name: CentreCard(name, row.level, row.topic, row.questions, row.is_hidden, row.changed_at)
        for row in rows
        for name in [row.key or str(row.id)]
    }
    for card in READY_CARDS.values():
        found.setdefault(card.key, CentreCard(card.key, card.level, card.topic, card.questions))
    return sorted(found.values(), key=lambda card: (card.level, card.topic, card.name))


async def cards_for(work: UnitOfWork, level: int | None) -> list[CentreCard]:
    """Cards for people of that level of Norwegian (unknown: the simplest), then simpler and harder ones."""
    wanted = level or 1
    cards = [card for card in await all_cards(work) if not card.is_hidden]
    return sorted(cards, key=lambda card: (abs(card.level - wanted), card.level > wanted, card.level, card.topic))


async def card_of(work: UnitOfWork, name: str) -> CentreCard:
    """One card. Raises LookupError."""
    found = next((card for card in await all_cards(work) if card.name == name), None)
    if found is None:
        raise LookupError("no such card")
    return found


async def save_card(
    work: UnitOfWork,
    name: str | None,
    facts: CardFacts,
    *,
    seen_at: datetime | None,
    centre_id: uuid.UUID,
    actor_id: uuid.UUID,
    now: datetime,
) -> None:
    """Write a centre's version of a card, or (None) a new one of its own.

    `seen_at`: the card's `changed_at` when it was read. Raises LookupError for an unknown card, and StaleDataError when
    somebody else saved meanwhile; the unit of work then has to be rolled back before it is used again.
    """
    row: ConversationCard | None = None
    if name is not None:
        row = await work.session.scalar(select(ConversationCard).where(_is(name)).with_for_update())
        if row is None and name not in READY_CARDS:
            raise LookupError("no such card")
        if (row.changed_at if row is not None else None) != seen_at:
            raise StaleDataError("changed by somebody else")
    if row is None:
        row = ConversationCard(centre_id=centre_id, key=name)
        work.session.add(row)
    row.level, row.topic, row.questions = facts.level, facts.topic, list(facts.questions)
    row.is_hidden, row.changed_at = facts.is_hidden, now
    try:
        await work.session.flush()
    except IntegrityError as error:  # two who were the first to change a ready-made card
        raise StaleDataError("changed by somebody else") from error
    audit.record(work, Event.CARD_CHANGED, centre_id=centre_id, now=now, actor_id=actor_id)


async def restore_card(
    work: UnitOfWork, name: str, *, centre_id: uuid.UUID, actor_id: uuid.UUID, now: datetime
) -> None:
    """Take the ready-made card again, or delete one of the centre's own. Nothing for what is so already."""
    gone = await work.session.scalar(delete(ConversationCard).where(_is(name)).returning(ConversationCard.id))
    if gone is not None:
        audit.record(work, Event.CARD_REMOVED, centre_id=centre_id, now=now, actor_id=actor_id)


def _is(name: str) -> ColumnElement[bool]:
    """The condition that finds the row of a card. Raises LookupError for what cannot be one."""
    if name in READY_CARDS:
        return ConversationCard.key == name
    try:
        return ConversationCard.id == uuid.UUID(name)
    except ValueError as error:
        raise LookupError("no such card") from error
