"""Conversation cards of a centre: the ready-made ones, as far as it has not put its own in their place."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from rooms.breakout.records import ConversationCard
from rooms.breakout.rules.cards import READY_CARDS
from rooms.store.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class CentreCard:
    """A card as a centre has it. `name`: in addresses; `is_own`: the centre wrote or changed it."""

    name: str
    level: int
    topic: str
    questions: Sequence[str]
    is_own: bool
    is_hidden: bool


async def all_cards(work: UnitOfWork) -> list[CentreCard]:
    """All cards, hidden ones too, by level and topic."""
    rows = (await work.session.scalars(select(ConversationCard))).all()
    replaced = {row.key for row in rows}
    found = [_own(row) for row in rows]
    found += [
        CentreCard(card.key, card.level, card.topic, card.questions, is_own=False, is_hidden=False)
        for card in READY_CARDS.values()
        if card.key not in replaced
    ]
    return sorted(found, key=lambda card: (card.level, card.topic, card.name))


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
    *,
    level: int,
    topic: str,
    questions: Sequence[str],
    is_hidden: bool,
    centre_id: uuid.UUID,
    now: datetime,
) -> None:
    """Write a centre's version of a card, or (None) a new one of its own. Raises LookupError for an unknown card."""
    values = {
        "level": level,
        "topic": topic,
        "questions": list(questions),
        "is_hidden": is_hidden,
        "changed_at": now,
    }
    if name is None or name in READY_CARDS:
        await work.session.execute(
            insert(ConversationCard)
            .values(id=uuid.uuid4(), centre_id=centre_id, key=name, **values)
            .on_conflict_do_update(index_elements=["centre_id", "key"], set_=values)
        )
        return
    row = await work.session.scalar(select(ConversationCard).where(ConversationCard.id == _id(name)))
    if row is None:
        raise LookupError("no such card")
    for field, value in values.items():
        setattr(row, field, value)


async def restore_card(work: UnitOfWork, name: str) -> None:
    """Take the ready-made card again, or delete one of the centre's own. Nothing for what is so already."""
    which = ConversationCard.key == name if name in READY_CARDS else ConversationCard.id == _id(name)
    await work.session.execute(delete(ConversationCard).where(which))


def _own(row: ConversationCard) -> CentreCard:
    return CentreCard(row.key or str(row.id), row.level, row.topic, row.questions, is_own=True, is_hidden=row.is_hidden)


def _id(name: str) -> uuid.UUID:
    try:
        return uuid.UUID(name)
    except ValueError as error:
        raise LookupError("no such card") from error
