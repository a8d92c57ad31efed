"""The main job, end to end and for real: a coordinator plans, e-mail arrives, five people meet and talk."""

import asyncio
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.async_api import Browser, Frame, Page, expect

from config import clock
from tests.rooms.embedded.test_supervisor import free_port
from tests.rooms.embedded.test_whole_stack import started
from tests.support.browser import PHONE, chromium, look
from tests.support.waiting import until

pytestmark = [pytest.mark.browser, pytest.mark.video, pytest.mark.timeout(600)]

#: name → interface language
GUESTS = {"Berit": "nb", "Nila": "nn", "Omar": "en", "Huda": "ar", "Selam": "en"}
TITLE = "Kaffe og prat"


async def test_a_planned_practice_brings_five_people_together(tmp_path: Path) -> None:
    ports = {name: str(free_port()) for name in ("WEB_PORT", "ROOM_SERVER_PORT", "SMTP_PORT", "MAILBOX_PORT")}
    async with (
        started(tmp_path / "var", ports) as up,
        chromium(more=["--use-fake-device-for-media-stream=fps=5"]) as browser,  # five encoders share this machine
    ):
        web = f"http://localhost:{ports['WEB_PORT']}"
        desk = await sign_in(browser, re.findall(rf"{web}/sign-in/\S+", up.said)[0])
        for name, language in GUESTS.items():
            await add_person(desk, web, name, language)
        await plan(desk, web)
        links = await mailed_links(f"http://localhost:{ports['MAILBOX_PORT']}", web)
        assert len(set(links.values())) == len(GUESTS)

        pages = {name: await open_link(browser, link) for name, link in links.items()}
        rooms = dict(zip(pages, await asyncio.gather(*map(join, pages.values())), strict=True))
        assert len({room.url.partition("?")[0] for room in rooms.values()}) == 1
        await asyncio.gather(*(meets(room, len(GUESTS) - 1) for room in rooms.values()))
        await look(pages["Berit"], "meeting-nb")
        await look(pages["Huda"], "meeting-ar")

        inside = desk.locator("#board .counts .inside dd")
        await expect(inside).to_have_text(str(len(GUESTS)), timeout=120_000)
        await look(desk, "session")
        await pages["Berit"].locator("[data-do=leave]").click()
        await expect(inside).to_have_text(str(len(GUESTS) - 1), timeout=120_000)


async def sign_in(browser: Browser, link: str) -> Page:
    page = await (await browser.new_context(locale="nb-NO")).new_page()
    await page.goto(link)
    await page.get_by_role("button", name="Logg inn").click()
    await expect(page).to_have_url(re.compile("/today$"))
    return page


async def add_person(desk: Page, web: str, name: str, language: str) -> None:
    await desk.goto(f"{web}/people/new")
    await desk.locator("#name").fill(name)
    await desk.locator("#email").fill(f"{name.lower()}@post.example")
    await desk.locator("#ui_language").select_option(language)
    await desk.locator("main form button[type=submit]").first.click()
    await expect(desk).to_have_url(re.compile("/people(?!/new)"))


async def plan(desk: Page, web: str) -> None:
    start = clock.local(clock.now() + timedelta(minutes=5))
    await desk.goto(f"{web}/sessions/new")
    await desk.locator("#title").fill(TITLE)
    await desk.locator("#day").fill(f"{start:%Y-%m-%d}")
    await desk.locator("#time").fill(f"{start:%H:%M}")
    for name in GUESTS:
        await desk.get_by_label(name).check()
    await desk.locator("main form button[type=submit]").first.click()
    await expect(desk).to_have_url(re.compile("/sessions/(?!new)"))


async def mailed_links(mailbox: str, web: str) -> dict[str, str]:
    """Each guest's link, out of the one message that the worker sent them."""
    async with httpx.AsyncClient(trust_env=False) as http:

        async def mail() -> dict[str, list[dict[str, Any]]]:
            found = {
                name: (await http.get(f"{mailbox}/messages.json", params={"to": f"{name.lower()}@post.example"})).json()
                for name in GUESTS
            }
            return found if all(found.values()) else {}

        arrived = await until(mail, seconds=90)
    assert all(len(messages) == 1 for messages in arrived.values())
    return {name: re.findall(rf"{web}/l/\S+", messages[0]["text"])[0] for name, messages in arrived.items()}


async def open_link(browser: Browser, link: str) -> Page:
    """As a phone: all of them, and their decoders, share this machine's processors."""
    context = await browser.new_context(
        permissions=["camera", "microphone"], viewport={"width": PHONE["width"], "height": PHONE["height"]}
    )
    page = await context.new_page()
    await page.goto(link)
    return page


async def join(page: Page) -> Frame:
    await page.locator("[data-do=join][data-camera=on]").click(timeout=120_000)
    iframe = page.locator("iframe")
    await iframe.wait_for(timeout=120_000)
    frame = await (await iframe.element_handle()).content_frame()
    assert frame is not None

    async def is_loaded() -> bool:
        return bool(await frame.evaluate("window.sammenRoom !== undefined"))

    await until(is_loaded, seconds=90)
    return frame


async def meets(room: Frame, others: int) -> None:
    """Decodes every other's picture, which goes on moving, and hears sound from each."""

    async def stats() -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = await room.evaluate("window.sammenRoom.stats()")
        return found

    async def all_seen() -> list[dict[str, Any]]:
        found = await stats()
        seen = all(peer["framesDecoded"] > 0 and peer["videoWidth"] > 0 for peer in found)
        return found if len(found) == others and seen else []

    before = {peer["id"]: peer["framesDecoded"] for peer in await until(all_seen, seconds=90)}

    async def moves_and_sounds() -> bool:
        return all(
            peer["framesDecoded"] > before[peer["id"]] and peer["totalAudioEnergy"] > 0 for peer in await stats()
        )

    await until(moves_and_sounds, seconds=120)
