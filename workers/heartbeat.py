"""Show that a worker works, and that the provider answers, to whoever asks `/readyz`."""

import time

from rooms.store.redis import HEARTBEAT
from rooms.whereby.errors import ProviderError
from workers.loop import Resources
from workers.task import due

#: Seconds between two questions to the provider: each costs a point of the organisation's budget.
_ASK_PROVIDER_EVERY = 60


@due
async def beat(resources: Resources) -> None:
    """Write the time into Redis; ask the provider when the last answer is a minute old."""
    now = time.time()
    await resources.redis.hset(HEARTBEAT, "worker", str(now))
    last = float(await resources.redis.hget(HEARTBEAT, "provider") or 0)
    if now - last < _ASK_PROVIDER_EVERY:
        return
    try:
        await resources.provider.ping()
    except ProviderError:
        return
    await resources.redis.hset(HEARTBEAT, "provider", str(time.time()))
