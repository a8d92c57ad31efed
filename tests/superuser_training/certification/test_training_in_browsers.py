"""The training's pages as people see them: on a phone and a desktop, from left to right and from right to left."""

import pytest
from aiohttp.test_utils import TestServer
from playwright.async_api import expect

from config.settings import Settings
from rooms.store.unit_of_work import Store
from tests.support.browser import axe_finds_nothing, chromium, look
from tests.support.callers import cookies_of_coordinator, cookies_of_participant
from tests.support.cast import Cast


@pytest.mark.parametrize("language", ["nb", "ar"])
async def test_pledge_module_and_witness(
    server: TestServer, store: Store, settings: Settings, cast: Cast, language: str
) -> None:
    base = str(server.make_url("/")).rstrip("/")
    cookies = await cookies_of_participant(store, settings, cast.amina)
    cookies |= await cookies_of_coordinator(store, settings, cast.coordinator) | {"language": language}
    async with chromium() as browser:
        context = await browser.new_context(base_url=base, reduced_motion="reduce")
        await context.add_cookies([{"name": name, "value": value, "url": base} for name, value in cookies.items()])
        page = await context.new_page()
        await page.goto("/me/training")
        await axe_finds_nothing(page)
        await look(page, f"training-pledge-{language}")
        await page.locator("#agree").check()
        await page.locator("form[action$=pledge] button").click()
        await expect(page.locator("form[action$=pause]")).to_be_visible(timeout=20_000)
        await axe_finds_nothing(page)
        await look(page, f"training-mine-{language}")

        await page.goto("/me/hours")
        await axe_finds_nothing(page)
        await look(page, f"training-hours-{language}")

        await page.goto("/me/training/safety")
        for number, answer in enumerate((2, 0, 0)):
            await page.locator(f"#answer-{number}-{answer}").check()
        await page.locator("form[action$=safety] button").click()
        await expect(page.locator("[role=status][data-color=warning]")).to_be_visible(timeout=20_000)
        await axe_finds_nothing(page)
        await look(page, f"training-module-{language}")
        await page.locator("#answer-2-1").check()
        await page.locator("form[action$=safety] button").click()
        await expect(page.locator("[role=status][data-color=success]")).to_be_visible(timeout=20_000)

        await page.goto(f"/guides/{cast.amina.id}")
        await page.locator("form:has(input[value='devices/1']) button").click()
        await expect(page.locator("form:has(input[value='devices/1'])")).to_have_count(0, timeout=20_000)
        await axe_finds_nothing(page)
        await look(page, f"training-guide-{language}")
        await page.goto("/guides")
        await axe_finds_nothing(page)
        await look(page, f"training-guides-{language}")
        await context.close()
