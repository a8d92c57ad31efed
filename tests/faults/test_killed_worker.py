"""Kill the worker in the middle of its work: after it runs again, everything has been done once."""

import asyncio
import contextlib
import os
import signal
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

from aiohttp import web
from redis.asyncio import Redis
from sqlalchemy import func, select

from config.settings import Settings
from rooms.embedded.mailbox.serve import Mailbox
from rooms.messages.channels.email import CONNECTIONS
from rooms.messages.records import Message
from rooms.messages.rules import MessageState
from rooms.schedule.rules.formats import Format
from rooms.schedule.service.sessions import PROVISION_DUE, SEND_DUE, SessionPlan, plan_session
from rooms.store.redis import HEARTBEAT
from rooms.store.scope import AllCentres
from rooms.store.unit_of_work import Store
from rooms.supply.records import Room
from rooms.supply.rules.room_life import RoomState
from tests.faults.passing import a_minute_passes, keep_waking
from tests.support.cast import Cast
from tests.support.factories import make_person, make_session
from tests.support.provider import Handler, Provider
from tests.support.waiting import until
from tests.support.workers import running

ALL = AllCentres("tests look at every centre")
PEOPLE = 200


async def test_each_of_200_people_has_exactly_one_message(
    store: Store, worker_settings: Settings, cast: Cast, mailbox: Mailbox, now: datetime, tmp_path: Path
) -> None:
    async with store.work(ALL) as work:
        people = [make_person(work, cast.klepp.id, now) for _ in range(PEOPLE)]
        await work.session.flush()
        await plan_session(
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

    async def in_the_middle() -> bool:
        return len(mailbox.store.newest_first()) >= 40

    async def in_state(state: MessageState) -> int:
        async with store.work(ALL) as work:
            found = await work.session.scalar(select(func.count()).select_from(Message).where(Message.state == state))
        return found or 0

    async with running("worker", worker_settings, tmp_path / "killed.log") as worker:
        await until(in_the_middle, seconds=60, every=0.01)
        worker.kill()
        assert await worker.process.wait() == -signal.SIGKILL
    arrived = len(mailbox.store.newest_first())
    assert 40 <= arrived <= 160
    assert await in_state(MessageState.SENDING) > 0, "it was not killed in the middle of anything"
    assert abs(arrived - await in_state(MessageState.SENT)) <= CONNECTIONS
    await a_minute_passes(store)

    async def all_sent() -> bool:
        return await in_state(MessageState.SENT) == PEOPLE

    async with running("worker", worker_settings, tmp_path / "second.log"):
        await until(keep_waking(store, SEND_DUE, done=all_sent), seconds=60, every=1)
    messages = mailbox.store.newest_first()
    assert Counter(message.recipient for message in messages) == {str(person.email): 1 for person in people}
    repeats = sum(message.deliveries - 1 for message in messages)
    assert repeats <= CONNECTIONS


async def test_nothing_of_a_killed_worker_lives_on(
    store: Store, redis: Redis, worker_settings: Settings, tmp_path: Path
) -> None:
    """Only its main process is killed, by whoever runs out of memory; its children end by themselves."""

    async def works() -> bool:
        async with store.work(ALL) as work:
            work.wake_worker("workers.heartbeat.beat")
        return await redis.hexists(HEARTBEAT, "worker")

    async def all_ended() -> bool:
        return not _living(worker.pid)

    async with running("worker", worker_settings, tmp_path / "worker.log") as worker:
        await until(works, seconds=60, every=0.5)
        assert len(_living(worker.pid)) > 1
        os.kill(worker.pid, signal.SIGKILL)
        await worker.process.wait()
        await until(all_ended, seconds=10)


def _living(group: int) -> list[str]:
    """The processes of a process group that have not ended (third field of `stat` after the name)."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            state, _parent, its_group = entry.read_text().rpartition(")")[2].split()[:3]
            if int(its_group) == group and state not in "ZX":
                found.append(entry.parent.name)
    return found


async def test_a_worker_that_dies_while_a_room_is_made_leaves_no_second_room(
    store: Store, worker_settings: Settings, cast: Cast, provider: Provider, now: datetime, tmp_path: Path
) -> None:
    """Killed between the provider's making the room and our writing that down."""

    async def made_but_silent(request: web.Request, handler: Handler) -> web.StreamResponse:
        response = await handler(request)
        if request.method == "POST":
            await asyncio.Event().wait()
        return response

    async with store.work(ALL) as work:
        session = await make_session(work, cast.klepp.id, now, invited=[cast.amina, cast.yusuf])
        work.wake_worker(PROVISION_DUE)
    provider.fault = made_but_silent

    async def made() -> bool:
        return bool(provider.made)

    async def the_room() -> Room:
        async with store.work(ALL) as work:
            return (await work.session.scalars(select(Room).where(Room.session_id == session.id))).one()

    async with running("worker", worker_settings, tmp_path / "killed.log") as worker:
        await until(made, seconds=60, every=0.01)
        worker.kill()
        await worker.process.wait()
    assert (await the_room()).state is RoomState.CREATING
    provider.fault = None
    await a_minute_passes(store)

    async def ready() -> bool:
        return (await the_room()).state is RoomState.READY

    async with running("worker", worker_settings, tmp_path / "second.log"):
        await until(keep_waking(store, PROVISION_DUE, done=ready), seconds=60, every=1)
    assert provider.made.count((await the_room()).prefix) == 1
