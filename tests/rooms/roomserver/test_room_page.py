"""People in browsers see and hear each other in a room: measured by WebRTC's own statistics."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote

import pytest
from playwright.async_api import Browser, Page

from tests.rooms.roomserver.xl import tells
from tests.support.browser import axe_finds_nothing, chromium, look
from tests.support.room_server import RoomServer
from tests.support.waiting import until

pytestmark = [pytest.mark.browser, pytest.mark.video]


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium(more=["--use-fake-device-for-media-stream=fps=5"]) as running:
        yield running


async def enter(browser: Browser, url: str, name: str, **parameters: str) -> Page:
    """Open a room as one more person, in a context of their own, straight into the room."""
    context = await browser.new_context(permissions=["camera", "microphone"])
    context.set_default_timeout(90_000)
    page = await context.new_page()
    asked = {"displayName": name, "precallReview": "off", "lowData": "on", "lang": "nb"} | parameters
    query = "&".join(f"{key}={quote(value)}" for key, value in asked.items())
    await page.goto(url + ("&" if "?" in url else "?") + query)
    return page


async def leave(*pages: Page) -> None:
    await asyncio.gather(*(page.context.close() for page in pages))


async def stats(page: Page) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = await page.evaluate("window.sammenRoom.stats()")
    return found


async def sees_and_hears(page: Page, others: int) -> None:
    """Every other's video is decoded, and goes on being decoded; every other's sound has energy."""

    async def all_decoded() -> bool:
        first = await stats(page)
        return len(first) == others and all(p["framesDecoded"] > 0 and p["videoWidth"] > 0 for p in first)

    await until(all_decoded, seconds=120)
    before = {peer["id"]: peer["framesDecoded"] for peer in await stats(page)}

    async def goes_on() -> bool:
        return all(
            peer["framesDecoded"] > before[peer["id"]] and peer["totalAudioEnergy"] > 0 for peer in await stats(page)
        )

    await until(goes_on, seconds=60)


@pytest.mark.parametrize("people", [2, 4])
async def test_everybody_sees_and_hears_everybody(browser: Browser, server: RoomServer, people: int) -> None:
    room = await server.create(roomMode="group")
    pages = [await enter(browser, room["roomUrl"], f"Person {number}") for number in range(people)]
    await asyncio.gather(*(sees_and_hears(page, people - 1) for page in pages))
    await look(pages[0], f"room-{people}-people")
    await leave(*pages)


async def test_a_normal_room_takes_four_and_says_so_to_the_fifth(browser: Browser, server: RoomServer) -> None:
    room = await server.create(roomMode="normal")
    pages = [await enter(browser, room["roomUrl"], f"Person {number}", video="off", audio="off") for number in range(5)]
    await pages[4].get_by_role("heading", name="Rommet er fullt").wait_for()
    await pages[0].context.close()
    await until(lambda: _tiles(pages[1], 3), seconds=90)
    await pages[4].get_by_role("button", name="Prøv igjen").click()
    await until(lambda: _tiles(pages[4], 4))
    await leave(*pages[1:])


async def _tiles(page: Page, count: int) -> bool:
    return await page.locator(".tile").count() == count


async def test_who_has_no_camera_still_sees_the_others(browser: Browser, server: RoomServer) -> None:
    room = await server.create()
    seen = await enter(browser, room["roomUrl"], "Amina")
    unseen = await enter(browser, room["roomUrl"], "Yusuf", video="off", audio="off")

    async def decoded() -> bool:
        return any(peer["framesDecoded"] > 0 for peer in await stats(unseen))

    await until(decoded, seconds=90)
    await unseen.get_by_role("button", name="Kamera av").click()
    await sees_and_hears_video(seen)
    await leave(seen, unseen)


async def sees_and_hears_video(page: Page) -> None:
    async def decoded() -> bool:
        return any(peer["framesDecoded"] > 0 for peer in await stats(page))

    await until(decoded, seconds=90)


async def test_a_locked_room_opens_only_by_its_host(browser: Browser, server: RoomServer) -> None:
    room = await server.create(isLocked=True)
    host = await enter(browser, room["hostRoomUrl"], "Kari", video="off", audio="off")
    await until(lambda: _tiles(host, 1))
    guest = await enter(browser, room["roomUrl"], "Amina", video="off", audio="off")
    await guest.get_by_role("button", name="Bank på").click()
    await host.get_by_text("Amina").wait_for()
    await host.get_by_role("button", name="Slipp inn").click()
    await until(lambda: _tiles(guest, 2))
    await leave(host, guest)


async def test_deleting_a_room_throws_out_with_a_kind_word(browser: Browser, server: RoomServer) -> None:
    room = await server.create()
    page = await enter(browser, room["roomUrl"], "Amina", video="off", audio="off")
    await until(lambda: _tiles(page, 1))
    await server.delete(room["meetingId"])
    await page.get_by_role("heading", name="Dette rommet er stengt").wait_for()
    await page.reload()
    await page.get_by_role("heading", name="Dette rommet er stengt").wait_for()
    await leave(page)


async def test_a_broken_line_heals_and_the_others_notice_nothing(browser: Browser, server: RoomServer) -> None:
    room = await server.create()
    pages = [await enter(browser, room["roomUrl"], name) for name in ("Amina", "Yusuf")]
    await asyncio.gather(*(sees_and_hears(page, 1) for page in pages))
    them = (await stats(pages[1]))[0]["id"]
    await asyncio.gather(tells(pages[0], "Forbindelsen ble brutt"), pages[0].evaluate("window.sammenRoom.breakOff()"))
    await pages[0].get_by_text("Forbindelsen ble brutt").wait_for(state="hidden")
    assert [peer["id"] for peer in await stats(pages[1])] == [them]
    await asyncio.gather(*(sees_and_hears(page, 1) for page in pages))
    await leave(*pages)


@pytest.mark.parametrize("language", ["nb", "ar"])
async def test_axe_finds_nothing_in_a_room(browser: Browser, server: RoomServer, language: str) -> None:
    room = await server.create(isLocked=True)
    host = await enter(browser, room["hostRoomUrl"], "Kari", lang=language)
    guest = await enter(browser, room["roomUrl"], "Amina", lang=language, video="off")
    await until(lambda: _tiles(host, 1))
    await axe_finds_nothing(host)
    await axe_finds_nothing(guest)
    await look(guest, f"room-locked-{language}")
    await look(host, f"room-alone-{language}")
    await leave(host, guest)


@pytest.mark.parametrize("people", [1, 2, 3, 4, 6, 7, 9, 12])
async def test_tiles_fill_the_screen_without_overlap(browser: Browser, server: RoomServer, people: int) -> None:
    """More tiles than the mesh admits, added by script: the grid is the same when an SFU comes."""
    room = await server.create()
    page = await enter(browser, room["roomUrl"], "Amina", audio="off")
    await until(lambda: _tiles(page, 1))
    await page.evaluate(
        """async (count) => {
          const { Grid } = await import("/static/grid.js");
          const old = document.getElementById("grid");
          old.replaceWith(old.cloneNode());
          const people = Array.from({ length: count }, (_, n) => ({
            id: String(n), name: `Person ${n} med et langt navn`, stream: null, audio: n % 2 === 0, video: false,
            mine: false,
          }));
          window.shownGrid = new Grid(document.body.dataset);
          window.shownGrid.show(people);
        }""",
        people,
    )
    await look(page, f"room-tiles-{people}")
    boxes = await page.evaluate(
        "[...document.querySelectorAll('.tile')].map((t) => t.getBoundingClientRect()).map((r) => [r.width, r.height])"
    )
    assert len(boxes) == people
    assert all(width >= 80 and height >= 60 for width, height in boxes)
    await leave(page)
