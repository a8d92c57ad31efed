"""Limits: counted per caller, said in seconds, and closed when Redis is away."""

from unittest.mock import Mock

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request
from redis.asyncio import Redis

from config.settings import Settings
from rooms.web.errors import TooManyRequests
from rooms.web.keys import REDIS, SETTINGS
from rooms.web.ratelimit import client_address, hit


def request(
    settings: Settings, redis: Redis | None = None, *, peer: str = "192.0.2.1", forwarded: str | None = None
) -> web.Request:
    app = web.Application()
    app[SETTINGS] = settings
    if redis is not None:
        app[REDIS] = redis
    transport = Mock()
    transport.get_extra_info.side_effect = lambda name, default=None: (peer, 1) if name == "peername" else default
    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
    return make_mocked_request("GET", "/", headers=headers, app=app, transport=transport)


async def test_the_next_try_is_refused_and_told_when(settings: Settings, redis: Redis) -> None:
    asked = request(settings, redis)
    for _ in range(3):
        await hit(asked, "door", "somebody", tries=3, seconds=60)
    with pytest.raises(TooManyRequests) as refused:
        await hit(asked, "door", "somebody", tries=3, seconds=60)
    assert refused.value.seconds == 60


async def test_others_and_other_purposes_are_counted_apart(settings: Settings, redis: Redis) -> None:
    asked = request(settings, redis)
    for purpose, who in (("door", "one"), ("door", "two"), ("window", "one")):
        await hit(asked, purpose, who, tries=1, seconds=60)
    with pytest.raises(TooManyRequests):
        await hit(asked, "door", "one", tries=1, seconds=60)


async def test_the_window_ends(settings: Settings, redis: Redis) -> None:
    asked = request(settings, redis)
    await hit(asked, "door", "somebody", tries=1, seconds=60)
    keys = await redis.keys("*")
    assert 0 < await redis.ttl(keys[0]) <= 60
    await redis.delete(*keys)  # what Redis does when the time is over
    await hit(asked, "door", "somebody", tries=1, seconds=60)


async def test_redis_holds_no_address(settings: Settings, redis: Redis) -> None:
    await hit(request(settings, redis), "sign-in-email", "kari@klepp.example", tries=1, seconds=60)
    assert not any("kari" in key for key in await redis.keys("*"))


async def test_without_redis_the_answer_is_no(settings: Settings) -> None:
    away = Redis(host="127.0.0.1", port=1, socket_connect_timeout=0.2)
    with pytest.raises(TooManyRequests):
        await hit(request(settings, away), "door", "somebody", tries=100, seconds=60)
    await away.aclose()


@pytest.mark.parametrize(
    ("proxies", "forwarded", "expected"),
    [
        (0, None, "192.0.2.1"),
        (0, "203.0.113.9", "192.0.2.1"),  # nobody of ours wrote that header
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "198.51.100.7, 203.0.113.9", "203.0.113.9"),  # the caller made up the first
        (2, "198.51.100.7, 203.0.113.9, 10.0.0.1", "203.0.113.9"),
        (2, "203.0.113.9", "192.0.2.1"),  # came past one of the proxies
        (1, "", "192.0.2.1"),
    ],
)
def test_whose_address_counts(settings: Settings, proxies: int, forwarded: str | None, expected: str) -> None:
    behind = settings.model_copy(update={"trusted_proxies": proxies})
    assert client_address(request(behind, forwarded=forwarded)) == expected
