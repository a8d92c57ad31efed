"""One transaction: rolls back unless committed; what must follow a commit waits for it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import structlog
from redis.exceptions import RedisError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from rooms.store.scope import AllCentres, Scope, attach
from rooms.store.wakeups import Wakeups

log = structlog.get_logger(__name__)


class UnitOfWork:
    """One database transaction within one scope. Use cases take it; they never commit it themselves."""

    def __init__(self, session: AsyncSession, scope: Scope, wakeups: Wakeups) -> None:
        self.session = session
        self.scope = scope
        self._wakeups = wakeups
        self._topics: set[str] = set()
        self._tasks: set[str] = set()

    def wake_pages(self, *topics: str) -> None:
        """After the commit, tell the pages that follow one of these topics to ask where they should be."""
        self._topics.update(topics)

    def wake_worker(self, *tasks: str) -> None:
        """After the commit, have a worker run the tasks of these names soon."""
        self._tasks.update(tasks)

    async def commit(self) -> None:
        """Commit, then send the wake-ups. Raises what the database says; then nobody was woken."""
        await self.session.commit()
        topics, tasks = self._topics, self._tasks
        self._topics, self._tasks = set(), set()
        try:
            if topics:
                await self._wakeups.pages(*topics)
            for task in sorted(tasks):
                await self._wakeups.worker(task)
        except (RedisError, OSError) as error:  # the commit holds; beat and pages repeat what was missed
            log.warning("wake-up lost", error=type(error).__name__)


class Store:
    """The door to the database of one process."""

    def __init__(self, engine: AsyncEngine, wakeups: Wakeups) -> None:
        self.engine = engine
        self._autocommit = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._wakeups = wakeups

    @asynccontextmanager
    async def statements(self, _scope: AllCentres) -> AsyncIterator[asyncpg.Connection]:
        """A connection on which each `reader.Statement` is a transaction of its own.

        Several times cheaper than units of work, for what is written hundreds of times a second. The scope says, to the
        reader, why every centre's rows may be touched.
        """
        async with self._autocommit.connect() as connection:
            yield (await connection.get_raw_connection()).driver_connection

    def open(self, scope: Scope) -> UnitOfWork:
        """A unit of work that its caller commits, and in any case closes by `session.close()`."""
        session = AsyncSession(self.engine, expire_on_commit=False)
        attach(session.sync_session, scope)
        return UnitOfWork(session, scope, self._wakeups)

    @asynccontextmanager
    async def work(self, scope: Scope) -> AsyncIterator[UnitOfWork]:
        """A unit of work that is committed when the block ends, and rolled back when it raises."""
        work = self.open(scope)
        try:
            yield work
            await work.commit()
        finally:
            await work.session.close()
