"""A real room server with faults on demand, and the client that the worker uses."""

from collections.abc import AsyncIterator
from datetime import datetime
from functools import partial
from pathlib import Path

import pytest
from redis.asyncio import Redis

from config.settings import Settings
from rooms.store.scope import AllCentres
from rooms.store.unit_of_work import Store
from rooms.supply.service.provision import OpenWork
from rooms.whereby.budget import Budget
from rooms.whereby.client import WherebyClient
from tests.support.provider import Provider, provider_with_faults
from tests.support.town import Town, make_town


@pytest.fixture
async def provider(tmp_path: Path) -> AsyncIterator[Provider]:
    async with provider_with_faults(tmp_path / "rooms") as provider:
        yield provider


@pytest.fixture
async def whereby(provider: Provider, settings: Settings, redis: Redis) -> AsyncIterator[WherebyClient]:
    budget = Budget(redis, 10_000, longest_wait=0.1)
    async with WherebyClient(provider.url, settings.whereby_api_key, budget) as client:
        yield client


@pytest.fixture
def opened(store: Store) -> OpenWork:
    """Opens units of work that see every centre, as the worker does."""
    return partial(store.work, AllCentres("tests look at every centre"))


@pytest.fixture
async def town(store: Store, settings: Settings, now: datetime) -> Town:
    """A centre with nothing planned."""
    return await make_town(store, settings, now)
