"""Whereby's own element from npm, unmodified, against this server: what works with theirs works with ours.

The element takes only addresses of whereby.com, so the browser is told that `embedded.whereby.com` is this machine.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from playwright.async_api import BrowserContext, Page

from config.settings import RoomServerSettings
from rooms.roomserver.app import make_app
from tests.support.browser import chromium
from tests.support.room_server import API_KEY, WEBHOOK_SECRET, free_port
from tests.support.waiting import until

pytestmark = pytest.mark.browser

HOST = "embedded.whereby.com"
_LIBRARIES = Path(__file__).resolve().parents[3] / "node_modules"
_PAGE = """<!doctype html>
<html lang="en">
  <title>A page that embeds a room</title>
  <script src="/heresy.js"></script>
  <script type="importmap">{"imports": {"heresy": "/heresy-module.js"}}</script>
  <script type="module">
    import "/element.js";
    window.heard = [];
    window.show = (attributes) => {
      const element = document.createElement("whereby-embed");
      for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
      for (const type of %s) element.addEventListener(type, ({ detail }) => heard.push([type, detail]));
      element.style.blockSize = "500px";
      document.body.append(element);
      window.element = element;
    };
  </script>
  <body></body>
</html>"""
_EVENTS = [
    "ready", "grant_device_permission", "join", "leave", "meeting_end", "participantupdate", "participant_join",
    "participant_leave", "camera_toggle", "microphone_toggle", "connection_status_change", "knock", "cancel_knock",
]  # fmt: skip


@dataclass
class Embedding:
    """A browser, the server's address for the API, and a page of somebody else that embeds rooms."""

    context: BrowserContext
    api: str
    page_url: str

    async def call(self, method: str, path: str, **body: object) -> dict[str, Any]:
        """Call the API."""
        async with (
            aiohttp.ClientSession(headers={"Authorization": f"Bearer {API_KEY}"}) as http,
            http.request(method, f"{self.api}/v1{path}", json=body, ssl=False) as response,
        ):
            assert response.status < 300, await response.text()
            return await response.json() if response.status == 201 else {}

    async def create(self, **fields: object) -> dict[str, Any]:
        """Make a room."""
        body = {"endDate": "2099-01-01T00:00:00Z", "fields": ["hostRoomUrl"], **fields}
        return await self.call("POST", "/meetings", **body)

    async def embed(self, room_url: str, **attributes: str) -> Page:
        """Show a room by the element."""
        page = await self.context.new_page()
        await page.goto(self.page_url)
        await page.evaluate("(all) => show(all)", {"room": room_url, **attributes})
        return page


async def heard(page: Page, kind: str) -> list[Any]:
    """What the element told of one kind."""
    return [detail for type_, detail in await page.evaluate("heard") if type_ == kind]


async def _serve(app: web.Application, port: int, tls: ssl.SSLContext | None = None) -> web.AppRunner:
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port, ssl_context=tls).start()
    return runner


async def _certificate(folder: Path) -> ssl.SSLContext:
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    made = await asyncio.create_subprocess_exec(
        *f"openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN={HOST} -keyout {key} -out {certificate}".split(),
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert await made.wait() == 0
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)
    return tls


def _embedding_page() -> web.Application:
    async def page(_request: web.Request) -> web.Response:
        return web.Response(text=_PAGE % _EVENTS, content_type="text/html")

    async def module(_request: web.Request) -> web.Response:
        return web.Response(text="export const { define, ref } = window.heresy;", content_type="text/javascript")

    def library(path: str) -> Any:
        async def file(_request: web.Request) -> web.FileResponse:
            return web.FileResponse(_LIBRARIES / path, headers={"Content-Type": "text/javascript"})

        return file

    app = web.Application()
    app.router.add_get("/", page)
    app.router.add_get("/heresy-module.js", module)
    app.router.add_get("/heresy.js", library("heresy/es.js"))
    app.router.add_get("/element.js", library("@whereby.com/browser-sdk/dist/embed/index.esm.js"))
    return app


@pytest.fixture(scope="module")
async def embedding(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Embedding]:
    folder = tmp_path_factory.mktemp("npm-element")
    port, page_port = free_port(), free_port()
    page_url = f"http://localhost:{page_port}"
    settings = RoomServerSettings.model_validate(
        {
            "room_server_url": f"https://{HOST}",
            "room_server_api_keys": API_KEY,
            "room_server_webhook_secret": WEBHOOK_SECRET,
            "room_server_allowed_origins": page_url,
            "room_server_data": folder / "data",
            "room_server_points_per_minute": 10000,
        }
    )
    rooms = await _serve(make_app(settings), port, await _certificate(folder))
    page = await _serve(_embedding_page(), page_port)
    try:
        async with chromium(more=[f"--host-resolver-rules=MAP {HOST} 127.0.0.1:{port}"]) as browser:
            context = await browser.new_context(permissions=["camera", "microphone"], ignore_https_errors=True)
            yield Embedding(context, f"https://localhost:{port}", page_url)
            await context.close()
    finally:
        await rooms.cleanup()
        await page.cleanup()


async def test_the_element_hears_of_everything_and_toggles_the_camera(embedding: Embedding) -> None:
    room = await embedding.create(roomMode="group")
    attributes = {"displayname": "Amina", "externalid": "seat-1", "precallreview": "off", "lowdata": "on"}
    page = await embedding.embed(room["roomUrl"], **attributes)
    await _hears(page, "join")
    assert await heard(page, "ready")

    other = await embedding.context.new_page()
    asked = "displayName=Kari&externalId=seat-2&metadata=guide&precallReview=off&audio=off&video=off"
    await other.goto(f"{room['roomUrl']}?{asked}")
    [joined] = await until(lambda: heard(page, "participant_join"), seconds=60)
    assert joined == {"participant": {"metadata": "guide", "externalId": "seat-2"}}
    await until(lambda: _count_is(page, 2))

    before = len(await heard(page, "camera_toggle"))
    await page.evaluate("element.toggleCamera(false)")
    await until(lambda: _more(page, "camera_toggle", before))
    assert (await heard(page, "camera_toggle"))[-1] == {"enabled": False}
    await page.evaluate("element.toggleCamera()")
    await until(lambda: _more(page, "camera_toggle", before + 1))
    assert (await heard(page, "camera_toggle"))[-1] == {"enabled": True}
    await page.evaluate("element.toggleMicrophone(false)")
    await until(lambda: _last_is(page, "microphone_toggle", {"enabled": False}))

    await other.close()
    await until(lambda: heard(page, "participant_leave"), seconds=120)
    await until(lambda: _count_is(page, 1))
    await page.evaluate("element.leaveRoom()")
    await until(lambda: _last_is(page, "leave", {"removed": False}))
    await page.close()


async def test_the_element_is_told_when_the_room_is_deleted(embedding: Embedding) -> None:
    room = await embedding.create()
    page = await embedding.embed(room["roomUrl"], precallreview="off", audio="off", video="off")
    await _hears(page, "join")
    await embedding.call("DELETE", f"/meetings/{room['meetingId']}")
    await until(lambda: _last_is(page, "leave", {"removed": True}))
    await page.close()


async def test_a_host_ends_the_meeting_and_everybody_is_told(embedding: Embedding) -> None:
    room = await embedding.create()
    off = {"precallreview": "off", "audio": "off", "video": "off"}
    host = await embedding.embed(room["hostRoomUrl"], **off)
    guest = await embedding.embed(room["roomUrl"], **off)
    await asyncio.gather(_hears(host, "join"), _hears(guest, "join"))
    await guest.evaluate("element.endMeeting()")
    late = await embedding.embed(room["roomUrl"], **off)
    await _hears(late, "join")
    await until(lambda: _count_is(guest, 3), seconds=60)
    await host.evaluate("element.endMeeting()")
    await asyncio.gather(*(_hears(page, "meeting_end") for page in (host, guest, late)))
    await asyncio.gather(*(page.close() for page in (host, guest, late)))


async def test_a_page_that_is_not_allowed_may_not_embed(embedding: Embedding) -> None:
    room = await embedding.create()
    page = await embedding.context.new_page()
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text))
    foreign = embedding.page_url.replace("localhost", "127.0.0.1")
    await page.goto(foreign)
    await page.evaluate("(all) => show(all)", {"room": room["roomUrl"], "precallreview": "off"})
    await until(lambda: _told(refused, "frame-ancestors"))
    assert await heard(page, "ready") == []
    await page.close()


async def _hears(page: Page, kind: str) -> None:
    await until(lambda: heard(page, kind), seconds=60)


async def _told(lines: list[str], word: str) -> bool:
    return any(word in line for line in lines)


async def _count_is(page: Page, people: int) -> bool:
    return await _last_is(page, "participantupdate", {"count": people})


async def _more(page: Page, kind: str, before: int) -> bool:
    return len(await heard(page, kind)) > before


async def _last_is(page: Page, kind: str, detail: dict[str, Any]) -> bool:
    return (await heard(page, kind))[-1:] == [detail]
