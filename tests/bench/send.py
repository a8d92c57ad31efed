"""Messages a second through the whole outbox, beside a bare loop of the same Celery and SMTP library in the same run.

    python -m tests.bench.send

The path: a row, claimed, looked up, written in the reader's language with its calendar part, handed to a mail server,
recorded. The bare loop: tasks of fifty that hand one finished e-mail of the same size to the same server, over as many
connections. One worker process each. Then 460 centres have something to send in the same minute, one of them 5 000
messages and one ten: how long each centre's messages wait. Bars (exit code 1 below): 0.6 of the bare rate with
1 000, 10 000 and 50 000 rows, memory that grows by less than a fifth from the first thousand to the last, and the small
centre served before half of the large one.
"""

import asyncio
import os
import statistics
import sys
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

from aiosmtpd.smtp import SMTP, Envelope
from aiosmtpd.smtp import Session as SmtpSession
from pydantic import SecretStr
from sqlalchemy import func, select

from config import clock
from config.settings import DEMO_SECRET, Settings
from config.settings.embedded import ROOT
from rooms.access.service.links import codes_of
from rooms.embedded import postgres as private_postgres
from rooms.embedded import processes
from rooms.embedded import redis as private_redis
from rooms.embedded.processes import Child
from rooms.messages.records import Message
from rooms.messages.rules import Kind, MessageState
from rooms.messages.service import outbox
from rooms.schedule.service.sessions import SEND_DUE
from rooms.store.engine import make_engine
from rooms.store.migrate import upgrade
from rooms.store.redis import connect as connect_redis
from rooms.store.scope import AllCentres
from rooms.store.unit_of_work import Store
from rooms.store.wakeups import Wakeups, queue_client
from rooms.wiring import METADATA
from tests.bench.bare_mail import BATCH, bare_celery
from tests.support.factories import make_centre, make_person, make_session
from tests.support.waiting import until
from tests.support.workers import environment_of, running

ROWS = (1_000, 10_000, 50_000)
BARE = 5_000
CENTRES, LARGE, SMALL, EACH = 460, 5_000, 10, 20
#: People invited to each session; no two sessions of a centre have one in common, so that none shares an e-mail.
PEOPLE = 50
LEAST_SHARE, MOST_GROWTH = 0.6, 1.2
HOUR = timedelta(hours=1)
ALL = AllCentres("the bench sends for all centres")


class Sink:
    """A mail server that takes everything and only notes when."""

    def __init__(self) -> None:
        self.times: list[float] = []

    async def handle_DATA(self, server: SMTP, session: SmtpSession, envelope: Envelope) -> str:  # noqa: ARG002, N802 - aiosmtpd's names
        self.times.append(time.perf_counter())
        return "250 OK"

    async def has(self, count: int) -> None:
        """Wait until so many have come."""

        async def have_come() -> bool:
            return len(self.times) >= count

        await until(have_come, seconds=900)

    async def rate(self, count: int) -> float:
        """Messages a second, from the first tenth on, when `count` have come."""
        await self.has(count)
        times, self.times = self.times, []
        first = count // 10
        return (count - 1 - first) / (times[count - 1] - times[first])


@asynccontextmanager
async def sink() -> AsyncIterator[tuple[Sink, str]]:
    """The sink and its address."""
    loop, found = asyncio.get_running_loop(), Sink()
    server = await loop.create_server(lambda: SMTP(found, hostname="localhost", loop=loop), "127.0.0.1", 0)
    async with server:
        yield found, f"smtp://127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def main() -> int:
    """Measure, print the figures, and say whether the bars are reached."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        database = await stack.enter_async_context(private_postgres.throwaway())
        redis = await stack.enter_async_context(private_redis.throwaway())
        taken, smtp = await stack.enter_async_context(sink())
        settings = _settings(database, redis, smtp)
        await asyncio.to_thread(upgrade, settings.database_url, METADATA)
        client = connect_redis(settings.redis_url)
        engine = make_engine(settings.database_url)
        store = Store(engine, Wakeups(client, queue_client(settings.redis_url)))
        bare = [await _bare(settings, taken, folder)]
        found = []
        for rows in ROWS:
            found.append(await _outbox(settings, store, taken, rows, folder))
            bare.append(await _bare(settings, taken, folder))
        waits = await _country(settings, store, taken, folder)
        await client.aclose()
        await engine.dispose()
    return _report(bare, found, waits)


def _report(bare: list[float], found: list[tuple[float, float, float]], waits: dict[str, list[float]]) -> int:
    print(f"{'bare loop':22}{statistics.median(bare):8.0f}/s   ({min(bare):.0f}–{max(bare):.0f})")
    good = True
    for rows, (rate, before, after), beside in zip(ROWS, found, pairwise(bare), strict=True):
        share = rate / statistics.mean(beside)  # the rounds before and after: the machine changes its speed
        reached = share >= LEAST_SHARE and after <= before * MOST_GROWTH
        good = good and reached
        print(
            f"outbox, {rows:6} rows   {rate:8.0f}/s   {share:.2f} of bare (bar {LEAST_SHARE}); worker's memory"
            f" {before:.0f} → {after:.0f} MB: {'reached' if reached else 'NOT reached'}"
        )
    for name, seconds in waits.items():
        print(f"{name:32} waited {statistics.median(seconds):6.1f} s (median), {max(seconds):6.1f} s (worst)")
    fair = max(waits["ten of the smallest"]) < statistics.median(waits["5000 of the largest"])
    print(f"the smallest before half of the largest: {'reached' if fair else 'NOT reached'}")
    return 0 if good and fair else 1


def _settings(database: str, redis: str, smtp: str) -> Settings:
    return Settings(
        database_url=SecretStr(database),
        redis_url=SecretStr(redis),
        smtp_url=SecretStr(smtp),
        whereby_api_url="http://localhost:9/v1",
        whereby_api_key=SecretStr(DEMO_SECRET),
        whereby_webhook_secret=SecretStr(DEMO_SECRET),
        room_hosts=("localhost:8081",),
        secret_keys=SecretStr(f"bench:{DEMO_SECRET}"),
        public_url="http://localhost:8080",
    )


async def _outbox(settings: Settings, store: Store, taken: Sink, rows: int, folder: Path) -> tuple[float, float, float]:
    """Messages a second, and the worker's memory in MB early and late."""
    await _seed(settings, store, rows)
    async with running("worker", settings, folder / "worker.log") as worker:
        await _call(store)
        await taken.has(ROWS[0] // 2)
        before = _memory(worker)
        rate = await taken.rate(rows)
        after = _memory(worker)
        await _all_sent(store)
    return rate, before, after


async def _country(settings: Settings, store: Store, taken: Sink, folder: Path) -> dict[str, list[float]]:
    """Seconds from writing to sending: of the smallest centre, the largest one, and all others."""
    now = clock.now()
    async with store.work(ALL) as work:
        centres = [make_centre(work, now) for _ in range(CENTRES)]
    large, small, *_ = centres
    for centre, count in ((large, LARGE), *((each, EACH) for each in centres[2:]), (small, SMALL)):
        await _put(settings, store, centre.id, count)
    async with running("worker", settings, folder / "worker.log"):
        await _call(store)
        await taken.rate(LARGE + SMALL + EACH * (CENTRES - 2))
        await _all_sent(store)
    async with store.work(ALL) as work:
        sent = await work.session.execute(
            select(Message.centre_id, Message.sent_at).where(Message.created_at >= now).order_by(Message.sent_at)
        )
        times = [(centre_id, sent_at) for centre_id, sent_at in sent if sent_at is not None]
    began = times[0][1]
    waits = [(centre_id, (sent_at - began).total_seconds()) for centre_id, sent_at in times]
    return {
        "ten of the smallest": [wait for centre_id, wait in waits if centre_id == small.id],
        "5000 of the largest": [wait for centre_id, wait in waits if centre_id == large.id],
        f"{EACH} of each of the others": [w for centre_id, w in waits if centre_id not in {small.id, large.id}],
    }


async def _seed(settings: Settings, store: Store, rows: int) -> None:
    """So many invitations, of centres with a thousand each."""
    for _ in range(rows // 1000):
        async with store.work(ALL) as work:
            centre = make_centre(work, clock.now())
        await _put(settings, store, centre.id, 1000)


async def _put(settings: Settings, store: Store, centre_id: uuid.UUID, count: int) -> None:
    """Invitations of one centre's people, who have their links, to its sessions, as planning writes them."""
    now = clock.now()
    async with store.work(ALL) as work:
        for first in range(0, count, PEOPLE):
            people = [make_person(work, centre_id, now, name="Åse Bjørg") for _ in range(min(PEOPLE, count - first))]
            await work.session.flush()
            await codes_of(work, [person.id for person in people], settings.key_ring, now)
            day = now + timedelta(days=1)
            session = await make_session(work, centre_id, now, invited=people, starts_at=day, ends_at=day + HOUR)
            await outbox.put_each(
                work,
                [person.id for person in people],
                kind=Kind.INVITATION,
                cause_id=session.id,
                centre_id=centre_id,
                session_id=session.id,
                now=now,
            )


async def _call(store: Store) -> None:
    async with store.work(ALL) as work:
        work.wake_worker(SEND_DUE)


async def _all_sent(store: Store) -> None:
    async def none_left() -> bool:
        async with store.work(ALL) as work:
            left = await work.session.scalar(
                select(func.count()).select_from(Message).where(Message.state != MessageState.SENT)
            )
        return not left

    await until(none_left, seconds=30)


def _memory(worker: Child) -> float:
    """MB that the largest process of the worker's group has in memory."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if os.getpgid(int(folder.name)) == worker.pid:
                pages = int((folder / "statm").read_text().split()[1])
                found.append(pages * os.sysconf("SC_PAGE_SIZE") / 1e6)
    return max(found)


async def _bare(settings: Settings, taken: Sink, folder: Path) -> float:
    """Messages a second of the bare loop."""
    celery = bare_celery(settings)
    for _ in range(BARE // BATCH):
        celery.send_task("bare.send_batch", ignore_result=True)
    child = await processes.start(
        "bare",
        [sys.executable, "-m", "tests.bench.bare_mail"],
        log=folder / "bare.log",
        environment=environment_of(settings),
        folder=ROOT,
    )
    try:
        return await taken.rate(BARE)
    finally:
        await child.stop(patience=0)


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
