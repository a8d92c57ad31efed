"""A fifth one who has the raw address of the room: told of, left behind, and locked out; nobody else notices much.

How long it took is printed (`-s`) and not asserted: five browsers and their encoders share this machine. When it is
quiet, the alert is there within two seconds, and all see one another in the new room within five.
"""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import pytest
from playwright.async_api import Browser, Frame, Page, expect

from config import clock
from tests.browser.test_five_meet import (
    GUESTS,
    add_person,
    join,
    mailed_links,
    meets,
    open_link,
    plan,
    sign_in,
)
from tests.rooms.embedded.test_supervisor import free_port
from tests.rooms.embedded.test_whole_stack import started
from tests.support.browser import PHONE, axe_finds_nothing, chromium, look
from tests.support.waiting import until

pytestmark = [pytest.mark.browser, pytest.mark.video, pytest.mark.timeout(600)]


async def test_four_move_away_from_a_fifth_who_has_the_raw_address(tmp_path: Path) -> None:
    ports = {name: str(free_port()) for name in ("WEB_PORT", "ROOM_SERVER_PORT", "SMTP_PORT", "MAILBOX_PORT")}
    async with (
        started(tmp_path / "var", ports) as up,
        chromium(more=["--use-fake-device-for-media-stream=fps=5"]) as browser,
    ):
        web = f"http://localhost:{ports['WEB_PORT']}"
        desk = await sign_in(browser, re.findall(rf"{web}/sign-in/\S+", up.said)[0])
        for name, language in GUESTS.items():
            await add_person(desk, web, name, language)
        await plan(desk, web)
        links = await mailed_links(f"http://localhost:{ports['MAILBOX_PORT']}", web)
        four = [await open_link(browser, links[name]) for name in list(GUESTS)[:4]]
        rooms = await asyncio.gather(*map(join, four))
        await asyncio.gather(*(meets(room, 3) for room in rooms))
        database = _database(tmp_path / "var")

        # Loaded anew, one of the four is no stranger.
        await four[0].reload()
        rooms[0] = await join(four[0])
        await asyncio.gather(*(meets(room, 3) for room in rooms))
        await until(lambda: _asked(database, "select count(*) = 0 from provider_event where outcome is null"))
        assert await _asked(database, "select count(*) from stranger") == 0

        old = _path(rooms[0])
        fifth = await _comes_by_the_raw_address(browser, rooms[0])
        alert = desk.locator("#strangers .stranger")
        await until(alert.is_visible, seconds=120, every=0.1)
        told = clock.now() - await _asked(database, "select joined_at from room_client where seat_id is null")
        print(f"told of after {told.total_seconds():.2f} s")
        await expect(alert).to_have_count(1)
        await expect(alert).to_contain_text("Fremmed")
        await look(desk, "session-stranger")
        await axe_finds_nothing(desk)
        spare = "select count(*) > 0 from spare_room where state = 'ready'"
        await until(lambda: _asked(database, spare), seconds=180)

        began = time.monotonic()
        await desk.get_by_role("button", name="Flytt alle andre til et nytt rom").click()
        moved = await asyncio.gather(*(_sees_all_elsewhere(page, old, 3) for page in four))
        took = max(moved) - began
        print(f"pictures in the new room after {took:.2f} s")
        await expect(desk.locator(".ds-alert[data-color=success]")).to_contain_text("nye rommet")
        assert len({_path(await _frame(page)) for page in four}) == 1

        await expect(fifth.locator("#room")).to_be_hidden()
        assert await _asked(database, "select count(*) = 0 from room_client c join room r on r.id = c.room_id"
                                      " where r.generation > 1 and c.seat_id is null")  # fmt: skip
        await fifth.reload()
        await expect(fifth.locator("#room")).to_be_hidden()
        assert not await fifth.evaluate("window.sammenRoom !== undefined && window.sammenRoom.stats().length > 0")
        await expect(alert).to_have_count(0)


async def _comes_by_the_raw_address(browser: Browser, room: Frame) -> Page:
    """Only the address: no name of ours, no link, and none of the parameters that our page gives."""
    address = urlsplit(room.url)
    context = await browser.new_context(
        permissions=["camera", "microphone"], viewport={"width": PHONE["width"], "height": PHONE["height"]}
    )
    page = await context.new_page()
    await page.goto(f"{address.scheme}://{address.netloc}{address.path}?displayName=Fremmed&precallReview=off")
    return page


async def _sees_all_elsewhere(page: Page, old: str, others: int) -> float:
    """The moment when the page decodes every other's picture in another room than before."""

    async def seen() -> bool:
        frame = await _frame(page)
        return frame is not None and _path(frame) != old and await _has_peers(frame, others, decoded=True)

    return await _when(seen, seconds=180)


async def _has_peers(frame: Frame, others: int, *, decoded: bool = False) -> bool:
    try:
        peers: list[dict[str, Any]] = await frame.evaluate(
            "window.sammenRoom === undefined ? [] : window.sammenRoom.stats()"
        )
    except Exception as error:  # noqa: BLE001 - the frame is just being replaced
        print(type(error).__name__)
        return False
    return len(peers) == others and all(peer["framesDecoded"] > 0 or not decoded for peer in peers)


async def _frame(page: Page) -> Frame | None:
    handle = await page.locator("iframe").first.element_handle(timeout=90_000)
    return await handle.content_frame()


async def _when(condition: Callable[[], Awaitable[bool]], *, seconds: float = 120) -> float:
    """The moment when it became true."""
    await until(condition, seconds=seconds, every=0.1)
    return time.monotonic()


def _path(frame: Frame | None) -> str:
    assert frame is not None
    return urlsplit(frame.url).path


def _database(folder: Path) -> str:
    """The private database's address, as a second terminal would find it."""
    found = re.search(r"DATABASE_URL='?([^'\n]+)", (folder / "environment").read_text())
    assert found is not None
    return found[1]


async def _asked(database: str, question: str) -> Any:
    connection = await asyncpg.connect(database)
    try:
        return await connection.fetchval(question)
    finally:
        await connection.close()
