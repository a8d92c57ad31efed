"""Several beats on one Redis: one speaks, and when it is gone another one does."""

from collections.abc import Callable

import pytest
from celery.beat import Scheduler
from redis.asyncio import Redis

from config.settings import Settings
from workers import app as workers_app
from workers import beat
from workers.app import make_celery

MakeBeat = Callable[[str], Scheduler]


@pytest.fixture
def make_beat(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> MakeBeat:
    """A beat of a machine of this name, whose schedule is one task."""
    monkeypatch.setattr(workers_app, "_EVERY", {"workers.heartbeat.beat": 3600})

    def make(machine: str) -> Scheduler:
        celery = make_celery(settings)
        scheduler: Scheduler = beat.leading(settings.redis_url, machine)(celery)
        for entry in scheduler.schedule.values():  # due: it was last said two hours ago
            entry.last_run_at = entry.default_now().replace(year=2020)
        return scheduler

    return make


async def said(redis: Redis) -> int:
    return int(await redis.llen("rooms"))


async def test_one_of_two_speaks(make_beat: MakeBeat, redis: Redis) -> None:
    first, second = make_beat("one"), make_beat("two")
    for _ in range(3):
        assert 0 <= first.tick() <= 3
        assert second.tick() == 3
    assert await said(redis) == 1


async def test_when_the_leader_is_gone_another_one_says_what_came_due(make_beat: MakeBeat, redis: Redis) -> None:
    first, second = make_beat("one"), make_beat("two")
    first.tick()
    assert 0 < await redis.pttl("sammen:lock:beat-leader") <= 15_000
    await redis.delete("sammen:lock:beat-leader")  # its term ends
    second.tick()
    assert first.tick() == 3
    assert await said(redis) == 2


async def test_a_restarted_one_goes_on_at_once(make_beat: MakeBeat, redis: Redis) -> None:
    make_beat("one").tick()
    make_beat("one").tick()
    assert await said(redis) == 2


async def test_without_redis_it_waits(make_beat: MakeBeat, settings: Settings, redis: Redis) -> None:
    celery = make_celery(settings)
    nowhere = beat.leading(type(settings.redis_url)("redis://127.0.0.1:9/0"))(celery)
    assert nowhere.tick() == 3
    assert await said(redis) == 0
