"""A link that is forwarded by hand: a text in its reader's language, copied or handed to another app."""

import re

import pytest
from playwright.async_api import expect

from tests.rooms.dashboard.conftest import OpenDesk, Post
from tests.support.browser import axe_finds_nothing, look
from tests.support.cast import Cast
from tests.support.town import Town

#: What the phone's own sheet would be given.
_SHEET = "navigator.share = async (what) => { window.shared = what; };"


async def test_the_text_speaks_the_person_s_language(post: Post, klepp: Town, cast: Cast) -> None:
    text = await (await post(f"/people/{cast.amina.id}/link")).text()
    found = re.search(r'<textarea[^>]* lang="ar" dir="auto"[^>]*>([^<]*)</textarea>', text)
    assert found is not None
    assert found[1].startswith("مرحبًا")
    assert cast.amina.name in found[1]
    assert found[1].endswith(await klepp.link(cast.amina))


@pytest.mark.browser
@pytest.mark.parametrize("language", ["nb", "ar"])
async def test_it_goes_to_another_app_with_one_tap(desk: OpenDesk, klepp: Town, cast: Cast, language: str) -> None:
    async with desk(language) as page:
        await page.add_init_script(_SHEET)
        await page.goto(f"/people/{cast.amina.id}/link")
        await page.locator("main form button[type=submit]").click()
        await expect(page.locator("#words")).to_be_visible()
        await page.locator("[data-share]").click()
        shared = await page.evaluate("window.shared.text")
        assert shared == await page.locator("#words").input_value()
        assert shared.endswith(await klepp.link(cast.amina))
        await look(page, f"dashboard-link-shown-{language}")
        await axe_finds_nothing(page)
