"""Conversation cards: what stands on the ready-made ones, and a centre's own."""

import asyncio
import re
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm.exc import StaleDataError

from rooms.breakout.rules.cards import Card
from rooms.breakout.rules.ready_cards import READY_CARDS
from rooms.breakout.service.cards import CardFacts, CentreCard, all_cards, card_of, cards_for, restore_card, save_card
from rooms.people.records.centres import Centre
from rooms.store.scope import OneCentre
from rooms.store.unit_of_work import Store
from tests.support.cast import Cast

COFFEE = CardFacts(2, "Kaffe", ["Med melk?", "Når drikker folk kaffe?"], is_hidden=False)
LATER = timedelta(minutes=1)
each_card = pytest.mark.parametrize("card", READY_CARDS.values(), ids=READY_CARDS)

#: Where a question could lead to war, the way here, faith, lost family or papers.
_TENDER = re.compile(
    r"krig|flukt|flykt|flyk|asyl|bombe|soldat|hjemland|der du kommer fra|hvorfor kom|gud|kirke|mosk|\btro\b|religion"
    r"|død|døde|savn|mamma|pappa|søsken|familien din|barna dine|opphold|\bpass\b|\budi\b|politi",
    re.IGNORECASE,
)


def test_there_are_cards_for_every_level() -> None:
    assert min(Counter(card.level for card in READY_CARDS.values()).values()) >= 6
    assert {card.level for card in READY_CARDS.values()} == {1, 2, 3, 4, 5}
    assert len({card.topic for card in READY_CARDS.values()}) == len(READY_CARDS)


@each_card
def test_a_card_has_a_few_questions_that_anybody_can_answer(card: Card) -> None:
    assert 4 <= len(card.questions) <= 6
    assert len(set(card.questions)) == len(card.questions)
    assert all(re.search(r"[?.)]$", question) for question in card.questions)
    impersonal = [text for text in card.questions if not re.search(r"\b(du|deg|din|di|ditt|dine)\b", text.lower())]
    assert len(impersonal) * 2 >= len(card.questions), "nobody has to tell of themselves"
    assert not [text for text in (card.topic, *card.questions) if _TENDER.search(text)]


@each_card
def test_beginners_get_short_questions(card: Card) -> None:
    assert max(len(text.split()) for text in card.questions) <= (9 if card.level == 1 else 12)


async def save(
    store: Store, cast: Cast, centre: Centre, name: str | None, facts: CardFacts, now: datetime,
    seen_at: datetime | None = None,
) -> None:  # fmt: skip
    async with store.work(OneCentre(centre.id)) as work:
        await save_card(work, name, facts, seen_at=seen_at, centre_id=centre.id, actor_id=cast.coordinator.id, now=now)


async def cards(store: Store, centre: Centre) -> dict[str, CentreCard]:
    async with store.work(OneCentre(centre.id)) as work:
        return {card.name: card for card in await all_cards(work)}


async def test_a_centre_has_the_ready_made_cards_until_it_writes_its_own(
    store: Store, cast: Cast, now: datetime
) -> None:
    assert set(await cards(store, cast.klepp)) == set(READY_CARDS)
    await save(store, cast, cast.klepp, None, COFFEE, now)
    await save(store, cast, cast.klepp, "1-food", replace(COFFEE, level=3), now)
    found = await cards(store, cast.klepp)
    assert len(found) == len(READY_CARDS) + 1
    assert (found["1-food"].level, found["1-food"].topic) == (3, "Kaffe")
    (own,) = [card for name, card in found.items() if name not in READY_CARDS]
    assert (own.topic, list(own.questions), own.is_ready_made, own.changed_at) == (
        "Kaffe", list(COFFEE.questions), False, now
    )  # fmt: skip
    assert set(await cards(store, cast.kvam)) == set(READY_CARDS), "another centre keeps its own"
    assert (await cards(store, cast.kvam))["1-food"].changed_at is None


async def test_guides_get_the_nearest_level_first_and_nothing_hidden(store: Store, cast: Cast, now: datetime) -> None:
    await save(store, cast, cast.klepp, "3-work", replace(COFFEE, level=3, topic="Skjult", is_hidden=True), now)
    async with store.work(OneCentre(cast.klepp.id)) as work:
        for level, order in ((3, [3, 2, 4, 1, 5]), (5, [5, 4, 3, 2, 1]), (None, [1, 2, 3, 4, 5])):
            found = await cards_for(work, level)
            assert list(dict.fromkeys(card.level for card in found)) == order
            assert "Skjult" not in {card.topic for card in found}


async def test_a_card_goes_back_to_how_it_was(store: Store, cast: Cast, now: datetime) -> None:
    await save(store, cast, cast.klepp, "1-food", COFFEE, now)
    await save(store, cast, cast.klepp, None, COFFEE, now)
    await save(store, cast, cast.kvam, "1-food", COFFEE, now)
    own = next(name for name in await cards(store, cast.klepp) if name not in READY_CARDS)
    for name in ("1-food", own, own):
        async with store.work(OneCentre(cast.klepp.id)) as work:
            await restore_card(work, name, centre_id=cast.klepp.id, actor_id=cast.coordinator.id, now=now)
    found = await cards(store, cast.klepp)
    assert set(found) == set(READY_CARDS)
    assert found["1-food"].topic == READY_CARDS["1-food"].topic
    assert (await cards(store, cast.kvam))["1-food"].topic == "Kaffe"


async def test_the_second_of_two_does_not_overwrite_unseen(store: Store, cast: Cast, now: datetime) -> None:
    await save(store, cast, cast.klepp, "1-food", COFFEE, now)
    with pytest.raises(StaleDataError):  # both began from the ready-made card
        await save(store, cast, cast.klepp, "1-food", replace(COFFEE, topic="Te"), now + LATER)
    assert (await cards(store, cast.klepp))["1-food"].topic == "Kaffe"
    await save(store, cast, cast.klepp, "1-food", replace(COFFEE, topic="Te"), now + LATER, seen_at=now)
    assert (await cards(store, cast.klepp))["1-food"].topic == "Te"
    with pytest.raises(StaleDataError):
        await save(store, cast, cast.klepp, "1-food", COFFEE, now + 2 * LATER, seen_at=now)


async def test_of_two_who_are_the_first_to_change_a_card_at_once_one_wins(
    store: Store, cast: Cast, now: datetime
) -> None:
    told = await asyncio.gather(
        *(save(store, cast, cast.klepp, "1-food", replace(COFFEE, topic=f"Te {n}"), now) for n in range(4)),
        return_exceptions=True,
    )
    assert [type(one) for one in told if one is not None] == [StaleDataError] * 3


async def test_an_unknown_card(store: Store, cast: Cast, now: datetime) -> None:
    await save(store, cast, cast.kvam, None, COFFEE, now)
    theirs = next(name for name in await cards(store, cast.kvam) if name not in READY_CARDS)
    for name in ("9-nothing", theirs):
        with pytest.raises(LookupError):
            await save(store, cast, cast.klepp, name, COFFEE, now)
        with pytest.raises(LookupError):
            async with store.work(OneCentre(cast.klepp.id)) as work:
                await card_of(work, name)
