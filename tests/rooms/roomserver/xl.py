"""An XL room in a browser: people in it, what they see and hear, and a Janus to run it on."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import aiohttp
import pytest
from playwright.async_api import Browser, Page

from rooms.embedded import janus
from tests.support.room_server import RoomServer, room_server
from tests.support.waiting import until

#: What a camera gives here: small and slow, since all browsers of a test share one machine.
_SMALL_CAMERA = """
const get = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
navigator.mediaDevices.getUserMedia = ({ audio, video }) => get({
  audio, ...(video ? { video: { width: 320, height: 180, frameRate: 5 } } : {}),
});
"""


#: Chromium's own microphone beeps now and then, which is no speech. This one hums all the time.
_SPEAKING = """
const withPicture = navigator.mediaDevices.getUserMedia;
navigator.mediaDevices.getUserMedia = async ({ audio, video }) => {
  const stream = video ? await withPicture({ video }) : new MediaStream();
  if (audio) {
    const context = new AudioContext();
    const [tone, out] = [context.createOscillator(), context.createMediaStreamDestination()];
    tone.connect(out);
    tone.start();
    stream.addTrack(out.stream.getAudioTracks()[0]);
  }
  return stream;
};
"""


@asynccontextmanager
async def janus_or_skip() -> AsyncIterator[janus.Running]:
    """A running Janus. Skips where the machine has none."""
    if janus.find(None) is None:
        pytest.skip(f"no Janus on this machine, so no XL rooms: {janus.INSTALL}")
    async with janus.throwaway() as running:
        yield running


@asynccontextmanager
async def server_with(running: janus.Running, folder: Path, **environment: str) -> AsyncIterator[RoomServer]:
    """A room server that has found Janus. Skips where Janus finds no network."""
    async with room_server(folder, **running.janus.variables, **environment) as server:
        problem = await until(lambda: _ready_or_problem(server), seconds=60)
        if problem is not True:
            pytest.skip(f"no XL rooms: {problem}")
        yield server


async def health(server: RoomServer) -> dict[str, Any]:
    async with aiohttp.ClientSession() as http, http.get(f"{server.url}/health") as response:
        found: dict[str, Any] = await response.json()
        return found


async def _ready_or_problem(server: RoomServer) -> bool | str:
    told = await health(server)
    return bool(told["sfu"]) or ("network" in told["sfu_problem"] and str(told["sfu_problem"]))


async def enter(browser: Browser, url: str, name: str, *, speaks: bool = False, **parameters: str) -> Page:
    """Open a room as one more person, in a context of their own, straight into the room. Sound needs no tap.

    Who `speaks` does so as long as their microphone is on.
    """
    context = await browser.new_context(permissions=["camera", "microphone"])
    await context.add_init_script(_SMALL_CAMERA)
    if speaks:
        await context.add_init_script(_SPEAKING)
    context.set_default_timeout(90_000)
    page = await context.new_page()
    asked = {"displayName": name, "precallReview": "off", "lang": "nb"} | parameters
    query = "&".join(f"{key}={quote(value)}" for key, value in asked.items())
    await page.goto(url + ("&" if "?" in url else "?") + query)
    return page


async def leave(*pages: Page) -> None:
    await asyncio.gather(*(page.context.close() for page in pages))


async def stats(page: Page) -> dict[str, dict[str, Any]]:
    """What the page receives of each other, by name."""
    found: list[dict[str, Any]] = await page.evaluate("window.sammenRoom.stats()")
    return {each["name"]: each for each in found}


async def receives(page: Page, seen: set[str], *, heard: set[str] | None = None, seconds: float = 120) -> None:
    """These are decoded, and go on being decoded; those (the same, unless said) have sound with energy in it."""
    before: dict[str, int] = {}

    async def all_of_them() -> bool:
        now = await stats(page)
        for name in seen & now.keys():
            if now[name]["videoWidth"] > 0:
                before.setdefault(name, now[name]["framesDecoded"])
        return all(
            name in before and now.get(name, {}).get("framesDecoded", 0) > before[name] > 0 for name in seen
        ) and all(now.get(name, {}).get("totalAudioEnergy", 0) > 0 for name in (seen if heard is None else heard))

    try:
        await until(all_of_them, seconds=seconds, every=0.25)
    except AssertionError:
        raise AssertionError(f"{await page.title()}: {await stats(page)}, not all of {seen}") from None


async def tiles(page: Page, count: int, *, seconds: float = 60) -> None:
    async def there() -> bool:
        return await page.locator(".tile").count() == count

    await until(there, seconds=seconds)


async def tells(page: Page, text: str, *, seconds: float = 180) -> None:
    """The page's notice holds this text, be it for a moment: Playwright looks only now and then, and would miss it."""
    async with asyncio.timeout(seconds):
        await page.evaluate(
            """(text) => new Promise((resolve) => {
              const notice = document.getElementById("notice");
              const look = () => notice.textContent.includes(text) && resolve();
              new MutationObserver(look).observe(notice, { childList: true, characterData: true, subtree: true });
              look();
            })""",
            text,
        )
