"""Real PostgreSQL, real Redis, the real application; each started once a run, emptied before each test that asks."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import hypothesis
import pytest
from aiohttp import CookieJar, web
from aiohttp.test_utils import TestClient, TestServer
from playwright.async_api import expect
from pydantic import SecretStr
from redis.asyncio import Redis
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from config import clock
from config.settings import DEMO_SECRET, Settings
from rooms.embedded import postgres as private_postgres
from rooms.embedded import redis as private_redis
from rooms.store import redis as redis_store
from rooms.store.engine import make_engine
from rooms.store.migrate import upgrade
from rooms.store.unit_of_work import Store
from rooms.store.wakeups import Wakeups, queue_client
from rooms.wiring import METADATA
from tests.support.callers import another_browser, be, cookies_of_coordinator
from tests.support.cast import Cast, make_cast
from tests.support.gathering import MakeGathering, gatherings
from tests.support.town import Town

Client = TestClient[web.Request, web.Application]

# How long an example takes is the machine's business.
hypothesis.settings.register_profile("sammen", deadline=None)
hypothesis.settings.load_profile("sammen")
# So is how long a page takes: a busy one may need more than Playwright's five seconds.
expect.set_options(timeout=60_000)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Fast ones first: whatever drives a browser or kills processes runs last."""
    items.sort(key=lambda item: (item.get_closest_marker("browser") is not None, "faults" in item.nodeid))


@pytest.fixture(scope="session")
async def database_url() -> AsyncIterator[SecretStr]:
    """A private PostgreSQL with all migrations. Nothing in it outlives the run, so it need not reach the disk."""
    async with private_postgres.throwaway() as address:
        url = SecretStr(address)
        await asyncio.to_thread(upgrade, url, METADATA)  # Alembic runs a loop of its own
        yield url


@pytest.fixture(scope="session")
async def redis_url() -> AsyncIterator[SecretStr]:
    """A private Redis."""
    async with private_redis.throwaway() as address:
        yield SecretStr(address)


@pytest.fixture(scope="session")
def settings(database_url: SecretStr, redis_url: SecretStr) -> Settings:
    """Settings as the embedded default has them, on the run's own services. Provider and mail are nowhere."""
    return Settings(
        database_url=database_url,
        redis_url=redis_url,
        smtp_url=SecretStr("smtp://127.0.0.1:9"),
        whereby_api_url="http://127.0.0.1:9/v1",
        whereby_api_key=SecretStr(DEMO_SECRET),
        whereby_webhook_secret=SecretStr(DEMO_SECRET),
        room_hosts=("localhost:8081",),
        secret_keys=SecretStr(f"test:{DEMO_SECRET}"),
        public_url="http://localhost:8080",
    )


@pytest.fixture(scope="session")
async def _engine(settings: Settings) -> AsyncIterator[AsyncEngine]:
    engine = make_engine(settings.database_url)
    yield engine
    await engine.dispose()


@pytest.fixture(scope="session")
async def _redis(settings: Settings) -> AsyncIterator[Redis]:
    redis = redis_store.connect(settings.redis_url)
    yield redis
    await redis.aclose()


@pytest.fixture
async def redis(_redis: Redis) -> Redis:
    """An empty Redis."""
    await _redis.flushall()
    return _redis


@pytest.fixture
async def store(_engine: AsyncEngine, redis: Redis, settings: Settings) -> Store:
    """An empty, migrated database."""
    # Not TRUNCATE: its new files for thirty tables take 130 ms, deleting a test's few rows without their keys 5 ms.
    deletes = "; ".join(str(table.delete()) for table in METADATA.sorted_tables)
    async with _engine.begin() as connection:
        await connection.execute(text("set local session_replication_role = replica"))
        await connection.execute(text(f"do $$ begin {deletes}; end $$"))
    # New rows begin where the first of all did, so that no test meets them in an order that an earlier one left behind.
    async with _engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        await connection.execute(text(f"vacuum {', '.join(table.name for table in METADATA.sorted_tables)}"))
    return Store(_engine, Wakeups(redis, queue_client(settings.redis_url)))


@pytest.fixture
def now() -> datetime:
    """This moment. Rules and services get it as an argument; the web reads the clock itself."""
    return clock.now()


@pytest.fixture
async def cast(store: Store, now: datetime) -> Cast:
    """Klepp with a coordinator, a guide and participants; Kvam, the stranger, with a coordinator and a participant."""
    return await make_cast(store, now)


@pytest.fixture
async def app(settings: Settings, store: Store) -> web.Application:
    """The real web application on the run's services, with an empty database."""
    from rooms.app import make_app

    return make_app(settings)


@pytest.fixture
async def client(app: web.Application) -> AsyncIterator[Client]:
    """A browser without scripts: keeps cookies, follows no redirects unless told."""
    async with TestClient(TestServer(app), cookie_jar=CookieJar(unsafe=True)) as client:
        yield client


@pytest.fixture
def klepp(store: Store, settings: Settings, now: datetime, cast: Cast) -> Town:
    """Writes what happens in Klepp."""
    return Town(store, settings, now, cast.klepp.id)


@pytest.fixture
def gathering(klepp: Town) -> MakeGathering:
    """Makes gatherings in Klepp, for breakouts."""
    return gatherings(klepp)


@pytest.fixture
async def server(app: web.Application) -> AsyncIterator[TestServer]:
    """The application, listening, for several browsers at once."""
    server = TestServer(app)
    async with server:
        yield server


@pytest.fixture
async def kari(server: TestServer, store: Store, settings: Settings, cast: Cast) -> AsyncIterator[Client]:
    """The browser of Klepp's coordinator, in English so that tests can be read."""
    async with another_browser(server) as client:
        be(client, await cookies_of_coordinator(store, settings, cast.coordinator) | {"language": "en"})
        yield client


@pytest.fixture
async def nils(server: TestServer, store: Store, settings: Settings, cast: Cast) -> AsyncIterator[Client]:
    """The browser of Kvam's coordinator, a stranger in Klepp."""
    async with another_browser(server) as client:
        be(client, await cookies_of_coordinator(store, settings, cast.kvam_coordinator) | {"language": "en"})
        yield client


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of the repository."""
    return Path(__file__).resolve().parents[1]
