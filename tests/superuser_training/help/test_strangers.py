"""Guides see the strangers of their own sessions over the room, and decide without leaving it."""

from datetime import timedelta

import pytest
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, expect
from sqlalchemy import select

from config.settings import Settings
from rooms.people.records.persons import Person
from rooms.seating.records import Stranger
from rooms.seating.rules.reasons import StrangerAnswer
from rooms.store.unit_of_work import Store
from tests.rooms.dashboard.test_strangers import answer_of, strange
from tests.rooms.join.conftest import Site, devices, open_page, site
from tests.rooms.join.test_room_page import is_inside
from tests.rooms.seating.test_strangers import comes, look
from tests.support.browser import axe_finds_nothing
from tests.support.browser import look as photograph
from tests.support.callers import Client, another_browser, be, cookies_of_participant, csrf_token
from tests.support.cast import Cast
from tests.support.town import Town

__all__ = ["devices", "site"]


async def post(client: Client, stranger: Stranger, decision: str, **fields: str) -> tuple[int, str]:
    fields["csrf_token"] = await csrf_token(client, "/help/strangers")
    if not fields["csrf_token"]:
        fields["csrf_token"] = await csrf_token(client)
    async with client.post(f"/help/strangers/{stranger.id}/{decision}", data=fields, allow_redirects=False) as response:
        return response.status, response.headers.get("Location", "")


async def seen_by(
    person: Person, server: TestServer, store: Store, settings: Settings, stranger: Stranger
) -> tuple[str, tuple[int, str]]:
    """What this person sees, and what they get for saying that it is fine."""
    async with another_browser(server) as client:
        be(client, await cookies_of_participant(store, settings, person) | {"language": "en"})
        text = await (await client.get("/help/strangers")).text()
        return text, await post(client, stranger, "fine")


async def test_only_the_guides_of_the_session_see_it_and_decide(
    server: TestServer, store: Store, settings: Settings, klepp: Town, cast: Cast
) -> None:
    other_guide = await klepp.person(is_guide=True)
    _session, _room, stranger = await strange(klepp, cast.guide, cast.amina)
    for nobody in (cast.amina, other_guide, cast.kvam_participant):
        text, answer = await seen_by(nobody, server, store, settings, stranger)
        assert "Somebody" not in text.partition("<main")[2]
        assert answer[0] in {303, 404}
        assert await answer_of(klepp, stranger) is None
    text, answer = await seen_by(cast.guide, server, store, settings, stranger)
    assert "&lt;b&gt;Somebody&lt;/b&gt;" in text
    assert answer == (303, "/help/strangers?done=stranger-fine")
    assert await answer_of(klepp, stranger) is StrangerAnswer.FINE
    _text, answer = await seen_by(cast.guide, server, store, settings, stranger)
    assert answer == (303, "/help/strangers?done=decided-already")


@pytest.mark.browser
async def test_a_guide_decides_over_the_room(devices: Browser, site: Site, klepp: Town, cast: Cast) -> None:
    session = await klepp.session(cast.guide, starts_in=timedelta(minutes=-5))
    room = await klepp.room(session, **await site.meeting())
    async with open_page(devices, site.client, await klepp.link(cast.guide)) as page:
        await page.locator("[data-do=join][data-camera=off]").click()
        stay = await is_inside(page, klepp, cast.guide)
        sheet = page.locator("[data-part=strangers]")
        await expect(sheet).to_be_hidden()
        client = await comes(klepp, room, name="Fremmed")
        await look(klepp, room)
        await expect(sheet.locator(".stranger")).to_contain_text("Fremmed")
        await photograph(page, "join-stranger-nb")
        await axe_finds_nothing(page)
        await sheet.get_by_role("button", name="Det er greit").press("Enter")
        await expect(sheet.locator("[role=status]")).to_be_visible()
        await expect(sheet.locator(".stranger")).to_have_count(0)
        assert (await is_inside(page, klepp, cast.guide)).id == stay.id
    async with klepp.work() as work:
        found = await work.session.scalar(select(Stranger.answer).where(Stranger.client_id == client.id))
    assert found is StrangerAnswer.FINE
