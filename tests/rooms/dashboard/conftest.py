"""Kari at the dashboard: signed in, with a centre to look after."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest
from aiohttp import ClientResponse
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, Page

from config.settings import Settings
from rooms.store.unit_of_work import Store
from tests.support.browser import chromium
from tests.support.callers import Client, cookies_of_coordinator, csrf_token
from tests.support.cast import Cast
from tests.support.lively import Lively, make_lively
from tests.support.town import Town

Post = Callable[..., Awaitable[ClientResponse]]


@pytest.fixture
def post(kari: Client) -> Post:
    """Send a form as Kari. A field with several values is given as a list."""

    async def send(path: str, **fields: str | list[str]) -> ClientResponse:
        pairs = [("csrf_token", await csrf_token(kari))]
        for name, value in fields.items():
            pairs += [(name, one) for one in (value if isinstance(value, list) else [value])]
        return await kari.post(path, data=pairs, allow_redirects=False)

    return send


@pytest.fixture
async def lively(klepp: Town, cast: Cast) -> Lively:
    """A week in which everything happens."""
    return await make_lively(klepp, cast)


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    """Chromium, for the tests of one file."""
    async with chromium() as browser:
        yield browser


OpenDesk = Callable[..., AbstractAsyncContextManager[Page]]


@pytest.fixture
def desk(browser: Browser, server: TestServer, store: Store, settings: Settings, cast: Cast) -> OpenDesk:
    """Opens Kari's dashboard in a browser. Fails when a script breaks or the security policy refuses something."""

    @asynccontextmanager
    async def open_desk(language: str = "nb", *, scripts: bool = True) -> AsyncIterator[Page]:
        base = str(server.make_url("/")).rstrip("/")
        context = await browser.new_context(base_url=base, java_script_enabled=scripts, reduced_motion="reduce")
        cookies = await cookies_of_coordinator(store, settings, cast.coordinator) | {"language": language}
        await context.add_cookies([{"name": name, "value": value, "url": base} for name, value in cookies.items()])
        page = await context.new_page()
        broken: list[str] = []
        page.on("pageerror", lambda error: broken.append(str(error)))
        page.on("console", lambda message: broken.append(message.text) if "Content Security" in message.text else None)
        try:
            yield page
            assert broken == []
        finally:
            await context.close()

    return open_desk
