"""Conversation cards as coordinators read, change, hide, write and restore them."""

import re

import pytest
from sqlalchemy import select

from rooms.audit.records import AuditEntry
from rooms.audit.rules import Event
from rooms.breakout.records import ConversationCard
from rooms.breakout.rules.ready_cards import READY_CARDS
from tests.rooms.dashboard.conftest import Post
from tests.support.callers import Client
from tests.support.cast import Cast
from tests.support.town import Town

COFFEE = {"level": "2", "topic": "Kaffe", "questions": " Med melk? \r\n\r\nNår drikker folk kaffe?\r\n"}


async def rows(klepp: Town) -> list[ConversationCard]:
    async with klepp.work() as work:
        return list(await work.session.scalars(select(ConversationCard)))


async def test_all_cards_are_listed_by_level(kari: Client) -> None:
    text = await (await kari.get("/cards")).text()
    positions = [text.index(f'id="level-{level}"') for level in range(1, 6)]
    assert positions == sorted(positions)
    for card in READY_CARDS.values():
        assert f'href="/cards/{card.key}"' in text
        assert card.topic in text


async def test_a_card_is_changed_hidden_and_restored(kari: Client, post: Post, klepp: Town, cast: Cast) -> None:
    original = READY_CARDS["1-food"]
    text = await (await kari.get("/cards/1-food")).text()
    assert f'value="{original.topic}"' in text
    assert original.questions[0] in text
    assert "/restore" not in text, "there is nothing to go back to"
    answer = await post("/cards/1-food", **COFFEE, is_hidden="yes", changed_at="")
    assert (answer.status, answer.headers["Location"]) == (303, "/cards?done=saved")
    (row,) = await rows(klepp)
    assert (row.key, row.level, row.topic, row.is_hidden) == ("1-food", 2, "Kaffe", True)
    assert row.questions == ["Med melk?", "Når drikker folk kaffe?"]
    listed = await (await kari.get("/cards")).text()
    assert "Changed" in listed
    assert "Hidden" in listed
    changed = await (await kari.get("/cards/1-food")).text()
    assert original.questions[0] in changed, "how it was at first"
    answer = await post("/cards/1-food/restore")
    assert (answer.status, answer.headers["Location"]) == (303, "/cards?done=card-restored")
    assert await rows(klepp) == []
    async with klepp.work() as work:
        events = await work.session.scalars(select(AuditEntry.event).where(AuditEntry.actor_id == cast.coordinator.id))
        assert {Event.CARD_CHANGED, Event.CARD_REMOVED} <= set(events)


async def test_a_card_of_ones_own(kari: Client, nils: Client, post: Post, klepp: Town) -> None:
    assert re.search(r'<option value="4" selected', await (await kari.get("/cards/new", params={"level": "4"})).text())
    assert (await post("/cards/new", **COFFEE)).headers["Location"] == "/cards?done=added"
    (row,) = await rows(klepp)
    assert row.key is None
    path = f"/cards/{row.id}"
    assert "Your own" in await (await kari.get("/cards")).text()
    assert "Kaffe" not in await (await nils.get("/cards")).text()
    assert (await nils.get(path)).status == 404
    text = await (await kari.get(path)).text()
    assert "Delete this card" in text
    assert (await post(f"{path}/restore")).headers["Location"] == "/cards?done=card-deleted"
    assert await rows(klepp) == []
    assert (await kari.get(path)).status == 404


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"topic": " "}, "Topic: Please fill this in."),
        ({"topic": "x" * 61}, "Topic: This is too long."),
        ({"level": "6"}, "Norwegian: Please choose one."),
        ({"questions": " \n "}, "Questions: Please fill this in."),
        ({"questions": "Hva?\n" * 13}, "Questions: Twelve questions at most"),
        ({"questions": "x" * 201}, "Questions: One of the questions is too long."),
    ],
)
async def test_what_is_wrong_is_said_and_nothing_typed_is_lost(
    post: Post, klepp: Town, wrong: dict[str, str], words: str
) -> None:
    answer = await post("/cards/new", **COFFEE | {"topic": "Beholdt"} | wrong)
    text = await answer.text()
    assert answer.status == 422
    assert words in text
    assert ("Beholdt" in text) != ("topic" in wrong)
    assert "Med melk?" in text or "questions" in wrong
    assert await rows(klepp) == []


async def test_the_second_of_two_can_decide(post: Post, klepp: Town) -> None:
    await post("/cards/1-food", **COFFEE, changed_at="")
    late = await post("/cards/1-food", **COFFEE | {"topic": "Te"}, changed_at="")
    text = await late.text()
    assert late.status == 409
    assert "Somebody else changed this card while you were writing." in text
    assert 'value="Te"' in text
    assert [row.topic for row in await rows(klepp)] == ["Kaffe"]
    seen = re.search(r'name="changed_at" value="([^"]+)"', text)
    assert seen is not None
    assert (await post("/cards/1-food", **COFFEE | {"topic": "Te"}, changed_at=seen[1])).status == 303
    assert [row.topic for row in await rows(klepp)] == ["Te"]


@pytest.mark.parametrize("moment", ["2026-13-01", "2026-01-01T10:00:00", "x"])
async def test_a_moment_that_is_none_counts_as_not_seen(post: Post, klepp: Town, moment: str) -> None:
    assert (await post("/cards/1-food", **COFFEE, changed_at=moment)).status == 303
    assert (await post("/cards/1-food", **COFFEE, changed_at=moment)).status == 409
    assert len(await rows(klepp)) == 1
