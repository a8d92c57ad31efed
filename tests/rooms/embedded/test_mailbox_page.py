"""The mailbox's pages in a browser: looks, accessibility, and that a message cannot do anything to them."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from rooms.embedded.mailbox.serve import Mailbox, running
from tests.rooms.embedded.test_mailbox import letter, send
from tests.support.browser import axe_finds_nothing, chromium, look

pytestmark = pytest.mark.browser


@pytest.fixture
async def box(tmp_path: Path) -> AsyncIterator[Mailbox]:
    """A mailbox with three messages, one of them with a script."""
    async with running(tmp_path / "mail") as mailbox:
        for place, name in enumerate(("amina", "bela")):
            await send(mailbox, letter(f"{name}@example.org", f"<{place}@sammen>"))
        nasty = letter("nasty@example.org", "<nasty@sammen>", "Et <b>emne</b> med et-veldig-langt-ord-" + "a" * 80)
        html = nasty.get_body(("html",))
        assert html is not None
        html.set_content("<script>top.location='http://localhost:1/'</script><a href='/'>lenke</a>", subtype="html")
        await send(mailbox, nasty)
        yield mailbox


@pytest.fixture
async def page() -> AsyncIterator[Page]:
    """A browser's page that a finding of the security policy fails."""
    async with chromium() as browser:
        page = await browser.new_page()
        yield page


@pytest.mark.parametrize("language", ["nb", "ar"])
async def test_list_and_message_look_right_in_both_directions(box: Mailbox, page: Page, language: str) -> None:
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    await page.goto(f"{box.page_url}/?lang={language}")
    assert await page.locator("ol.messages li").count() == 3
    await axe_finds_nothing(page)
    await look(page, f"mailbox-list-{language}")
    await page.get_by_role("link", name="Språktrening på tirsdag").first.click()
    await page.locator("iframe").content_frame.get_by_role("link", name="Bli med").wait_for()
    assert await page.locator("html").get_attribute("lang") == language
    await axe_finds_nothing(page)
    await look(page, f"mailbox-message-{language}")
    assert complaints == []


async def test_the_filter_shows_one_persons_messages(box: Mailbox, page: Page) -> None:
    await page.goto(f"{box.page_url}/?lang=nb")
    await page.get_by_label("Mottaker").fill("bela")
    await page.get_by_role("button", name="Vis").click()
    await expect(page).to_have_url(re.compile(r"/\?to=bela$"))
    assert await page.locator("ol.messages li").count() == 1


async def test_a_message_with_a_script_stays_a_message(box: Mailbox, page: Page) -> None:
    nasty = box.store.newest_first("nasty")[0]
    await page.goto(f"{box.page_url}/messages/{nasty.id}?lang=nb")
    await page.locator("iframe").content_frame.get_by_role("link", name="lenke").wait_for()
    assert page.url.startswith(f"{box.page_url}/messages/")
    assert await page.locator("h1 b").count() == 0
    await look(page, "mailbox-message-nasty")
