"""Coordinators see strangers, decide once, and give rooms that are new."""

import re
import uuid
from datetime import timedelta

import pytest
from playwright.async_api import expect
from sqlalchemy import select

from rooms.people.records.persons import Person
from rooms.schedule.records import Session
from rooms.seating.records import Seat, Stranger
from rooms.seating.rules.reasons import StrangerAnswer
from rooms.store.wakeups import centre_topic
from rooms.supply.records import Room
from rooms.supply.rules.room_life import RoomState
from tests.conftest import Client
from tests.rooms.dashboard.conftest import OpenDesk, Post
from tests.rooms.seating.test_strangers import comes, look
from tests.support.browser import axe_finds_nothing
from tests.support.browser import look as photograph
from tests.support.cast import Cast
from tests.support.town import Town

NAME = "<b>Somebody</b>"


async def strange(town: Town, *invited: Person, name: str | None = NAME) -> tuple[Session, Room, Stranger]:
    """An open session with a stranger in its room."""
    session = await town.session(*invited, starts_in=timedelta(minutes=-5))
    room = await town.room(session, state=RoomState.IN_USE)
    client = await comes(town, room, name=name)
    await look(town, room)
    async with town.work() as work:
        found = await work.session.scalars(select(Stranger).where(Stranger.client_id == client.id))
        return session, room, found.one()


async def answer_of(town: Town, stranger: Stranger) -> StrangerAnswer | None:
    async with town.work() as work:
        return await work.session.scalar(select(Stranger.answer).where(Stranger.id == stranger.id))


async def test_an_alert_says_who_where_and_since_when(kari: Client, klepp: Town, cast: Cast) -> None:
    session, _room, _stranger = await strange(klepp, cast.amina)
    for address in ("/strangers", f"/strangers?session={session.id}"):
        text = await (await kari.get(address)).text()
        assert "&lt;b&gt;Somebody&lt;/b&gt;" in text
        assert NAME not in text
        assert "Is in room 1 and has no place there." in text
        assert "Amina" in text
    other = await klepp.session(starts_in=timedelta(minutes=-5))
    assert "Somebody" not in await (await kari.get(f"/strangers?session={other.id}")).text()


@pytest.mark.parametrize(
    ("decision", "answer", "done"),
    [
        ("let-in", StrangerAnswer.LET_IN, "stranger-let-in"),
        ("rotate", StrangerAnswer.ROTATED, "rotation-waits"),
        ("fine", StrangerAnswer.FINE, "stranger-fine"),
    ],
)
async def test_the_first_decision_counts_and_the_second_is_told_so(
    post: Post, klepp: Town, cast: Cast, decision: str, answer: StrangerAnswer, done: str
) -> None:
    session, _room, stranger = await strange(klepp, cast.amina)
    address = f"/strangers/{stranger.id}/{decision}?session={session.id}"
    first = await post(address, person=str(cast.amina.id))
    assert (first.status, first.headers["Location"]) == (303, f"/sessions/{session.id}?done={done}")
    assert await answer_of(klepp, stranger) is answer
    second = await post(address, person=str(cast.amina.id))
    assert second.headers["Location"] == f"/sessions/{session.id}?done=decided-already"


@pytest.mark.parametrize("person", ["", "nobody", "01f91859-c1d4-40ca-9d75-3fe276e8092b"])
async def test_nobody_is_let_in_as_nobody(post: Post, klepp: Town, cast: Cast, person: str) -> None:
    _session, _room, stranger = await strange(klepp, cast.amina)
    answer = await post(f"/strangers/{stranger.id}/let-in", person=person)
    assert answer.headers["Location"] == "/today?done=not-to-choose"
    assert await answer_of(klepp, stranger) is None


async def test_there_are_no_other_decisions_and_no_other_strangers(post: Post, klepp: Town) -> None:
    _session, _room, stranger = await strange(klepp)
    assert (await post(f"/strangers/{stranger.id}/delete")).status == 404
    assert (await post(f"/strangers/{uuid.uuid4()}/fine")).status == 404
    assert (await post("/strangers/x/fine")).status == 404


@pytest.mark.parametrize("which", ["a room", "the session"])
async def test_a_new_room_is_confirmed_first_and_told_of(
    kari: Client, post: Post, klepp: Town, cast: Cast, which: str
) -> None:
    session, room, stranger = await strange(klepp, cast.amina)
    await klepp.stay(await klepp.seat(cast.amina, room), room)
    await klepp.spare()
    board = f"/sessions/{session.id}"
    address = f"{board}/rooms/{room.id}/rotate" if which == "a room" else f"{board}/rotate"
    assert f'href="{address}"' in await (await kari.get(board)).text()
    assert "The old address opens nothing any more." in await (await kari.get(address)).text()
    answer = await post(address)
    assert answer.headers["Location"] == f"{board}?done=rotated"
    assert await answer_of(klepp, stranger) is StrangerAnswer.ROTATED
    async with klepp.work() as work:
        assert await work.session.scalar(select(Seat.room_id)) != room.id
    if which == "a room":  # the old one is open no more
        assert (await kari.get(address, allow_redirects=False)).headers["Location"] == board


async def test_a_room_that_is_being_made_is_told_of(kari: Client, post: Post, klepp: Town, cast: Cast) -> None:
    session, room, _stranger = await strange(klepp, cast.amina)
    board = f"/sessions/{session.id}"
    answer = await post(f"{board}/rooms/{room.id}/rotate")
    assert answer.headers["Location"] == f"{board}?done=rotation-waits"
    text = await (await kari.get(board)).text()
    assert "Moves as soon as the new room is made" in text


async def test_a_room_of_another_session_is_not_found(post: Post, klepp: Town) -> None:
    session, _room, _stranger = await strange(klepp)
    _other, other_room, _ = await strange(klepp)
    assert (await post(f"/sessions/{session.id}/rooms/{other_room.id}/rotate")).status == 404
    assert (await post(f"/sessions/{session.id}/rooms/{uuid.uuid4()}/rotate")).status == 404


@pytest.mark.browser
@pytest.mark.parametrize("language", ["nb", "ar"])
async def test_an_alert_comes_by_itself_and_is_answered_by_keyboard(
    desk: OpenDesk, klepp: Town, cast: Cast, language: str
) -> None:
    session = await klepp.session(cast.amina, starts_in=timedelta(minutes=-5), title="Kvinnetreff")
    room = await klepp.room(session, state=RoomState.IN_USE)
    async with desk(language) as page:
        await page.goto("/today")
        await expect(page.locator("#strangers[hx-trigger^=refresh]")).to_have_count(1)
        await comes(klepp, room, name="Somebody")
        async with klepp.work() as work:
            work.wake_pages(centre_topic(klepp.centre_id))
        await look(klepp, room)
        alert = page.locator("#strangers .stranger")
        await expect(alert).to_contain_text("Somebody")
        await photograph(page, f"dashboard-stranger-{language}")
        await axe_finds_nothing(page)
        await page.goto(f"/sessions/{session.id}")
        await page.locator("#strangers select").focus()
        await page.keyboard.press("A")
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await expect(page).to_have_url(re.compile("done=stranger-let-in$"))
        await photograph(page, f"dashboard-rooms-{language}")
        await axe_finds_nothing(page)
        await page.locator(".board-rooms a").click()
        await photograph(page, f"dashboard-rotate-{language}")
        await axe_finds_nothing(page)
    async with klepp.work() as work:
        seat = await work.session.scalar(select(Seat).where(Seat.person_id == cast.amina.id))
    assert seat is not None
    assert seat.room_id == room.id
