"""One event loop and one set of resources per worker process, made when the first task needs them.

Clients and engines belong to the loop that made them, and a forked child must not inherit any: so nothing is opened
before the first task, and everything is closed when the process ends.
"""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any, TypeVar

from redis.asyncio import Redis

from config.settings import Settings, load
from rooms.messages.channels.email import Mailer
from rooms.messages.channels.sms import Texter
from rooms.store import redis as redis_store
from rooms.store.engine import make_engine
from rooms.store.unit_of_work import Store
from rooms.store.wakeups import Wakeups, queue_client
from rooms.whereby.budget import Budget
from rooms.whereby.client import WherebyClient

T = TypeVar("T")
#: Seconds that a call may wait for points; a room that needs more comes again, and others get their turn.
_LONGEST_WAIT = 5


@dataclass(frozen=True, slots=True)
class Resources:
    """What tasks work with."""

    settings: Settings
    redis: Redis
    store: Store
    provider: WherebyClient
    mailer: Mailer
    texter: Texter


class WorkerLoop:
    """The process's loop. Not made for threads: Celery's prefork and solo pools run one task at a time."""

    def __init__(self) -> None:
        self._runner: asyncio.Runner | None = None
        self._stack = AsyncExitStack()
        self._resources: Resources | None = None

    def run(self, work: Callable[[Resources], Coroutine[Any, Any, T]]) -> T:
        """Do a task's work on the process's loop."""
        if self._runner is None:
            self._runner = asyncio.Runner()
        return self._runner.run(self._with_resources(work))

    async def _with_resources(self, work: Callable[[Resources], Coroutine[Any, Any, T]]) -> T:
        if self._resources is None:
            self._resources = await open_resources(load(Settings), self._stack)
        return await work(self._resources)

    def close(self) -> None:
        """Close everything and the loop. Harmless when nothing was opened."""
        if self._runner is None:
            return
        self._runner.run(self._stack.aclose())
        self._runner.close()
        self._runner, self._resources = None, None


async def open_resources(settings: Settings, stack: AsyncExitStack) -> Resources:
    """Open what tasks need; `stack` closes it again."""
    redis = redis_store.connect(settings.redis_url)
    stack.push_async_callback(redis.aclose)
    engine = make_engine(settings.database_url, pool_size=6, max_overflow=6)
    stack.push_async_callback(engine.dispose)
    budget = Budget(redis, settings.whereby_points_per_minute, longest_wait=_LONGEST_WAIT)
    provider = await stack.enter_async_context(
        WherebyClient(settings.whereby_api_url, settings.whereby_api_key, budget)
    )
    mailer = await stack.enter_async_context(Mailer(settings.smtp_url))
    texter = await stack.enter_async_context(Texter(settings.sms_url))
    store = Store(engine, Wakeups(redis, queue_client(settings.redis_url)))
    return Resources(settings, redis, store, provider, mailer, texter)


LOOP = WorkerLoop()
