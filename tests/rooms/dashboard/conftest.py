"""Kari at the dashboard: signed in, with a centre to look after."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime

import pytest
from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestServer

from config.settings import Settings
from rooms.store.unit_of_work import Store
from tests.support.callers import Client, another_browser, be, cookies_of_coordinator, csrf_token
from tests.support.cast import Cast
from tests.support.town import Town

Post = Callable[..., Awaitable[ClientResponse]]


@pytest.fixture
def klepp(store: Store, settings: Settings, now: datetime, cast: Cast) -> Town:
    """Writes what happens in Klepp."""
    return Town(store, settings, now, cast.klepp.id)


@pytest.fixture
async def server(app: web.Application) -> AsyncIterator[TestServer]:
    """The application, listening."""
    async with TestServer(app) as server:
        yield server


@pytest.fixture
async def kari(server: TestServer, store: Store, settings: Settings, cast: Cast) -> AsyncIterator[Client]:
    """The browser of Klepp's coordinator, in English so that tests can be read."""
    async with another_browser(server) as client:
        be(client, await cookies_of_coordinator(store, settings, cast.coordinator) | {"language": "en"})
        yield client


@pytest.fixture
async def nils(server: TestServer, store: Store, settings: Settings, cast: Cast) -> AsyncIterator[Client]:
    """The browser of Kvam's coordinator, a stranger here."""
    async with another_browser(server) as client:
        be(client, await cookies_of_coordinator(store, settings, cast.kvam_coordinator) | {"language": "en"})
        yield client


@pytest.fixture
def post(kari: Client) -> Post:
    """Send a form as Kari. A field with several values is given as a list."""

    async def send(path: str, **fields: str | list[str]) -> ClientResponse:
        pairs = [("csrf_token", await csrf_token(kari))]
        for name, value in fields.items():
            pairs += [(name, one) for one in (value if isinstance(value, list) else [value])]
        return await kari.post(path, data=pairs, allow_redirects=False)

    return send
