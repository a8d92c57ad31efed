"""Show that a worker works, and that the provider answers, to whoever asks `/readyz`."""

import asyncio
import time

from rooms.store.redis import HEARTBEAT
from rooms.whereby.errors import ProviderError
from workers.loop import Resources
from workers.task import due

#: Seconds between two questions to the provider: each costs a point of the organisation's budget.
_ASK_PROVIDER_EVERY = 60
#: Seconds. Whoever looks at the heart must not keep it from beating.
_PATIENCE = 8


@due
async def beat(resources: Resources) -> bool:
    """Write the time into Redis; ask the provider when the last answer is a minute old."""
    now = time.time()
    await resources.redis.hset(HEARTBEAT, "worker", str(now))
    last = float(await resources.redis.hget(HEARTBEAT, "provider") or 0)
    if now - last < _ASK_PROVIDER_EVERY:
        return False
    try:
        async with asyncio.timeout(_PATIENCE):
            await resources.provider.ping()
    except (ProviderError, TimeoutError):
        return False
    await resources.redis.hset(HEARTBEAT, "provider", str(time.time()))
    return False
