"""A centre with sessions, rooms and seats."""

from datetime import datetime

import pytest

from config.settings import Settings
from rooms.store.unit_of_work import Store
from tests.support.town import Town, make_town


@pytest.fixture
async def town(store: Store, settings: Settings, now: datetime) -> Town:
    return await make_town(store, settings, now)
