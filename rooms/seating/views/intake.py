"""The provider's events, committed in groups: what has come in while one group was written is the next group.

An event is answered when it is safe in the database, and a commit costs the same for one event as for hundreds.
"""

import asyncio
from collections.abc import AsyncIterator

import structlog
from aiohttp import web

from rooms.seating.service.events import WORK_OFF, Taken, keep
from rooms.store.scope import AllCentres
from rooms.store.unit_of_work import Store
from rooms.web.keys import STORE

log = structlog.get_logger(__name__)

#: Events that may wait for their commit. More are sent away, and the provider sends them again.
MOST_WAITING = 5_000
_LARGEST_GROUP = 500
#: Seconds. The provider waits five for an answer.
_PATIENCE = 4
#: Seconds between two calls of the worker, which works off everything that it finds.
_BETWEEN_CALLS = 0.05
_SCOPE = AllCentres("the provider's events name no centre")


class NotKept(Exception):
    """The event is not in the database: the provider has to send it again."""


class Intake:
    """The events of this process that wait for their commit."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._waiting: list[tuple[Taken, asyncio.Future[None]]] = []
        self._more = asyncio.Event()
        self._news = asyncio.Event()

    async def keep(self, taken: Taken) -> None:
        """Return when the event is committed. Raises NotKept when too many wait, or the database does not answer."""
        if len(self._waiting) >= MOST_WAITING:
            raise NotKept
        kept = asyncio.get_running_loop().create_future()
        self._waiting.append((taken, kept))
        self._more.set()
        await kept

    async def commit_groups(self) -> None:
        """Commit what waits, group by group, for ever."""
        while True:
            await self._more.wait()
            group, self._waiting = self._waiting[:_LARGEST_GROUP], self._waiting[_LARGEST_GROUP:]
            if not self._waiting:
                self._more.clear()
            error = await self._commit([taken for taken, _ in group])
            for _, kept in group:
                if kept.done():  # the provider hung up meanwhile
                    continue
                if error is None:
                    kept.set_result(None)
                else:
                    kept.set_exception(NotKept())
            self._news.set()

    async def _commit(self, group: list[Taken]) -> Exception | None:
        try:
            async with asyncio.timeout(_PATIENCE), self._store.work(_SCOPE) as work:
                await keep(work, group)
        except Exception as error:  # noqa: BLE001 - a task that must go on; the database may be away
            log.warning("provider events not kept", count=len(group), error=type(error).__name__)
            return error
        return None

    async def call_worker(self) -> None:
        """Have a worker look at what was committed, for ever. Answers do not wait for this."""
        while True:
            await self._news.wait()
            self._news.clear()
            try:
                async with self._store.work(_SCOPE) as work:
                    work.wake_worker(WORK_OFF)
            except Exception as error:  # noqa: BLE001 - a task that must go on; beat calls the worker, too
                log.warning("worker not called", error=type(error).__name__)
            await asyncio.sleep(_BETWEEN_CALLS)


INTAKE = web.AppKey("intake", Intake)


def install(app: web.Application) -> None:
    """Give the application its intake. The store has to be opened by an earlier cleanup context."""
    app.cleanup_ctx.append(_run)


async def _run(app: web.Application) -> AsyncIterator[None]:
    app[INTAKE] = intake = Intake(app[STORE])
    tasks = [asyncio.create_task(intake.commit_groups()), asyncio.create_task(intake.call_worker())]
    yield
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
