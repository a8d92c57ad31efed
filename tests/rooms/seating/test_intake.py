"""Webhooks are committed in groups before they are answered, and sent away when they cannot be."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import datetime

import pytest
from pydantic import SecretStr
from redis.asyncio import Redis
from sqlalchemy import func, select

from config.settings import Settings
from rooms.seating.records import ProviderEvent
from rooms.seating.service.events import Taken
from rooms.seating.views import intake as intake_module
from rooms.seating.views.intake import Intake, NotKept
from rooms.store.engine import make_engine
from rooms.store.scope import AllCentres
from rooms.store.unit_of_work import Store
from rooms.store.wakeups import LIVE_QUEUE, Wakeups, queue_client
from tests.support.queries import counted
from tests.support.waiting import until


@asynccontextmanager
async def working(store: Store) -> AsyncIterator[Intake]:
    intake = Intake(store)
    tasks = [asyncio.create_task(intake.commit_groups()), asyncio.create_task(intake.call_worker())]
    try:
        yield intake
    finally:
        for task in tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


def taken(number: int, now: datetime) -> Taken:
    return Taken(f"event-{number}", "room.client.joined", "{}", now)


async def stored(store: Store) -> int:
    async with store.work(AllCentres("tests look everywhere")) as work:
        return await work.session.scalar(select(func.count()).select_from(ProviderEvent)) or 0


async def test_what_comes_at_once_is_committed_together(store: Store, redis: Redis, now: datetime) -> None:
    async with working(store) as intake:
        with counted() as queries:
            await asyncio.gather(*(intake.keep(taken(number % 100, now)) for number in range(120)))
        assert sum(text.startswith("INSERT") for text in queries) <= 2
        assert await stored(store) == 100

        async def worker_was_called() -> int:
            return int(await redis.llen(LIVE_QUEUE))

        assert await until(worker_was_called, seconds=30) <= 2


async def test_without_its_database_it_keeps_nothing_and_goes_on(
    store: Store, settings: Settings, redis: Redis, now: datetime
) -> None:
    nowhere = make_engine(SecretStr("postgresql://nobody@127.0.0.1:9/nothing"))
    broken = Store(nowhere, Wakeups(redis, queue_client(settings.redis_url)))
    async with working(broken) as intake:
        for number in range(2):
            with pytest.raises(NotKept):
                await intake.keep(taken(number, now))
    assert await stored(store) == 0


async def test_more_than_it_can_hold_are_sent_away(
    store: Store, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake_module, "MOST_WAITING", 2)
    intake = Intake(store)
    waiting = [asyncio.create_task(intake.keep(taken(number, now))) for number in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(NotKept):
        await intake.keep(taken(3, now))
    for task in waiting:
        task.cancel()
