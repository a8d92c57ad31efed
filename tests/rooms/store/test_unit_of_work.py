"""One transaction: all or nothing, and what follows a commit may be lost without harm."""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta, timezone

import pytest
from celery import Celery
from redis.asyncio import Redis
from sqlalchemy import func, select
from sqlalchemy.exc import StatementError
from sqlalchemy.orm.exc import StaleDataError

from config.settings import Settings
from rooms.people.records.centres import Centre
from rooms.people.records.persons import Person
from rooms.store.redis import LIVE_CHANNEL
from rooms.store.scope import AllCentres, OneCentre
from rooms.store.unit_of_work import Store, UnitOfWork
from rooms.store.wakeups import MAIL_QUEUE, QUEUE, Wakeups, centre_topic, person_topic, queue_client
from tests.support.cast import Cast
from tests.support.factories import make_centre, make_person
from tests.support.waiting import until

ALL = AllCentres("tests look everywhere")


async def centres(store: Store) -> int:
    async with store.work(ALL) as work:
        return await work.session.scalar(select(func.count()).select_from(Centre)) or 0


async def test_it_commits_when_the_block_ends(store: Store, now: datetime) -> None:
    async with store.work(ALL) as work:
        make_centre(work, now)
    assert await centres(store) == 1


async def test_it_rolls_back_when_the_block_raises(store: Store, now: datetime) -> None:
    async def fail() -> None:
        async with store.work(ALL) as work:
            make_centre(work, now)
            await work.session.flush()
            raise RuntimeError("half way")

    with pytest.raises(RuntimeError, match="half way"):
        await fail()
    assert await centres(store) == 0


async def test_it_rolls_back_when_it_is_cancelled(store: Store, now: datetime) -> None:
    written = asyncio.Event()

    async def hang() -> None:
        async with store.work(ALL) as work:
            make_centre(work, now)
            await work.session.flush()
            written.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(hang())
    await written.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await centres(store) == 0


async def test_an_open_unit_that_is_only_closed_leaves_nothing(store: Store, now: datetime) -> None:
    work = store.open(ALL)
    make_centre(work, now)
    await work.session.flush()
    await work.session.close()
    assert await centres(store) == 0


@pytest.fixture
async def heard(redis: Redis) -> AsyncIterator[list[list[str]]]:
    """Topics of the wake-ups that pages would get, as they come."""
    topics: list[list[str]] = []
    listening = asyncio.Event()

    async def listen() -> None:
        async with redis.pubsub() as channel:
            await channel.subscribe(LIVE_CHANNEL)
            async for message in channel.listen():
                listening.set()
                if message["type"] == "message":
                    topics.append(json.loads(message["data"]))

    task = asyncio.create_task(listen())
    await listening.wait()
    yield topics
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_pages_are_woken_after_the_commit_and_once(store: Store, heard: list[list[str]], now: datetime) -> None:
    person, centre = person_topic(uuid.UUID(int=1)), centre_topic(uuid.UUID(int=2))

    async def something() -> list[list[str]]:
        return heard

    async with store.work(ALL) as work:
        make_centre(work, now)
        work.wake_pages(person)
        work.wake_pages(person, centre)
        assert heard == []
    await until(something)
    assert heard == [sorted([person, centre])]


async def test_nobody_is_woken_by_what_did_not_happen(store: Store, heard: list[list[str]], now: datetime) -> None:
    async def fail() -> None:
        async with store.work(ALL) as work:
            work.wake_pages("never")
            raise RuntimeError("half way")

    with pytest.raises(RuntimeError, match="half way"):
        await fail()
    async with store.work(ALL) as work:
        work.wake_pages("afterwards")

    async def something() -> list[list[str]]:
        return heard

    await until(something)
    assert heard == [["afterwards"]]


async def test_a_worker_is_called_by_name_after_the_commit(store: Store, redis: Redis, now: datetime) -> None:
    async with store.work(ALL) as work:
        make_centre(work, now)
        work.wake_worker("workers.messages.send_due")
        work.wake_worker("workers.messages.send_due", "workers.supply.close_due")
        assert await redis.llen(QUEUE) == await redis.llen(MAIL_QUEUE) == 0
    for queue, task in ((MAIL_QUEUE, "workers.messages.send_due"), (QUEUE, "workers.supply.close_due")):
        queued = [json.loads(one) for one in await redis.lrange(queue, 0, -1)]
        assert [one["headers"]["task"] for one in queued] == [task]


async def test_a_lost_wake_up_loses_no_commit(store: Store, now: datetime) -> None:
    nowhere = Redis(host="127.0.0.1", port=1, socket_connect_timeout=0.2)
    away = Store(store.engine, Wakeups(nowhere, _no_broker()))
    async with away.work(ALL) as work:
        make_centre(work, now)
        work.wake_pages("anything")
    async with away.work(ALL) as work:
        make_centre(work, now)
        work.wake_worker("workers.messages.send_due")
    assert await centres(store) == 2
    await nowhere.aclose()


def _no_broker() -> Celery:
    celery = Celery("nowhere", broker="redis://127.0.0.1:1/0", set_as_current=False)
    celery.conf.update(broker_connection_timeout=0.2, broker_transport_options={"socket_connect_timeout": 0.2})
    return celery


def test_the_broker_is_the_same_redis(settings: Settings) -> None:
    assert queue_client(settings.redis_url).conf.broker_url.endswith("virtual_host=0")


async def _rename(work: UnitOfWork, person_id: uuid.UUID, name: str) -> None:
    (await work.session.get_one(Person, person_id)).name = name


async def test_the_second_of_two_who_edit_at_once_is_told(store: Store, cast: Cast) -> None:
    klepp = OneCentre(cast.klepp.id)
    first, second = store.open(klepp), store.open(klepp)
    try:
        await _rename(first, cast.amina.id, "Amina A.")
        await _rename(second, cast.amina.id, "Amina B.")
        await first.commit()
        with pytest.raises(StaleDataError):
            await second.commit()
    finally:
        await first.session.close()
        await second.session.close()
    async with store.work(klepp) as work:
        person = await work.session.get_one(Person, cast.amina.id)
        assert (person.name, person.version) == ("Amina A.", 2)


async def test_a_time_without_a_zone_is_refused(store: Store, cast: Cast) -> None:
    with pytest.raises(StatementError, match="without a zone"):
        async with store.work(ALL) as work:
            make_person(work, cast.klepp.id, datetime(2026, 11, 23, 18, 0))  # noqa: DTZ001 - the mistake itself
    with pytest.raises(StatementError, match="without a zone"):
        async with store.work(ALL) as work:
            await work.session.scalars(
                select(Person).where(Person.created_at > datetime(2026, 11, 23))  # noqa: DTZ001 - the mistake itself
            )


async def test_any_zone_is_stored_as_the_same_moment_and_read_in_utc(store: Store, cast: Cast) -> None:
    kathmandu = datetime(2026, 11, 23, 23, 45, tzinfo=timezone(timedelta(hours=5, minutes=45)))
    async with store.work(ALL) as work:
        person = make_person(work, cast.klepp.id, kathmandu)
    async with store.work(ALL) as work:
        found = await work.session.get_one(Person, person.id)
        assert found.created_at == kathmandu
        assert found.created_at.tzinfo is UTC


async def test_an_error_of_the_database_shows_no_values(store: Store, cast: Cast, now: datetime) -> None:
    """Its text goes to the log."""
    with pytest.raises(Exception, match="norwegian_level") as error:
        async with store.work(ALL) as work:
            make_person(work, cast.klepp.id, now, name="Fatima Hemmelig", norwegian_level=9)
    statement = str(error.value).partition("DETAIL")[0]
    assert "Fatima" not in statement
