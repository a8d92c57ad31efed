"""Redis: one pool per process, key names by purpose, and locks whose owner alone can release them.

Redis holds nothing that cannot be lost: wake-ups, locks, the provider's point budget, rate limits, the heartbeat.
"""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import parse_qs, urlsplit

from pydantic import SecretStr
from redis.asyncio import Redis

#: Every key begins so; the rest says the purpose.
LIVE_CHANNEL = "sammen:live"
HEARTBEAT = "sammen:heartbeat:worker"
#: Begins the keys that say that a task was called while it ran.
ASKED = "sammen:asked:"
#: Begins the keys of what the provider has counted.
INSIGHTS = "sammen:insights:"
_LOCK = "sammen:lock:"
_RATE = "sammen:rate:"

_RELEASE = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) else return 0 end"


def connect(url: SecretStr) -> Redis:
    """A client with bounded waits. Close it on the loop that uses it."""
    client: Redis = Redis.from_url(
        url.get_secret_value(),
        socket_timeout=5,
        socket_connect_timeout=2,
        health_check_interval=30,
        decode_responses=True,
    )
    return client


def broker_url(url: SecretStr) -> str:
    """The same Redis in Celery's spelling: `unix:///p?db=1` becomes `redis+socket:///p?virtual_host=1`."""
    parts = urlsplit(url.get_secret_value())
    if parts.scheme != "unix":
        return url.get_secret_value()
    database = parse_qs(parts.query).get("db", ["0"])[0]
    return f"redis+socket://{parts.path}?virtual_host={database}"


def rate_key(purpose: str, who: str) -> str:
    """The key that counts `who`'s tries for one purpose."""
    return f"{_RATE}{purpose}:{who}"


@asynccontextmanager
async def lock(redis: Redis, name: str, seconds: float) -> AsyncIterator[bool]:
    """True when this caller holds the lock `name`; it is free again after `seconds` even if the holder dies."""
    owner = secrets.token_hex(8)
    held = bool(await redis.set(_LOCK + name, owner, nx=True, px=int(seconds * 1000)))
    try:
        yield held
    finally:
        if held:
            await redis.eval(_RELEASE, 1, _LOCK + name, owner)
