"""The heart beats, and says whether the provider answers, without asking it too often."""

import time

from rooms.store.redis import HEARTBEAT
from tests.support.provider import Provider, away
from workers.heartbeat import beat
from workers.loop import Resources


async def test_it_beats_and_asks_the_provider_once_a_minute(resources: Resources, provider: Provider) -> None:
    for _ in range(3):
        await beat(resources)
    beats = await resources.redis.hgetall(HEARTBEAT)
    assert abs(float(beats["worker"]) - time.time()) < 5
    assert abs(float(beats["provider"]) - time.time()) < 5
    assert len(provider.calls) == 1
    await resources.redis.hset(HEARTBEAT, "provider", str(time.time() - 61))
    await beat(resources)
    assert len(provider.calls) == 2


async def test_it_beats_while_the_provider_is_away(resources: Resources, provider: Provider) -> None:
    provider.fault = away
    await beat(resources)
    beats = await resources.redis.hgetall(HEARTBEAT)
    assert set(beats) == {"worker"}
