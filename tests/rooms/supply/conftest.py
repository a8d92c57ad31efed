"""A real room server with faults on demand, and the client that the worker uses."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from redis.asyncio import Redis

from config.settings import Settings
from rooms.whereby.budget import Budget
from rooms.whereby.client import WherebyClient
from tests.support.provider import Provider, provider_with_faults


@pytest.fixture
async def provider(tmp_path: Path) -> AsyncIterator[Provider]:
    async with provider_with_faults(tmp_path / "rooms") as provider:
        yield provider


@pytest.fixture
async def whereby(provider: Provider, settings: Settings, redis: Redis) -> AsyncIterator[WherebyClient]:
    budget = Budget(redis, 10_000, longest_wait=0.1)
    async with WherebyClient(provider.url, settings.whereby_api_key, budget) as client:
        yield client
