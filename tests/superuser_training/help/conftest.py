"""The browser of somebody who asks."""

from collections.abc import AsyncIterator

import pytest
from aiohttp.test_utils import TestServer

from config.settings import Settings
from rooms.store.unit_of_work import Store
from tests.support.callers import Client, another_browser, be, cookies_of_participant
from tests.support.cast import Cast


@pytest.fixture
async def amina(server: TestServer, store: Store, settings: Settings, cast: Cast) -> AsyncIterator[Client]:
    """The browser in which Amina opened her link."""
    async with another_browser(server) as client:
        be(client, await cookies_of_participant(store, settings, cast.amina))
        yield client
