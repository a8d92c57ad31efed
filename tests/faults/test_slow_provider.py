"""A provider that takes its time for every answer: what somebody waits for this second does not wait for it."""

import asyncio
import json
import uuid
from datetime import timedelta
from pathlib import Path

from aiohttp import web
from redis.asyncio import Redis
from sqlalchemy import select

from config import clock
from config.settings import Settings
from rooms.seating.records import Stranger
from rooms.seating.service.events import WORK_OFF, Taken, keep
from rooms.store.redis import HEARTBEAT
from rooms.supply.rules.room_life import RoomState
from tests.support.provider import Handler, Provider
from tests.support.town import Town
from tests.support.waiting import until
from tests.support.workers import running

#: Kinds of tasks that call the provider.
SLOW = ("workers.supply.provision_due", "workers.supply.close_due", "workers.supply.reconcile_due")


async def test_a_stranger_is_told_of_while_the_provider_keeps_the_worker_waiting(
    klepp: Town, worker_settings: Settings, provider: Provider, redis: Redis, tmp_path: Path
) -> None:
    room = await klepp.room(await klepp.session(starts_in=timedelta(minutes=-5)), state=RoomState.IN_USE)
    going = await klepp.session(starts_in=timedelta(hours=-3))
    await klepp.room(going, state=RoomState.RETIRING)
    await klepp.session(await klepp.person(), starts_in=timedelta(minutes=30))
    answering = asyncio.Event()

    async def takes_its_time(request: web.Request, handler: Handler) -> web.StreamResponse:
        await answering.wait()
        return await handler(request)

    async with (
        running("worker", worker_settings, tmp_path / "worker.log"),
        running("worker", worker_settings, tmp_path / "live.log", "--only-live"),
    ):

        async def works() -> bool:
            async with klepp.work() as work:
                work.wake_worker("workers.heartbeat.beat")
            return bool(await redis.hgetall(HEARTBEAT))

        await until(works, seconds=30, every=0.5)
        provider.fault = takes_its_time
        for _ in range(3):
            async with klepp.work() as work:
                work.wake_worker(*SLOW)

        async def both_processes_wait() -> bool:
            return provider.count("POST") > 0 and provider.count("DELETE") > 0

        await until(both_processes_wait, seconds=20)

        for number in range(8):
            told = {
                "id": uuid.uuid4().hex,
                "createdAt": clock.now().isoformat(),
                "type": "room.client.joined",
                "data": {"meetingId": room.meeting_id, "participantId": f"stranger-{number}"},
            }
            async with klepp.work() as work:
                await keep(work, [Taken(str(told["id"]), "room.client.joined", json.dumps(told), clock.now())])
                work.wake_worker(WORK_OFF)

            async def told_of(number: int = number) -> bool:
                async with klepp.work() as work:
                    return len((await work.session.scalars(select(Stranger))).all()) > number

            # Beat does not run here: a call that a waiting worker had taken for itself would never be answered.
            await until(told_of, seconds=2)
        answering.set()
