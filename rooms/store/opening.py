"""A store for a command that does one thing and ends."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from config.settings import Settings
from rooms.store.engine import make_engine
from rooms.store.redis import connect
from rooms.store.unit_of_work import Store
from rooms.store.wakeups import Wakeups, queue_client


@asynccontextmanager
async def opened_store(settings: Settings) -> AsyncIterator[Store]:
    """A store with one connection, closed again at the end of the block."""
    redis = connect(settings.redis_url)
    engine = make_engine(settings.database_url, pool_size=1)
    try:
        yield Store(engine, Wakeups(redis, queue_client(settings.redis_url)))
    finally:
        await engine.dispose()
        await redis.aclose()
