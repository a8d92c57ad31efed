"""Kill the worker in the middle of its work: after it runs again, everything has been done once."""

import asyncio
import contextlib
import os
import signal
from datetime import datetime
from pathlib import Path

from aiohttp import web
from redis.asyncio import Redis
from sqlalchemy import select

from config.settings import Settings
from rooms.schedule.service.sessions import PROVISION_DUE
from rooms.store.redis import HEARTBEAT
from rooms.store.scope import AllCentres
from rooms.store.unit_of_work import Store
from rooms.supply.records import Room
from rooms.supply.rules.room_life import RoomState
from tests.faults.passing import a_minute_passes, keep_waking
from tests.support.cast import Cast
from tests.support.factories import make_session
from tests.support.provider import Handler, Provider
from tests.support.waiting import until
from tests.support.workers import running

ALL = AllCentres("tests look at every centre")


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
