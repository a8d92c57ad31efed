"""Locks with owners, and one address in two spellings."""

import asyncio

import pytest
from pydantic import SecretStr
from redis.asyncio import Redis

from rooms.store.redis import broker_url, lock


async def test_one_holds_it_and_it_is_free_afterwards(redis: Redis) -> None:
    async with lock(redis, "beat", 30) as first:
        async with lock(redis, "beat", 30) as second:
            assert (first, second) == (True, False)
        async with lock(redis, "beat", 30) as third:
            assert third is False  # leaving without having held it frees nothing
        async with lock(redis, "another", 30) as other:
            assert other is True
    async with lock(redis, "beat", 30) as again:
        assert again is True


async def test_of_many_at_once_one_holds_it(redis: Redis) -> None:
    done = asyncio.Event()
    asked = 0

    async def try_it() -> bool:
        nonlocal asked
        async with lock(redis, "beat", 30) as held:
            asked += 1
            if asked == 20:
                done.set()
            await done.wait()
            return held

    assert sum(await asyncio.gather(*(try_it() for _ in range(20)))) == 1


async def test_a_dead_holder_frees_it_by_time(redis: Redis) -> None:
    async with lock(redis, "beat", 30):
        (name,) = await redis.keys("*lock*")
        assert 0 < await redis.pttl(name) <= 30_000


async def test_who_was_too_slow_does_not_free_the_next_ones(redis: Redis) -> None:
    async with lock(redis, "beat", 30):
        (name,) = await redis.keys("*lock*")
        await redis.set(name, "the next one's")  # the time was over, and somebody else took it
    assert await redis.get(name) == "the next one's"


async def test_it_is_freed_when_its_holder_fails(redis: Redis) -> None:
    with pytest.raises(RuntimeError):
        async with lock(redis, "beat", 30):
            raise RuntimeError
    async with lock(redis, "beat", 30) as held:
        assert held


@pytest.mark.parametrize(
    ("url", "broker"),
    [
        ("redis://host:6379/2", "redis://host:6379/2"),
        ("rediss://user:pass@host/0", "rediss://user:pass@host/0"),
        ("unix:///run/r.sock?db=3", "redis+socket:///run/r.sock?virtual_host=3"),
        ("unix:///run/r.sock", "redis+socket:///run/r.sock?virtual_host=0"),
    ],
)
def test_celery_gets_the_same_redis_in_its_own_spelling(url: str, broker: str) -> None:
    assert broker_url(SecretStr(url)) == broker
