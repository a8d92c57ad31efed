"""How an XL room feels to the people in it: cameras that take turns, little data, broken lines, pages of tiles."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from playwright.async_api import Browser, Page

from tests.rooms.roomserver.xl import enter, janus_or_skip, leave, receives, server_with, stats, tells, tiles
from tests.support.browser import axe_finds_nothing, chromium, look
from tests.support.room_server import RoomServer

pytestmark = [pytest.mark.browser, pytest.mark.video]
#: The fake microphone beeps: who is to be silent comes in without it.
SILENT: dict[str, Any] = {"audio": "off"}
UNSEEN: dict[str, Any] = {"audio": "off", "video": "off"}


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium(more=["--autoplay-policy=no-user-gesture-required"]) as running:
        yield running


@pytest.fixture(scope="module")
async def xl(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RoomServer]:
    """A room server with Janus, on which two pictures are live at a time."""
    async with (
        janus_or_skip() as running,
        server_with(running, tmp_path_factory.mktemp("xl"), ROOM_SERVER_CAMERAS="2") as server,
    ):
        yield server


async def test_cameras_take_turns_and_who_speaks_comes_first(browser: Browser, xl: RoomServer) -> None:
    room = await xl.create(roomMode="group")
    amina = await enter(browser, room["roomUrl"], "Amina", **SILENT)
    yusuf = await enter(browser, room["roomUrl"], "Yusuf", **SILENT)
    await asyncio.gather(receives(amina, {"Yusuf"}, heard=set()), receives(yusuf, {"Amina"}, heard=set()))
    leyla = await enter(browser, room["roomUrl"], "Leyla", speaks=True, **SILENT)
    held = leyla.get_by_text("Mange har kameraet på, så ditt må vente.")
    await held.wait_for()
    await receives(leyla, {"Amina", "Yusuf"}, heard=set())
    assert (await stats(amina))["Leyla"]["framesDecoded"] == 0
    # She speaks: her picture comes, and one of the silent ones makes room for it.
    await leyla.get_by_role("button", name="Mikrofon av").click()
    await held.wait_for(state="hidden")
    shown = [name for name in ("Amina", "Yusuf") if await _sees(leyla, name)]
    await receives(amina if shown == ["Yusuf"] else yusuf, {"Leyla"})
    # A place that becomes free is taken by whoever waits.
    waits, stays = (amina, yusuf) if shown == ["Yusuf"] else (yusuf, amina)
    notice = waits.get_by_text("Mange har kameraet på, så ditt må vente.")
    await notice.wait_for()
    await stays.get_by_role("button", name="Kamera på").click()
    await notice.wait_for(state="hidden")
    await leave(amina, yusuf, leyla)


async def _sees(page: Page, name: str) -> bool:
    """Whether the tile of this person has a picture."""
    tile = page.locator(".tile:not(.unseen-video)", has=page.locator(".who", has_text=name))
    return await tile.count() == 1


async def test_who_wants_little_data_gets_all_sound_and_one_small_picture(browser: Browser, xl: RoomServer) -> None:
    room = await xl.create(roomMode="group")
    amina = await enter(browser, room["roomUrl"], "Amina")
    yusuf = await enter(browser, room["roomUrl"], "Yusuf", **SILENT)
    little = await enter(browser, room["roomUrl"], "Leyla", lowData="on", **UNSEEN)
    await receives(little, {"Amina"})
    found = await stats(little)
    assert found["Amina"]["videoWidth"] <= 320
    assert found["Yusuf"]["framesDecoded"] == 0
    assert await little.locator(".tile.large .who").inner_text() == "Amina"
    await leave(amina, yusuf, little)


async def test_a_broken_line_heals_and_nobody_loses_sound_or_picture(browser: Browser, xl: RoomServer) -> None:
    room = await xl.create(roomMode="group")
    pages = [await enter(browser, room["roomUrl"], name) for name in ("Amina", "Yusuf")]
    await asyncio.gather(receives(pages[0], {"Yusuf"}), receives(pages[1], {"Amina"}))
    before = (await stats(pages[1]))["Amina"]
    await asyncio.gather(tells(pages[0], "Forbindelsen ble brutt"), pages[0].evaluate("window.sammenRoom.breakOff()"))
    await pages[0].get_by_text("Forbindelsen ble brutt").wait_for(state="hidden")
    await asyncio.gather(receives(pages[0], {"Yusuf"}), receives(pages[1], {"Amina"}))
    after = (await stats(pages[1]))["Amina"]
    assert after["id"] == before["id"]
    assert after["framesDecoded"] > before["framesDecoded"]
    await leave(*pages)


async def test_a_page_that_is_loaded_again_takes_its_place_over(browser: Browser, xl: RoomServer) -> None:
    room = await xl.create(roomMode="group")
    amina = await enter(browser, room["roomUrl"], "Amina", externalId="a-1")
    yusuf = await enter(browser, room["roomUrl"], "Yusuf")
    await receives(yusuf, {"Amina"})
    first = (await stats(yusuf))["Amina"]["id"]
    await amina.reload()
    await asyncio.gather(receives(yusuf, {"Amina"}), receives(amina, {"Yusuf"}))
    assert (await stats(yusuf))["Amina"]["id"] != first
    assert len(await stats(yusuf)) == 1
    await leave(amina, yusuf)


async def test_a_camera_turned_on_later_is_seen(browser: Browser, xl: RoomServer) -> None:
    room = await xl.create(roomMode="group")
    amina = await enter(browser, room["roomUrl"], "Amina", **UNSEEN)
    yusuf = await enter(browser, room["roomUrl"], "Yusuf", **UNSEEN)
    await tiles(yusuf, 2)
    await amina.get_by_role("button", name="Kamera av").click()
    await receives(yusuf, {"Amina"}, heard=set())
    await amina.get_by_role("button", name="Mikrofon av").click()
    await receives(yusuf, {"Amina"})
    await leave(amina, yusuf)


async def test_without_a_media_server_the_page_says_how_small_the_room_is(browser: Browser, server: RoomServer) -> None:
    room = await server.create(roomMode="group")
    assert room["capacity"] == 6
    page = await enter(browser, room["roomUrl"], "Amina", precallReview="on")
    await page.get_by_text("Det er plass til 6 personer her akkurat nå.").wait_for()
    await page.get_by_role("button", name="Kom inn", exact=True).click()
    await tiles(page, 1)
    await page.locator("#limit", has_text="Det er plass til 6 personer her akkurat nå.").wait_for()
    assert not await page.locator("#views").is_visible()
    await look(page, "xl-without-server")
    await leave(page)


_CROWD = """async (count) => {
  const { arrange } = await import("/static/places.js");
  const { Grid } = await import("/static/grid.js");
  const { Views } = await import("/static/views.js");
  for (const id of ["grid", "page-back", "page-on", "view"]) {
    const old = document.getElementById(id);
    old.replaceWith(old.cloneNode(true));
  }
  document.getElementById("grid").replaceChildren();
  const grid = new Grid(document.body.dataset);
  const people = Array.from({ length: count }, (_, n) => ({
    id: String(n), name: `Person ${n}`, stream: null, audio: n % 2 === 0, video: false, isLive: n % 4 === 3,
    mine: n === count - 1,
  }));
  const show = () => {
    const arranged = arrange(people, { ...views.wanted, speaker: "7" });
    grid.show(arranged.shown, arranged.large);
    views.tell(arranged);
  };
  const views = new Views(document.body.dataset, false, show);
  show();
}"""


@pytest.mark.parametrize("language", ["nb", "ar"])
async def test_pages_of_tiles_by_keyboard_and_for_readers(browser: Browser, server: RoomServer, language: str) -> None:
    """More people than a test's machine carries, drawn by the page's own modules."""
    room = await server.create()
    page = await enter(browser, room["roomUrl"], "Amina", lang=language, **UNSEEN)
    await tiles(page, 1)
    await page.evaluate(_CROWD, 30)
    await tiles(page, 12)
    names = await page.locator(".who").all_inner_texts()
    assert names[:3] == ["Person 3", "Person 7", "Person 11"]  # with a picture first
    assert names[11] == await page.locator("body").get_attribute("data-you")
    await look(page, f"xl-page-{language}")
    await axe_finds_nothing(page)
    await page.locator("#page-back").focus()
    await page.keyboard.press("Enter")  # nothing before the first
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await page.keyboard.press("Enter")
    await page.keyboard.press("Enter")  # nothing after the last
    await tiles(page, 6)
    words = {"nb": "Side 3 av 3", "ar": "صفحة 3 من 3"}
    await page.get_by_role("status").get_by_text(words[language]).wait_for()
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    assert await page.locator(".tile.large .who").all_inner_texts() == ["Person 7"]
    boxes: list[list[float]] = await page.evaluate(
        "[...document.querySelectorAll('.tile')].map((t) => t.getBoundingClientRect()).map((r) => [r.width, r.height])"
    )
    assert all(width >= 80 and height >= 60 for width, height in boxes)
    assert boxes[0][0] > 2 * boxes[1][0]
    await look(page, f"xl-speaker-{language}")
    await axe_finds_nothing(page)
    await leave(page)


@pytest.mark.parametrize("people", [1, 12, 13, 50])
async def test_everybody_is_on_one_page_exactly(browser: Browser, server: RoomServer, people: int) -> None:
    room = await server.create()
    page = await enter(browser, room["roomUrl"], "Amina", **UNSEEN)
    found: list[dict[str, Any]] = await page.evaluate(
        """async (count) => {
          const { arrange } = await import("/static/places.js");
          const people = Array.from({ length: count }, (_, n) => ({
            id: String(n), isLive: n % 3 === 0, mine: n === count - 1,
          }));
          const ways = [];
          for (const isSpeakerView of [true, false]) {
            const asked = { isSpeakerView, strip: 6, speaker: "gone" };
            const first = arrange(people, { ...asked, page: 0 });
            const shown = [];
            for (let page = 0; page < first.pages; page += 1) {
              const arranged = arrange(people, { ...asked, page });
              shown.push(...arranged.shown.filter(({ id }) => page === 0 || id !== first.large).map(({ id }) => id));
            }
            ways.push({ shown, beyond: arrange(people, { ...asked, page: 99 }).page, pages: first.pages });
          }
          return ways;
        }""",
        people,
    )
    for way in found:
        assert sorted(way["shown"], key=int) == [str(n) for n in range(people)]
        assert way["beyond"] == way["pages"] - 1
    await leave(page)
