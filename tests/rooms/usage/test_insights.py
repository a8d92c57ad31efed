"""The provider's figures: read once for all, kept for an hour, and never waited for."""

import json
from datetime import timedelta

import httpx
import pytest
from pydantic import SecretStr
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from config import clock
from rooms.store import redis as redis_store
from rooms.store.scope import OneCentre
from rooms.store.unit_of_work import Store
from rooms.usage.rules.months import Month, month_of
from rooms.usage.service.insights import INSIGHTS_DUE, Insight, Source, insight, read_insights
from rooms.whereby.budget import Budget
from rooms.whereby.client import WherebyClient
from tests.rooms.usage.conftest import NOW
from tests.support.cast import Cast
from tests.support.town import Town

HOUR = timedelta(hours=1)


class Provider:
    """Answers page after page. `asked`: the cursors that it was asked for."""

    def __init__(self, redis: Redis, *pages: dict[str, float]) -> None:
        self.pages, self.asked, self.status = pages, list[str | None](), 200
        transport = httpx.MockTransport(self._answer)
        self.client = WherebyClient(
            "https://api.provider.test/v1", SecretStr("k"), Budget(redis, 1000, longest_wait=0), transport=transport
        )

    def _answer(self, request: httpx.Request) -> httpx.Response:
        cursor = request.url.params.get("cursor")
        self.asked.append(cursor)
        place = int(cursor or 0)
        results = [
            {"roomName": f"/{prefix}x", "totalParticipantMinutes": minutes}
            for prefix, minutes in (self.pages[place] if self.pages else {}).items()
        ]
        following = str(place + 1) if place + 1 < len(self.pages) else None
        return httpx.Response(self.status, json={"results": results, "cursor": following})

    async def read(self, redis: Redis, seconds: float = 10) -> bool:
        """What the worker does."""
        return await read_insights(redis, self.client, "sammen", seconds=seconds)


def prefix(number: int, installation: str = "sammen") -> str:
    return f"{installation}-{number:020x}-"


async def look(town: Town, redis: Redis, month: Month | None = None) -> Insight:
    async with town.store.work(OneCentre(town.centre_id)) as work:
        return await insight(work, redis, town.centre_id, month or month_of(NOW.date(), clock.OSLO))


@pytest.fixture
async def rooms(klepp: Town, cast: Cast) -> None:
    """Two rooms of Klepp this month, one last month, one of Kvam."""
    session = await klepp.session(starts_in=-HOUR)
    await klepp.room(session, prefix=prefix(1))
    await klepp.room(session, number=2, prefix=prefix(2))
    await klepp.room(await klepp.session(starts_in=-timedelta(days=40)), prefix=prefix(3))
    kvam = Town(klepp.store, klepp.settings, NOW, cast.kvam.id)
    await kvam.room(await kvam.session(starts_in=-HOUR), prefix=prefix(4))


@pytest.mark.usefixtures("rooms")
async def test_a_figure_is_asked_for_read_and_kept(klepp: Town, redis: Redis, store: Store, cast: Cast) -> None:
    provider = Provider(redis, {prefix(1): 10.4, prefix(1, "other"): 99}, {prefix(2): 20, prefix(3): 7, prefix(4): 5})
    assert await provider.read(redis) is False
    assert provider.asked == []
    assert await look(klepp, redis) == Insight(Source.ASKED)
    woken = [json.loads(message)["headers"]["task"] for message in await redis.lrange("rooms", 0, -1)]
    assert woken == [INSIGHTS_DUE]
    assert await provider.read(redis) is False
    assert provider.asked == [None, "1"]
    for _ in range(2):
        assert await look(klepp, redis) == Insight(Source.TOLD, 30)
    before = month_of((NOW - timedelta(days=40)).date(), clock.OSLO)
    assert await look(klepp, redis, before) == Insight(Source.TOLD, 7)
    assert await look(Town(store, klepp.settings, NOW, cast.kvam.id), redis) == Insight(Source.TOLD, 5)
    assert await provider.read(redis) is False
    assert len(provider.asked) == 2
    assert 3500 < await redis.ttl("sammen:insights:minutes") <= 3600


@pytest.mark.usefixtures("rooms")
async def test_what_there_was_no_time_for_comes_next(klepp: Town, redis: Redis) -> None:
    provider = Provider(redis, {prefix(1): 1}, {prefix(2): 2}, {prefix(9): 4})
    await look(klepp, redis)
    assert await provider.read(redis, seconds=-1) is True
    assert await look(klepp, redis) == Insight(Source.ASKED)
    assert await provider.read(redis, seconds=-1) is True
    provider.status = 401
    assert await provider.read(redis) is False
    provider.status = 200
    assert await provider.read(redis) is False
    assert await look(klepp, redis) == Insight(Source.TOLD, 3)
    assert provider.asked == [None, "1", "2", "2"]


async def test_a_provider_without_figures_is_asked_once_an_hour(klepp: Town, redis: Redis) -> None:
    provider = Provider(redis)
    provider.status = 404
    await look(klepp, redis)
    assert await provider.read(redis) is False
    assert await look(klepp, redis) == Insight(Source.NONE)
    assert await provider.read(redis) is False
    assert len(provider.asked) == 1
    assert 3500 < await redis.ttl("sammen:insights:none") <= 3600


async def test_a_provider_without_rooms_is_an_answer_too(klepp: Town, redis: Redis) -> None:
    provider = Provider(redis, {})
    await look(klepp, redis)
    assert await provider.read(redis) is False
    assert await look(klepp, redis) == Insight(Source.TOLD, 0)


async def test_another_worker_that_reads_is_left_alone(klepp: Town, redis: Redis) -> None:
    provider = Provider(redis, {})
    await look(klepp, redis)
    async with redis_store.lock(redis, "insights", 60):
        assert await provider.read(redis) is False
    assert provider.asked == []


async def test_without_redis_the_page_goes_without(klepp: Town) -> None:
    nowhere = Redis(port=1, retry=Retry(NoBackoff(), 0))
    assert await look(klepp, nowhere) == Insight(Source.ASKED)
    await nowhere.aclose()
