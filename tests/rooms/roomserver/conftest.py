"""One room server for all tests of this folder that do not restart it."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser

from tests.support.room_server import RoomServer, room_server


@pytest.fixture(scope="session")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RoomServer]:
    """A room server with plenty of points and no webhook receiver."""
    async with room_server(tmp_path_factory.mktemp("roomserver")) as running:
        yield running


@pytest.fixture(autouse=True)
async def nobody_stays(request: pytest.FixtureRequest) -> AsyncIterator[None]:
    """A failed test's people leave too, so that the next test has the machine and the room server to itself."""
    yield
    browser = request.node.funcargs.get("browser")
    if isinstance(browser, Browser):
        for context in browser.contexts:
            await context.close()
