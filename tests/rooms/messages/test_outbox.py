"""The outbox: one message a cause, each claimed by one worker, none lost with a worker, urgent and small ones first."""

import asyncio
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from rooms.messages.records import Message
from rooms.messages.rules import MOST_ATTEMPTS, Channel, Kind, MessageState
from rooms.messages.service import outbox, pauses
from rooms.messages.service.outbox import LEASE, Result
from rooms.people.records.persons import Person
from rooms.store.scope import AllCentres
from rooms.store.unit_of_work import Store
from tests.support.cast import Cast
from tests.support.factories import make_person, make_session

ALL = AllCentres("tests look at every centre")
SECOND = timedelta(seconds=1)


async def put(store: Store, people: Sequence[Person], now: datetime, *, priority: int = 100) -> uuid.UUID:
    """One invitation for each, of one cause."""
    cause_id = uuid.uuid4()
    async with store.work(ALL) as work:
        for person in people:
            await outbox.put(
                work,
                kind=Kind.INVITATION,
                cause_id=cause_id,
                person_id=person.id,
                centre_id=person.centre_id,
                now=now,
                priority=priority,
            )
    return cause_id


async def crowd(store: Store, centre_id: uuid.UUID, count: int, now: datetime) -> list[Person]:
    async with store.work(ALL) as work:
        return [make_person(work, centre_id, now) for _ in range(count)]


async def claim(store: Store, now: datetime, limit: int = 50) -> list[Message]:
    async with store.work(ALL) as work:
        return await outbox.claim(work, now=now, limit=limit)


async def record(store: Store, now: datetime, *results: Result) -> None:
    async with store.work(ALL) as work:
        await outbox.record(work, results, now=now)


async def row(store: Store, message: Message) -> Message:
    async with store.work(ALL) as work:
        return (await work.session.scalars(select(Message).where(Message.id == message.id))).one()


async def test_one_cause_is_one_message(store: Store, cast: Cast, now: datetime) -> None:
    cause_id = uuid.uuid4()

    async def once_more(version: int) -> None:
        async with store.work(ALL) as work:
            await outbox.put(
                work,
                kind=Kind.INVITATION,
                cause_id=cause_id,
                person_id=cast.amina.id,
                centre_id=cast.klepp.id,
                now=now,
                version=version,
            )

    await asyncio.gather(*(once_more(1) for _ in range(5)))
    assert len(await claim(store, now)) == 1
    await once_more(2)
    assert len(await claim(store, now)) == 1


async def test_a_message_goes_away_with_its_cause(store: Store, cast: Cast, now: datetime) -> None:
    """It is written in the cause's transaction: what is rolled back was never due."""

    async def plan_and_fail() -> None:
        async with store.work(ALL) as work:
            session = await make_session(work, cast.klepp.id, now)
            await outbox.put(
                work,
                kind=Kind.INVITATION,
                cause_id=session.id,
                person_id=cast.amina.id,
                centre_id=cast.klepp.id,
                session_id=session.id,
                now=now,
            )
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await plan_and_fail()
    assert await claim(store, now) == []


async def test_a_claim_is_a_lease_that_ends_with_its_worker(store: Store, cast: Cast, now: datetime) -> None:
    await put(store, [cast.amina], now)
    (first,) = await claim(store, now)
    assert await claim(store, now + LEASE - SECOND) == []
    assert timedelta(0) < LEASE <= timedelta(minutes=1)
    (second,) = await claim(store, now + LEASE)
    assert second.id == first.id
    # The first worker was only slow. What it says now of a failure is not listened to; that it sent, is.
    await record(store, now + LEASE, Result(first, error="451"))
    assert (await row(store, first)).state is MessageState.SENDING
    await record(store, now + LEASE, Result(first))
    assert (await row(store, first)).state is MessageState.SENT


async def test_sent_is_final(store: Store, cast: Cast, now: datetime) -> None:
    await put(store, [cast.amina], now)
    (message,) = await claim(store, now)
    await record(store, now + SECOND, Result(message))
    after = await row(store, message)
    assert (after.state, after.sent_at, after.error, after.attempts) == (MessageState.SENT, now + SECOND, None, 1)
    assert await claim(store, now + timedelta(days=1)) == []


async def test_a_temporary_error_comes_again_later_and_ends_some_day(store: Store, cast: Cast, now: datetime) -> None:
    await put(store, [cast.amina], now)
    moment, pauses = now, []
    while messages := await claim(store, moment):
        (message,) = messages
        await record(store, moment, Result(message, error="451"))
        after = await row(store, message)
        assert after.error == "451"
        pauses.append(after.next_try_at - moment)
        moment = max(after.next_try_at, moment)
        if after.state is MessageState.FAILED:
            break
        assert await claim(store, after.next_try_at - SECOND) == []
    assert len(pauses) == MOST_ATTEMPTS
    assert (await row(store, message)).state is MessageState.FAILED
    assert await claim(store, moment + timedelta(days=9)) == []


async def test_a_permanent_error_stops_and_shows(store: Store, cast: Cast, now: datetime) -> None:
    await put(store, [cast.amina], now)
    (message,) = await claim(store, now)
    await record(store, now, Result(message, error="550", permanent=True))
    after = await row(store, message)
    assert (after.state, after.error) == (MessageState.FAILED, "550")
    assert await claim(store, now + timedelta(days=9)) == []


async def test_dropped_is_final(store: Store, cast: Cast, now: datetime) -> None:
    await put(store, [cast.amina], now)
    (message,) = await claim(store, now)
    await record(store, now, Result(message, dropped=True))
    assert (await row(store, message)).state is MessageState.DROPPED
    assert await claim(store, now + timedelta(days=9)) == []


async def test_what_was_not_tried_is_given_back(store: Store, cast: Cast, now: datetime) -> None:
    await put(store, [cast.amina], now)
    (message,) = await claim(store, now)
    await record(store, now, Result(message, released=True))
    (again,) = await claim(store, now)
    assert (again.id, again.attempts) == (message.id, 1)


async def test_urgent_ones_overtake(store: Store, cast: Cast, now: datetime) -> None:
    await put(store, await crowd(store, cast.klepp.id, 30, now), now - timedelta(hours=1))
    await put(store, [cast.kvam_coordinator], now, priority=1)
    assert (await claim(store, now, limit=5))[0].person_id == cast.kvam_coordinator.id


async def test_a_small_centre_does_not_wait_for_a_large_one(store: Store, cast: Cast, now: datetime) -> None:
    many = await crowd(store, cast.klepp.id, 2000, now)
    for first in range(0, 2000, 500):  # one session after the other: each takes its place behind the one before
        await put(store, many[first : first + 500], now - 5 * SECOND)
    few = await crowd(store, cast.kvam.id, 3, now)
    await put(store, few, now)
    claimed = await claim(store, now, limit=20)
    assert len(claimed) == 20
    assert {person.id for person in few} <= {message.person_id for message in claimed}


async def test_what_is_tried_again_keeps_its_place(store: Store, cast: Cast, now: datetime) -> None:
    await put(store, await crowd(store, cast.klepp.id, 30, now), now)
    (first, *_) = claimed = await claim(store, now, limit=3)
    await record(store, now, Result(first, error="451"), *(Result(each, released=True) for each in claimed[1:]))
    assert (await claim(store, now + timedelta(minutes=1), limit=1))[0].id == first.id


async def test_a_channel_of_which_nobody_is_there_rests_and_is_tried_by_one(
    store: Store, cast: Cast, now: datetime
) -> None:
    await put(store, await crowd(store, cast.klepp.id, 9, now), now)

    async def look(moment: datetime) -> int:
        async with store.work(ALL) as work:
            channels = await pauses.standing(work, moment, LEASE)
            return len(await outbox.claim(work, now=moment, limit=50, channels=channels))

    moment, rests = now, []
    for _ in range(8):
        async with store.work(ALL) as work:
            until = await pauses.pause(work, Channel.EMAIL, "no_connection", moment)
        assert await look(until - SECOND) == 0
        assert await look(until) == 1
        assert await look(until) == 0, "another worker tries too"
        rests.append(until - moment)
        moment = until
    assert rests[0] < timedelta(seconds=20) < rests[3] < rests[6]
    assert max(rests) < timedelta(minutes=7)
    assert await look(moment + LEASE) == 1, "nobody tries when the worker that did has died"
    async with store.work(ALL) as work:
        assert await pauses.resume(work, Channel.EMAIL)
        assert not await pauses.resume(work, Channel.EMAIL)
    assert await look(moment + 2 * LEASE) == 9


@pytest.mark.parametrize(("count", "workers", "limit"), [(120, 6, 7), (40, 8, 40), (200, 3, 33), (5, 8, 1)])
async def test_claims_are_never_handed_out_twice(
    store: Store, cast: Cast, now: datetime, count: int, workers: int, limit: int
) -> None:
    people = await crowd(store, cast.klepp.id, count // 2, now) + await crowd(
        store, cast.kvam.id, count - count // 2, now
    )
    await put(store, people, now)
    claimed: list[uuid.UUID] = []

    async def worker() -> None:
        empty = 0
        while empty < 3:  # what another one has locked this moment is passed over, so once is not enough
            batch = await claim(store, now, limit)
            assert len(batch) <= limit
            claimed.extend(message.id for message in batch)
            empty = 0 if batch else empty + 1

    await asyncio.gather(*(worker() for _ in range(workers)))
    assert len(claimed) == len(set(claimed)) == count
