"""One room server for all tests of this folder that do not restart it."""

from collections.abc import AsyncIterator

import pytest

from tests.support.room_server import RoomServer, room_server


@pytest.fixture(scope="session")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RoomServer]:
    """A room server with plenty of points and no webhook receiver."""
    async with room_server(tmp_path_factory.mktemp("roomserver")) as running:
        yield running
