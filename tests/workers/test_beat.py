"""Several beats on one Redis: one speaks, and when it is gone another one does."""

import itertools
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from celery.beat import Scheduler
from hypothesis import given
from hypothesis import strategies as st
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


@given(
    st.integers(1, 600),
    st.lists(st.floats(0.01, 900), min_size=1, max_size=30),
)
def test_ticks_do_not_drift_and_none_comes_twice(seconds: int, pauses: list[float]) -> None:
    """However late each look comes, one follows each multiple of the clock; those that were missed are one."""
    started = datetime(2026, 11, 23, 12, 0, 0, 1, tzinfo=UTC)
    moments = [started + timedelta(seconds=passed) for passed in itertools.accumulate(pauses)]
    last, said = started, []
    for moment in moments:
        due, wait = beat.Ticks(seconds, nowfun=lambda moment=moment: moment).is_due(last)
        assert 0 < wait <= seconds
        if due:
            said.append(int(moment.timestamp() // seconds))
            last = moment
    spans = {int(moment.timestamp() // seconds) for moment in moments} - {int(started.timestamp() // seconds)}
    assert said == sorted(spans)
