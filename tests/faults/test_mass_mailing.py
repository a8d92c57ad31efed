"""Two thousand people are written to while workers are killed, Redis is restarted and the database crashes."""

import asyncio
import random
import signal
import tempfile
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import func, select

from config.settings import Settings
from rooms.embedded import postgres as private_postgres
from rooms.embedded import redis as private_redis
from rooms.embedded.mailbox.serve import Mailbox
from rooms.messages.channels.email import CONNECTIONS
from rooms.messages.records import Message
from rooms.messages.rules import Kind, MessageState
from rooms.people.records.persons import Person
from rooms.schedule.records import Session
from rooms.schedule.rules.formats import Format
from rooms.schedule.service.sessions import SEND_DUE, SessionPlan, cancel_session, plan_session
from rooms.store.engine import make_engine
from rooms.store.migrate import upgrade
from rooms.store.redis import connect
from rooms.store.scope import AllCentres
from rooms.store.unit_of_work import Store
from rooms.store.wakeups import Wakeups, queue_client
from rooms.wiring import METADATA
from tests.faults.passing import a_minute_passes, keep_waking
from tests.support.cast import make_cast
from tests.support.factories import make_person
from tests.support.waiting import until
from tests.support.workers import running

pytestmark = pytest.mark.timeout(600)

ALL = AllCentres("tests look at every centre")
PEOPLE, CALLED_OFF, KILLS = 2000, 100, 10


class Machine:
    """A PostgreSQL and a Redis that a test may break, and settings that point at them."""

    def __init__(self, folder: Path, postgres: private_postgres.Running, redis: private_redis.Running) -> None:
        self._folder, self._postgres, self._redis = folder, postgres, redis

    @property
    def urls(self) -> dict[str, SecretStr]:
        return {"database_url": SecretStr(self._postgres.url), "redis_url": SecretStr(self._redis.url)}

    async def crash_postgres(self) -> None:
        """Killed, and started on what it left on disk."""
        before = self._postgres.url
        await self._postgres.child.stop(signal.SIGKILL)
        self._postgres = await private_postgres.start(self._folder / "pg")
        assert self._postgres.url == before

    async def restart_redis(self) -> None:
        before = self._redis.url
        await self._redis.stop()
        self._redis = await private_redis.start(self._folder / "redis")
        assert self._redis.url == before

    async def stop(self) -> None:
        await self._redis.stop()
        await self._postgres.stop()


@pytest.fixture
async def machine() -> AsyncIterator[Machine]:
    with tempfile.TemporaryDirectory(prefix="s-") as name:
        folder = Path(name)
        folder.chmod(0o711)  # PostgreSQL's account has to pass
        found = Machine(
            folder, await private_postgres.start(folder / "pg"), await private_redis.start(folder / "redis")
        )
        try:
            yield found
        finally:
            await found.stop()


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Store]:
    engine, redis = make_engine(settings.database_url), connect(settings.redis_url)
    try:
        yield Store(engine, Wakeups(redis, queue_client(settings.redis_url)))
    finally:
        await engine.dispose()
        await redis.aclose()


async def test_everybody_has_exactly_one_message_whatever_breaks(
    machine: Machine, worker_settings: Settings, mailbox: Mailbox, now: datetime, tmp_path: Path
) -> None:
    chance = random.Random(1)
    settings = worker_settings.model_copy(update=machine.urls)
    await asyncio.to_thread(upgrade, settings.database_url, METADATA)  # Alembic runs a loop of its own

    async with opened(settings) as store:
        cast = await make_cast(store, now)

        async def plan(count: int) -> tuple[list[Person], Session]:
            async with store.work(ALL) as work:
                people = [make_person(work, cast.klepp.id, now) for _ in range(count)]
                await work.session.flush()
                session = await plan_session(
                    work,
                    SessionPlan(
                        title="Treff",
                        format=Format.GATHERING,
                        starts_at=now + timedelta(days=1),
                        ends_at=now + timedelta(days=1, hours=1),
                        person_ids=[person.id for person in people],
                    ),
                    centre_id=cast.klepp.id,
                    actor_id=cast.coordinator.id,
                    now=now,
                )
            return people, session

        people, _ = await plan(PEOPLE)
        _, cancelled = await plan(CALLED_OFF)

        async def nothing_left() -> bool:
            async with store.work(ALL) as work:
                undone = Message.state.in_([MessageState.DUE, MessageState.SENDING])
                return not await work.session.scalar(select(func.count()).select_from(Message).where(undone))

        for kill in range(KILLS):
            goal = len(mailbox.store.newest_first()) + chance.randrange(20, 180)

            async def enough(goal: int = goal) -> bool:
                return len(mailbox.store.newest_first()) >= goal

            async with running("worker", settings, tmp_path / f"worker{kill}.log") as worker:
                await until(keep_waking(store, SEND_DUE, done=enough), seconds=120, every=0.05)
                if kill == 2:
                    await machine.restart_redis()
                if kill == 5:
                    await machine.crash_postgres()
                worker.kill()
                await worker.process.wait()
            if kill == 0:
                async with store.work(ALL) as work:
                    await cancel_session(work, cancelled.id, actor_id=cast.coordinator.id, now=now)
            await a_minute_passes(store)
        assert len(mailbox.store.newest_first()) < PEOPLE, "there was nothing left to do"

        async with running("worker", settings, tmp_path / "last.log"):
            await until(keep_waking(store, SEND_DUE, done=nothing_left), seconds=120, every=1)
        async with store.work(ALL) as work:
            states = Counter(map(tuple, await work.session.execute(select(Message.kind, Message.state))))
    assert states == {
        (Kind.INVITATION, MessageState.SENT): PEOPLE,
        (Kind.INVITATION, MessageState.DROPPED): CALLED_OFF,
        (Kind.CANCELLATION, MessageState.DROPPED): CALLED_OFF,
    }
    messages = mailbox.store.newest_first()
    assert Counter(message.recipient for message in messages) == {str(person.email): 1 for person in people}
    # The same Message-ID again, which a mail store shows once: at most one for each connection of a killed worker.
    repeats = sum(message.deliveries - 1 for message in messages)
    print(f"{repeats} deliveries twice of {PEOPLE}")
    assert repeats <= CONNECTIONS * (KILLS + 1)
