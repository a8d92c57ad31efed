"""What a person sees when something is missing or breaks: a plain sentence, and as much of the room as there can be."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser, Page

from tests.rooms.roomserver.frozen import network
from tests.rooms.roomserver.xl import tells
from tests.support.browser import axe_finds_nothing, chromium, look
from tests.support.room_server import RoomServer, free_port, room_server
from tests.support.waiting import until

pytestmark = [pytest.mark.browser, pytest.mark.video]

QUIET = "precallReview=off&lowData=on&lang=nb&audio=off&video=off"
WITH_MEDIA = "precallReview=off&lowData=on&lang=nb"


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium(more=["--host-resolver-rules=MAP rooms.example 127.0.0.1"]) as running:
        yield running


async def enter(browser: Browser, url: str, query: str, *, allowed: bool = True) -> Page:
    """Open a room in a context of its own, with camera and microphone allowed or refused."""
    context = await browser.new_context(permissions=["camera", "microphone"] if allowed else [])
    context.set_default_timeout(90_000)
    page = await context.new_page()
    await page.goto(url + ("&" if "?" in url else "?") + query)
    return page


async def close(*pages: Page) -> None:
    await asyncio.gather(*(page.context.close() for page in pages))


async def tiles(page: Page, count: int) -> None:
    await until(lambda: _has_tiles(page, count), seconds=60)


async def _has_tiles(page: Page, count: int) -> bool:
    return await page.locator(".tile").count() == count


async def test_a_line_that_goes_dead_is_noticed_and_nothing_is_lost(browser: Browser, tmp_path: Path) -> None:
    """The browser hears of nothing: only silence tells it. What was said meanwhile is said again."""
    seen_port = free_port()
    async with (
        room_server(tmp_path, ROOM_SERVER_URL=f"http://localhost:{seen_port}") as server,
        network(seen_port, urlsplit(server.url).port or 0) as line,
    ):
        room = await server.create()
        page = await enter(browser, room["roomUrl"], f"{QUIET}&displayName=Amina")
        # Welcomed, not only looking at themselves: whoever was never inside cannot lose the room.
        await page.get_by_text("Du er den første").wait_for()
        broke = asyncio.create_task(tells(page, "Forbindelsen ble brutt"))
        line.freeze()
        other = await enter(browser, room["roomUrl"], f"{QUIET}&displayName=Yusuf")
        await tiles(other, 2)
        amina = (await other.evaluate("window.sammenRoom.stats()"))[0]["id"]
        await broke
        await tiles(page, 2)
        await page.get_by_text("Forbindelsen ble brutt").wait_for(state="hidden")
        assert await page.locator(".who", has_text="Yusuf").count() == 1
        assert [each["id"] for each in await other.evaluate("window.sammenRoom.stats()")] == [amina]
        await until(lambda: _all_connected(page, other), seconds=60)
        await close(page, other)


async def _all_connected(*pages: Page) -> bool:
    states = [each["state"] for page in pages for each in await page.evaluate("window.sammenRoom.stats()")]
    return len(states) == len(pages) and set(states) <= {"connected", "completed"}


async def test_a_page_that_is_closed_gives_its_place_up_at_once(browser: Browser, server: RoomServer) -> None:
    room = await server.create()
    stays = await enter(browser, room["roomUrl"], QUIET)
    goes = await enter(browser, room["roomUrl"], QUIET)
    await tiles(stays, 2)
    await goes.goto("about:blank")
    await until(lambda: _has_tiles(stays, 1), seconds=5)
    await close(stays, goes)


async def test_who_refuses_camera_and_microphone_is_told_and_comes_in(browser: Browser, server: RoomServer) -> None:
    room = await server.create()
    page = await enter(browser, room["roomUrl"], WITH_MEDIA, allowed=False)
    await page.get_by_text("Nettleseren lar oss ikke bruke kamera eller mikrofon").wait_for()
    await tiles(page, 1)
    await look(page, "room-denied")
    await axe_finds_nothing(page)
    await close(page)


async def test_who_has_neither_camera_nor_microphone_is_told_and_comes_in(server: RoomServer) -> None:
    room = await server.create()
    async with chromium(fake_devices=False) as browser:
        page = await enter(browser, room["roomUrl"], WITH_MEDIA)
        await page.get_by_text("Vi fant ikke kamera eller mikrofon").wait_for()
        await tiles(page, 1)
        await close(page)


async def test_where_the_browser_offers_no_camera_it_says_what_to_do(browser: Browser, server: RoomServer) -> None:
    """On plain http away from this machine browsers hide cameras."""
    room = await server.create()
    page = await enter(browser, room["roomUrl"].replace("localhost", "rooms.example"), WITH_MEDIA)
    await page.get_by_role("heading", name="Denne nettleseren kan ikke vise rommet").wait_for()
    await look(page, "room-unsupported")
    await axe_finds_nothing(page)
    await close(page)


async def test_a_browser_that_cannot_run_the_modules_says_what_to_do(browser: Browser, server: RoomServer) -> None:
    room = await server.create()
    context = await browser.new_context()
    page = await context.new_page()
    await page.route("**/static/mesh.js", lambda route: route.fulfill(body="syntax that is too new for it ¤"))
    await page.goto(f"{room['roomUrl']}?lang=nb")
    await page.get_by_role("heading", name="Denne nettleseren kan ikke vise rommet").wait_for()
    await close(page)


#: Whatever Playwright itself asks of a page counts as a person's touch, after which sound is allowed.
_TELL_OF_THE_BUTTON = """setInterval(() => {
  if (document.getElementById("sound")?.hidden === false) console.info("a tap is needed");
}, 100)"""


async def test_sound_that_the_browser_holds_back_comes_with_one_tap(server: RoomServer) -> None:
    room = await server.create()
    async with chromium(more=["--autoplay-policy=document-user-activation-required"]) as browser:
        speaks = await enter(browser, room["roomUrl"], WITH_MEDIA)
        listens = await (await browser.new_context()).new_page()
        await listens.add_init_script(_TELL_OF_THE_BUTTON)
        async with listens.expect_console_message(lambda said: said.text == "a tap is needed", timeout=60_000):
            await listens.goto(f"{room['roomUrl']}?{QUIET}")
        tap = listens.get_by_role("button", name="Trykk for å høre de andre")
        await look(listens, "room-tap-to-hear")
        await tap.click()
        await tap.wait_for(state="hidden")
        await until(lambda: _hears(listens), seconds=60)
        await close(speaks, listens)


async def _hears(page: Page) -> bool:
    return any(each["totalAudioEnergy"] > 0 for each in await page.evaluate("window.sammenRoom.stats()"))


async def test_a_viewer_sees_the_others_and_is_not_seen(browser: Browser, server: RoomServer) -> None:
    room = await server.create(templateType="viewerMode")
    host = await enter(browser, room["hostRoomUrl"], WITH_MEDIA)
    await tiles(host, 1)
    viewer = await enter(browser, room["viewerRoomUrl"], WITH_MEDIA)
    await tiles(viewer, 1)

    async def sees() -> bool:
        return any(each["framesDecoded"] > 0 for each in await viewer.evaluate("window.sammenRoom.stats()"))

    await until(sees, seconds=60)
    assert await host.locator(".tile").count() == 1
    assert not await viewer.get_by_role("button", name="Kamera").count()
    assert not await viewer.get_by_role("button", name="Mikrofon").count()
    await close(host, viewer)


async def test_a_host_answers_those_who_knock_one_after_the_other(browser: Browser, server: RoomServer) -> None:
    room = await server.create(isLocked=True)
    hosts = [await enter(browser, room["hostRoomUrl"], f"{QUIET}&displayName=Host{number}") for number in range(2)]
    await tiles(hosts[0], 2)
    guests = []
    for name in ("Amina", "Yusuf", "Leyla"):
        guest = await enter(browser, room["roomUrl"], f"{QUIET}&displayName={name}")
        await guest.get_by_role("button", name="Bank på").click()
        await guest.get_by_role("heading", name="Vi har banket på for deg").wait_for()
        guests.append(guest)
    amina, yusuf, leyla = guests
    await hosts[0].get_by_text("Amina vil komme inn.").wait_for()
    await look(hosts[0], "room-door")
    await axe_finds_nothing(hosts[0])
    await hosts[0].get_by_role("button", name="Slipp inn").click()
    await tiles(amina, 3)
    for host in hosts:  # the other host need not answer for Amina any more
        await host.get_by_text("Yusuf vil komme inn.").wait_for()
    await hosts[1].get_by_role("button", name="Ikke nå").click()
    await yusuf.get_by_role("heading", name="Du kan ikke komme inn akkurat nå").wait_for()
    await leyla.get_by_role("button", name="Ikke vent lenger").click()
    await leyla.get_by_role("heading", name="Døra er lukket").wait_for()
    for host in hosts:
        await host.get_by_role("button", name="Slipp inn").wait_for(state="hidden")
    await close(*hosts, *guests)


async def test_a_broken_line_does_not_undo_a_knock(browser: Browser, server: RoomServer) -> None:
    room = await server.create(isLocked=True)
    host = await enter(browser, room["hostRoomUrl"], QUIET)
    await tiles(host, 1)
    guest = await enter(browser, room["roomUrl"], f"{QUIET}&displayName=Amina")
    await guest.get_by_role("button", name="Bank på").click()
    admit = host.get_by_role("button", name="Slipp inn")
    await admit.wait_for()
    await guest.evaluate("window.sammenRoom.breakOff()")

    async def is_let_in() -> bool:
        if await admit.is_visible():
            await admit.click()
        return await _has_tiles(guest, 2)

    await until(is_let_in, seconds=90)
    await close(host, guest)


async def test_a_host_who_lets_somebody_into_a_full_room_is_told_and_stays(
    browser: Browser, server: RoomServer
) -> None:
    room = await server.create(isLocked=True)
    inside = [await enter(browser, room["hostRoomUrl"], QUIET) for _ in range(4)]
    await tiles(inside[0], 4)
    guest = await enter(browser, room["roomUrl"], f"{QUIET}&displayName=Amina")
    await guest.get_by_role("button", name="Bank på").click()
    await inside[0].get_by_role("button", name="Slipp inn").click()
    await inside[0].locator("#notice", has_text="Rommet er fullt").wait_for()
    await tiles(inside[0], 4)
    await inside[3].get_by_role("button", name="Gå ut").click()
    await inside[3].get_by_role("heading", name="Du har gått ut av rommet").wait_for()
    await tiles(inside[0], 3)
    await inside[0].get_by_role("button", name="Slipp inn").click()
    await tiles(guest, 4)
    await close(*inside, guest)
