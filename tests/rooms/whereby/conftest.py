"""The client on a provider of which each test says what it answers."""

from collections.abc import AsyncIterator

import httpx
import pytest
import respx
from pydantic import SecretStr
from redis.asyncio import Redis

from rooms.whereby.budget import Budget
from rooms.whereby.client import WherebyClient

BASE = "https://api.provider.test/v1"
KEY = SecretStr("a-key-that-must-not-be-seen")


@pytest.fixture
def api() -> respx.Router:
    """The provider. A call that no test expects fails."""
    return respx.Router(base_url=BASE, assert_all_called=False)


@pytest.fixture
def budget(redis: Redis) -> Budget:
    """Plenty of points, and little patience."""
    return Budget(redis, 1000, longest_wait=0.5)


@pytest.fixture
async def whereby(api: respx.Router, budget: Budget) -> AsyncIterator[WherebyClient]:
    async with WherebyClient(BASE, KEY, budget, transport=httpx.MockTransport(api.async_handler)) as client:
        yield client
