"""What the centre wrote, on the person's own page; and their meetings for their own calendar."""

import re
import uuid
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import pytest
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, expect

from rooms.messages.rules import Audience, PostText
from rooms.messages.service.posts import send_post
from rooms.store.scope import OneCentre
from rooms.store.unit_of_work import Store
from tests.rooms.join.conftest import open_page
from tests.support.browser import axe_finds_nothing, look
from tests.support.calendars import read_calendar
from tests.support.callers import Client, another_browser
from tests.support.cast import Cast
from tests.support.town import Town

TEXTS = {"nb": PostText("Stengt", "Vi holder stengt.\n\n<b>Hei</b>"), "ar": PostText("مغلق", "نحن مغلقون.")}


async def tell(store: Store, cast: Cast, now: datetime) -> None:
    async with store.work(OneCentre(cast.klepp.id)) as work:
        await send_post(
            work,
            uuid.uuid4(),
            TEXTS,
            [cast.amina.id],
            audience=Audience.EVERYBODY,
            circle_id=None,
            session_id=None,
            centre_id=cast.klepp.id,
            actor_id=cast.coordinator.id,
            now=now,
        )


async def page_of(client: Client, path: str) -> str:
    await client.get(path)  # opens the link
    return await (await client.get("/me/news")).text()


async def test_news_is_read_by_whom_it_was_written_to(
    server: TestServer, store: Store, klepp: Town, cast: Cast, now: datetime
) -> None:
    await tell(store, cast, now)
    await tell(store, cast, now - timedelta(days=70))
    async with another_browser(server) as amina:
        assert (await page_of(amina, await klepp.link(cast.amina))).count("مغلقون") == 1
    async with another_browser(server) as other:
        assert "There is no news just now." in await page_of(other, await klepp.link(cast.yusuf))
    async with another_browser(server) as nobody:
        assert (await nobody.get("/me/news")).status in {403, 404}


async def test_who_reads_no_language_of_it_gets_bokmal_and_markup_is_text(
    client: Client, store: Store, klepp: Town, cast: Cast, now: datetime
) -> None:
    await tell(store, cast, now)
    await client.get(await klepp.link(cast.amina))
    text = await (await client.get("/me/news", headers={"Accept-Language": "en"}, params={"lang": "en"})).text()
    assert "Vi holder stengt." in text
    assert "&lt;b&gt;Hei" in text


async def test_meetings_go_to_the_person_s_own_calendar(client: Client, klepp: Town, cast: Cast) -> None:
    await klepp.session(cast.amina, starts_in=timedelta(days=1))
    text = await page_of(client, await klepp.link(cast.amina))
    assert "/calendar/" not in text  # not before somebody asks
    token = re.findall(r'name="csrf_token" value="([^"]+)"', text)[0]
    text = await (await client.post("/me/calendar", data={"csrf_token": token})).text()
    address = urlsplit(re.findall(r'href="webcal://([^"]+)"', text)[0])
    calendar = read_calendar(await (await client.get("/calendar/" + address.path.partition("/calendar/")[2])).text())
    assert len(calendar.all("VEVENT")) == 1


@pytest.mark.browser
@pytest.mark.parametrize("language", ["nb", "ar"])
async def test_it_is_two_taps_away(
    devices: Browser, client: Client, store: Store, klepp: Town, cast: Cast, now: datetime, language: str
) -> None:
    await tell(store, cast, now)
    async with open_page(devices, client, await klepp.link(cast.amina), viewport={"width": 360, "height": 740}) as page:
        await page.goto(page.url + f"?lang={language}")
        await page.locator("[data-part=contact] a[href='/me/news']").click()
        await expect(page.locator("article")).to_have_count(1)
        await axe_finds_nothing(page)
        await page.locator("form[action='/me/calendar'] button").click()
        await expect(page.locator("a[href^='webcal:']")).to_be_visible()
        await axe_finds_nothing(page)
        await look(page, f"join-news-{language}")
        await page.locator("main a[href^='/l/']").click()
        await expect(page.locator("[data-page]")).to_be_visible()
