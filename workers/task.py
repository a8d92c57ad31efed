"""What every task has: the process's loop, a bounded time, a name in the log, its time in the metrics.

A task that fails is not tried again by Celery: beat asks again within seconds, and what was due is still due. Every
task may therefore run twice, or at once in several workers; in one worker it runs once at a time, so that no kind of
work ever fills the pool and keeps the others waiting. Whoever calls for it meanwhile is heard when it is done.
"""

import asyncio
import math
import time
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

import structlog
from celery import Task, shared_task

from config.metrics import TASKS
from rooms.store.redis import ASKED, lock
from workers.loop import LOOP, Resources

log = structlog.get_logger(__name__)

#: Seconds. Tasks stop by themselves long before; Celery kills the process of one that does not even end then.
TIME_LIMIT = 60

Item = TypeVar("Item")
#: Answers True when there may be more to do than there was time for: it is then called again at once.
Work = Callable[[Resources], Awaitable[bool]]


def due(work: Work) -> Work:
    """Make a coroutine function a Celery task, named for its module and itself."""
    name = f"{work.__module__}.{work.__name__}"

    def task(self: Task) -> None:
        if LOOP.run(lambda resources: _once(work, resources, name, self.request)):
            self.app.send_task(name, ignore_result=True)

    shared_task(name=name, bind=True)(task)
    return work


async def each(items: Iterable[Item], do: Callable[[Item], Awaitable[object]]) -> None:
    """Do it with one after another, each in its own unit of work: one that fails is logged, and holds up no other."""
    for item in items:
        try:
            await do(item)
        except Exception as error:
            log.exception("one of several failed", error=type(error).__name__)


async def _once(work: Work, resources: Resources, name: str, request: Task) -> bool:
    """Do the work unless this worker is at it already. True when it has to be done again."""
    started = time.perf_counter()
    outcome = "failed"
    here = f"{name}:{request.hostname}"
    with structlog.contextvars.bound_contextvars(task=name, task_id=request.id):
        try:
            # Called before the lock is tried, heard after it is free: a call in the work's last moment is not lost.
            await resources.redis.set(ASKED + here, 1, ex=math.ceil(TIME_LIMIT))
            async with lock(resources.redis, here, TIME_LIMIT) as alone:
                outcome = "busy"
                if not alone:
                    return False
                outcome = "failed"
                await resources.redis.delete(ASKED + here)
                async with asyncio.timeout(TIME_LIMIT):
                    again = await work(resources)
                outcome = "done"
            return again or bool(await resources.redis.exists(ASKED + here))
        except Exception as error:
            log.exception("task failed", error=type(error).__name__)
            return False
        finally:
            TASKS.labels(name, outcome).observe(time.perf_counter() - started)
