"""The sign-in pages as people see them: on a phone and a desktop, from left and from right, and as axe reads them."""

import re

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from playwright.async_api import expect

from config import clock
from config.settings import Settings
from rooms.access.service.sign_in import make_terminal_sign_in
from rooms.store.scope import AllCentres
from rooms.store.unit_of_work import Store
from tests.support.browser import axe_finds_nothing, chromium, look
from tests.support.cast import Cast

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("language", ["nb", "ar"])
async def test_each_page_of_the_way_in(
    app: web.Application, cast: Cast, store: Store, settings: Settings, language: str
) -> None:
    async with store.work(AllCentres("a link before its centre is known")) as work:
        path = await make_terminal_sign_in(work, cast.coordinator.id, settings.key_ring, clock.now())
    async with TestServer(app) as server, chromium() as browser:
        page = await browser.new_page()
        await page.goto(str(server.make_url(f"/sign-in?lang={language}")))
        await look(page, f"sign-in-{language}")
        await axe_finds_nothing(page)

        await page.fill("#email", "kari")
        await page.click("main button[type=submit]")
        await page.wait_for_selector("#email-error")
        await axe_finds_nothing(page)

        await page.fill("#email", "nobody@klepp.example")
        await page.click("main button[type=submit]")
        await expect(page).to_have_url(re.compile("/sign-in/asked$"))
        await look(page, f"sign-in-asked-{language}")
        await axe_finds_nothing(page)

        await page.goto(str(server.make_url(path)))
        await look(page, f"sign-in-use-{language}")
        await axe_finds_nothing(page)

        await page.goto(str(server.make_url("/sign-in/0000000000000000")))
        await look(page, f"sign-in-gone-{language}")
        await axe_finds_nothing(page)

        await page.goto(str(server.make_url(path)))
        await page.click("main button[type=submit]")
        await expect(page).to_have_url(re.compile("/today$"))
