"""The person's page in browsers: on machines with and without devices, and beside a real room server."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer, unused_port
from playwright.async_api import Browser, Page

from config.settings import DEMO_SECRET, RoomServerSettings, Settings
from rooms.app import make_app
from rooms.roomserver.app import make_app as make_room_server
from rooms.store.unit_of_work import Store
from tests.conftest import Client
from tests.support.browser import chromium
from tests.support.town import Town, make_town


@pytest.fixture
async def town(store: Store, settings: Settings, now: datetime) -> Town:
    return await make_town(store, settings, now)


@pytest.fixture(scope="session")
async def devices() -> AsyncIterator[Browser]:
    """Chromium with a fake camera and microphone."""
    async with chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
async def no_devices() -> AsyncIterator[Browser]:
    """Chromium on a machine without camera and microphone."""
    async with chromium(fake_devices=False) as browser:
        yield browser


@asynccontextmanager
async def open_page(
    browser: Browser, client: Client, path: str, *, allow: bool = True, **options: Any
) -> AsyncIterator[Page]:
    """A page of a browser of its own, with or without the permission to use camera and microphone.

    Fails when the page's script breaks or the content security policy refuses something.
    """
    context = await browser.new_context(base_url=str(client.make_url("/")), **options)
    if allow:
        await context.grant_permissions(["camera", "microphone"])
    page = await context.new_page()
    broken: list[str] = []
    page.on("pageerror", lambda error: broken.append(str(error)))
    page.on("console", lambda message: broken.append(message.text) if "Content Security" in message.text else None)
    try:
        await page.goto(path)
        yield page
        assert broken == []
    finally:
        await context.close()


class Site:
    """The web and the room server together, on addresses of their own, as a browser meets them."""

    def __init__(self, client: Client, rooms: Client, key: str) -> None:
        self.client, self._rooms, self._key = client, rooms, key

    async def meeting(self) -> dict[str, Any]:
        """A new room at the provider: `meeting_id` and `url` of a `Room`."""
        answer = await self._rooms.post(
            "/v1/meetings",
            json={"endDate": "2099-01-01T00:00:00Z", "roomMode": "group"},
            headers={"Authorization": f"Bearer {self._key}"},
        )
        made = await answer.json()
        return {"meeting_id": made["meetingId"], "url": made["roomUrl"]}

    async def delete(self, meeting_id: str) -> None:
        """Throw everybody out of a room."""
        await self._rooms.delete(f"/v1/meetings/{meeting_id}", headers={"Authorization": f"Bearer {self._key}"})


@pytest.fixture
async def site(settings: Settings, store: Store, tmp_path: Path) -> AsyncIterator[Site]:
    """Both servers, and webhooks from the one to the other."""
    ours, theirs = unused_port(), unused_port()
    room_settings = RoomServerSettings.model_validate(
        {
            "room_server_url": f"http://localhost:{theirs}",
            "room_server_api_keys": DEMO_SECRET,
            "room_server_webhook_url": f"http://127.0.0.1:{ours}/provider-events",
            "room_server_webhook_secret": DEMO_SECRET,
            "room_server_allowed_origins": f"http://127.0.0.1:{ours}",
            "room_server_data": tmp_path,
        }
    )
    web_settings = settings.model_copy(
        update={"public_url": f"http://127.0.0.1:{ours}", "room_hosts": (f"localhost:{theirs}",)}
    )
    async with (
        TestClient(TestServer(make_app(web_settings), port=ours)) as client,
        TestClient(TestServer(make_room_server(room_settings), port=theirs)) as rooms,
    ):
        yield Site(client, rooms, DEMO_SECRET)
