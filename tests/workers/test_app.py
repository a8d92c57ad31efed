"""A real worker and a real beat: woken by name, told by the clock, stopped kindly, silent about people."""

import asyncio
import signal
from datetime import datetime, timedelta
from pathlib import Path

from redis.asyncio import Redis
from sqlalchemy import func, select

from config.settings import Settings
from rooms.embedded.mailbox.serve import Mailbox
from rooms.messages.records import Message
from rooms.messages.rules import Kind, MessageState
from rooms.messages.service import outbox
from rooms.schedule.rules.formats import Format
from rooms.schedule.service.sessions import (
    CLOSE_DUE,
    PROVISION_DUE,
    SEND_DUE,
    SessionPlan,
    cancel_session,
    plan_session,
)
from rooms.seating.service.events import WORK_OFF
from rooms.store.redis import HEARTBEAT
from rooms.store.scope import AllCentres
from rooms.store.unit_of_work import Store
from rooms.store.wakeups import LIVE_QUEUE, MAIL_QUEUE, QUEUE, queue_client
from rooms.supply.records import Room
from rooms.supply.rules.room_life import RoomState
from rooms.supply.service.replace import MOVE_DUE
from tests.support.callers import code_of
from tests.support.cast import Cast
from tests.support.factories import make_person, make_session
from tests.support.waiting import until
from tests.support.workers import running
from workers import app

ALL = AllCentres("tests look at every centre")


def test_every_name_that_is_called_is_a_task(settings: Settings) -> None:
    celery = app.make_celery(settings)
    celery.loader.import_default_modules()
    called = {SEND_DUE, PROVISION_DUE, CLOSE_DUE, WORK_OFF, MOVE_DUE}
    scheduled = {entry["task"] for entry in celery.conf.beat_schedule.values()}
    assert called <= scheduled <= set(celery.tasks)


def test_whoever_calls_and_whoever_works_mean_the_same_queue(settings: Settings) -> None:
    """Rooms, mail and what somebody waits for have queues of their own, on both sides."""
    for celery in (queue_client(settings.redis_url), app.make_celery(settings)):
        assert celery.amqp.router.route({}, SEND_DUE)["queue"].name == MAIL_QUEUE
        for name in (PROVISION_DUE, CLOSE_DUE):
            assert celery.amqp.router.route({}, name)["queue"].name == QUEUE
        for name in (WORK_OFF, MOVE_DUE):
            assert celery.amqp.router.route({}, name)["queue"].name == LIVE_QUEUE
    assert QUEUE != MAIL_QUEUE


async def room_states(store: Store) -> set[RoomState]:
    async with store.work(ALL) as work:
        return set(await work.session.scalars(select(Room.state)))


async def test_a_worker_hears_of_a_plan_at_once_and_says_nothing_of_people(
    store: Store,
    settings: Settings,
    worker_settings: Settings,
    cast: Cast,
    mailbox: Mailbox,
    now: datetime,
    tmp_path: Path,
) -> None:
    """No beat runs here: the wake-ups of planning and cancelling reach the worker."""
    log = tmp_path / "worker.log"
    async with running("worker", worker_settings, log) as worker:
        async with store.work(ALL) as work:
            session = await plan_session(
                work,
                SessionPlan(
                    title="Språktrening",
                    format=Format.PRACTICE,
                    starts_at=now + timedelta(minutes=20),
                    ends_at=now + timedelta(hours=1),
                    person_ids=[cast.amina.id],
                ),
                centre_id=cast.klepp.id,
                actor_id=cast.coordinator.id,
                now=now,
            )

        async def arrived() -> bool:
            return bool(mailbox.store.newest_first())

        async def ready() -> bool:
            return await room_states(store) == {RoomState.READY}

        await until(arrived, seconds=60)
        await until(ready, seconds=60)
        async with store.work(ALL) as work:
            await cancel_session(work, session.id, actor_id=cast.coordinator.id, now=now)

        async def gone() -> bool:
            return await room_states(store) == {RoomState.GONE} and len(mailbox.store.newest_first()) == 2

        await until(gone, seconds=60)
        worker.process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(20):
            assert await worker.process.wait() == 0
    said = log.read_text()
    code = await code_of(store, settings, cast.amina)
    assert '"messages sent"' in said
    for secret in (cast.amina.email, cast.amina.name, code, "post.example", "klepp.example"):
        assert str(secret) not in said
    assert "Traceback" not in said


async def test_beat_finds_what_no_wake_up_told_of(
    store: Store, redis: Redis, worker_settings: Settings, cast: Cast, mailbox: Mailbox, now: datetime, tmp_path: Path
) -> None:
    async with store.work(ALL) as work:
        session = await make_session(work, cast.klepp.id, now, invited=[cast.amina])
        await outbox.put(
            work,
            kind=Kind.INVITATION,
            cause_id=session.id,
            person_id=cast.amina.id,
            centre_id=cast.klepp.id,
            session_id=session.id,
            now=now,
        )

    async def all_done() -> bool:
        beats = await redis.hgetall(HEARTBEAT)
        return (
            {"worker", "provider"} <= beats.keys()
            and len(mailbox.store.newest_first()) == 1
            and await room_states(store) == {RoomState.READY}
        )

    async with (
        running("worker", worker_settings, tmp_path / "worker.log"),
        running("beat", worker_settings, tmp_path / "beat.log") as beat,
    ):
        await until(all_done, seconds=60)
        beat.process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(10):
            await beat.process.wait()


async def test_rooms_do_not_wait_behind_mail(
    store: Store, worker_settings: Settings, cast: Cast, now: datetime, tmp_path: Path
) -> None:
    """A mail server that takes long for every message, and a call for it from every side."""
    async with store.work(ALL) as work:
        slow = [make_person(work, cast.klepp.id, now, email=f"slow-60+{n}@post.example") for n in range(20)]
        await work.session.flush()
        session = await make_session(work, cast.klepp.id, now, invited=slow)
        for person in slow:
            await outbox.put(
                work,
                kind=Kind.INVITATION,
                cause_id=session.id,
                person_id=person.id,
                centre_id=cast.klepp.id,
                session_id=session.id,
                now=now,
            )
    client = queue_client(worker_settings.redis_url)

    async def being_sent() -> int:
        async with store.work(ALL) as work:
            states = await work.session.scalar(
                select(func.count()).select_from(Message).where(Message.state == MessageState.SENDING)
            )
        return states or 0

    async def ready() -> bool:
        return await room_states(store) == {RoomState.READY}

    async with running("worker", worker_settings, tmp_path / "worker.log"):
        for _ in range(10):
            client.send_task(SEND_DUE)
        await until(being_sent, seconds=60)
        client.send_task(PROVISION_DUE)
        await until(ready, seconds=60)
        async with store.work(ALL) as work:
            tried = await work.session.scalars(select(Message.error).where(Message.error.is_not(None)))
            assert tried.all() == [], "the room came only after the first messages had been given up"
