"""What every task has: the process's loop, a name in the log, its time in the metrics.

A task that fails is not tried again by Celery: beat asks again within seconds, and what was due is still due.
"""

import time
from collections.abc import Awaitable, Callable

import structlog
from celery import shared_task

from config.metrics import TASKS
from workers.loop import LOOP, Resources

log = structlog.get_logger(__name__)

Work = Callable[[Resources], Awaitable[None]]


def due(work: Work) -> Work:
    """Make a coroutine function a Celery task, named for its module and itself."""
    name = f"{work.__module__}.{work.__name__}"

    def task() -> None:
        started = time.perf_counter()
        outcome = "failed"
        with structlog.contextvars.bound_contextvars(task=name):
            try:
                LOOP.run(work)
                outcome = "done"
            except Exception as error:
                log.exception("task failed", error=type(error).__name__)
                raise
            finally:
                TASKS.labels(name, outcome).observe(time.perf_counter() - started)

    shared_task(name=name)(task)
    return work
