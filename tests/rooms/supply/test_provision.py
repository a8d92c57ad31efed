"""Rooms made ahead of time, once each, whatever happens to workers and answers."""

import asyncio
import uuid
from datetime import datetime, timedelta
from typing import Any

import pytest
from aiohttp import web
from redis.asyncio import Redis
from sqlalchemy import delete, select

from rooms.people.records.persons import Person
from rooms.schedule.records import Session
from rooms.schedule.rules.formats import Format
from rooms.schedule.service.sessions import cancel_session, invite, session_of
from rooms.seating.service.attendance import crowds
from rooms.store.redis import LIVE_CHANNEL
from rooms.store.scope import AllCentres
from rooms.store.unit_of_work import Store
from rooms.store.wakeups import session_topic
from rooms.supply.records import Room
from rooms.supply.rules.demand import AHEAD
from rooms.supply.rules.room_life import RoomError, RoomState, Size
from rooms.supply.service import close, provision
from rooms.supply.service.provision import CALL, CLAIM
from rooms.supply.service.want import want_rooms
from rooms.whereby.client import WherebyClient
from tests.support.cast import Cast
from tests.support.factories import make_person, make_session
from tests.support.provider import Handler, Provider, away, loses_answers
from tests.support.wakeups import hear

ALL = AllCentres("tests look at every centre")


async def a_session(store: Store, cast: Cast, now: datetime, *, people: int = 5, **facts: object) -> uuid.UUID:
    async with store.work(ALL) as work:
        invited: list[Person] = [make_person(work, cast.klepp.id, now) for _ in range(people)]
        await work.session.flush()
        session = await make_session(work, cast.klepp.id, now, invited=invited, **facts)
    return session.id


async def want(store: Store, now: datetime) -> int:
    async with store.work(ALL) as work:
        return await want_rooms(work, "sammen", 1000, crowds, now)


async def rooms(store: Store) -> list[Room]:
    async with store.work(ALL) as work:
        return list(await work.session.scalars(select(Room).order_by(Room.session_id, Room.number)))


async def make_all(opened: provision.OpenWork, whereby: WherebyClient, now: datetime) -> None:
    while await provision.make_next_room(opened, whereby, now):
        pass


async def test_a_session_gets_its_rooms_once(
    store: Store, cast: Cast, provider: Provider, whereby: WherebyClient, opened: provision.OpenWork, now: datetime
) -> None:
    await a_session(store, cast, now, people=12)
    assert await want(store, now) == 3
    assert await want(store, now) == 0
    await make_all(opened, whereby, now)
    made = await rooms(store)
    assert [(room.number, room.size, room.state) for room in made] == [
        (number, Size.SMALL, RoomState.READY) for number in (1, 2, 3)
    ]
    assert len({room.meeting_id for room in made}) == len({room.url for room in made}) == 3
    assert all(room.host_url and room.url and room.prefix in room.url for room in made)
    assert sorted(provider.made) == sorted(room.prefix for room in made)
    async with asyncio.timeout(5):
        assert {(await whereby.get(str(room.meeting_id))).room_url for room in made} == {room.url for room in made}


async def test_rooms_are_wanted_when_their_time_comes(store: Store, cast: Cast, now: datetime) -> None:
    far = await a_session(store, cast, now, starts_at=now + timedelta(days=2), ends_at=now + timedelta(days=2, hours=1))
    opens_at = now + timedelta(days=2) - timedelta(minutes=10)
    assert await want(store, now) == 0
    assert await want(store, opens_at - AHEAD - timedelta(seconds=1)) == 0
    assert await want(store, opens_at - AHEAD) == 1
    assert {room.session_id for room in await rooms(store)} == {far}


@pytest.mark.parametrize("over", ["cancelled_at", "ended_at", "ends_at"])
async def test_nothing_is_wanted_for_what_is_over(store: Store, cast: Cast, now: datetime, over: str) -> None:
    facts: dict[str, Any] = {"starts_at": now - timedelta(hours=1), "ends_at": now + timedelta(hours=1), over: now}
    await a_session(store, cast, now, **facts)
    assert await want(store, now) == 0


async def test_people_who_are_invited_later_get_one_more(store: Store, cast: Cast, now: datetime) -> None:
    session_id = await a_session(store, cast, now, people=5)
    assert await want(store, now) == 1
    async with store.work(ALL) as work:
        await invite(work, await session_of(work, session_id), [cast.amina.id], now=now)
    assert await want(store, now) == 1
    assert [room.number for room in await rooms(store)] == [1, 2]


async def test_no_fifth_person_is_shut_out(
    store: Store, cast: Cast, provider: Provider, whereby: WherebyClient, opened: provision.OpenWork, now: datetime
) -> None:
    asked: list[tuple[str, str]] = []

    async def note(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.method == "POST":
            body = await request.json()
            asked.append((body["roomMode"], body["endDate"]))
        return await handler(request)

    provider.fault = note
    for format_, people in ((Format.PRACTICE, 3), (Format.ONE_TO_ONE, 2), (Format.GATHERING, 8)):
        await a_session(store, cast, now, people=people, format=format_)
    await want(store, now)
    await make_all(opened, whereby, now)
    assert sorted(mode for mode, _ in asked) == ["group"] * 3
    ends = {datetime.fromisoformat(end) for _, end in asked}
    assert all(end >= now + timedelta(hours=2) for end in ends)


async def test_the_most_urgent_comes_first(
    store: Store, cast: Cast, whereby: WherebyClient, opened: provision.OpenWork, now: datetime
) -> None:
    later = await a_session(store, cast, now, starts_at=now + timedelta(minutes=50), ends_at=now + timedelta(hours=2))
    sooner = await a_session(store, cast, now, starts_at=now + timedelta(minutes=20), ends_at=now + timedelta(hours=2))
    await want(store, now)
    assert await provision.make_next_room(opened, whereby, now)
    ready = {room.session_id for room in await rooms(store) if room.state is RoomState.READY}
    assert ready == {sooner}
    assert later not in ready


async def test_many_workers_make_each_room_once(
    store: Store, cast: Cast, provider: Provider, whereby: WherebyClient, opened: provision.OpenWork, now: datetime
) -> None:
    for _ in range(4):
        await a_session(store, cast, now, people=12)
    await asyncio.gather(*(want(store, now) for _ in range(3)))
    await asyncio.gather(*(make_all(opened, whereby, now) for _ in range(6)))
    made = await rooms(store)
    assert len(made) == 12
    assert {room.state for room in made} == {RoomState.READY}
    assert sorted(provider.made) == sorted(room.prefix for room in made)


async def test_a_lost_answer_makes_no_second_room(
    store: Store, cast: Cast, provider: Provider, whereby: WherebyClient, opened: provision.OpenWork, now: datetime
) -> None:
    async def once(request: web.Request, handler: Handler) -> web.StreamResponse:
        provider.fault = None
        return await loses_answers(request, handler)

    provider.fault = once
    await a_session(store, cast, now)
    await want(store, now)
    await make_all(opened, whereby, now)
    (room,) = await rooms(store)
    assert room.state is RoomState.READY
    assert provider.made == [room.prefix]


async def test_a_provider_that_is_away_is_asked_again_later(
    store: Store, cast: Cast, provider: Provider, whereby: WherebyClient, opened: provision.OpenWork, now: datetime
) -> None:
    await a_session(store, cast, now)
    await want(store, now)
    provider.fault = away
    assert not await provision.make_next_room(opened, whereby, now)
    (room,) = await rooms(store)
    assert (room.state, room.claimed_until, room.url) == (RoomState.CREATING, None, None)
    assert timedelta(0) < room.next_try_at - now < timedelta(seconds=30)
    assert not await provision.make_next_room(opened, whereby, now)  # not before its time
    provider.fault = None
    await make_all(opened, whereby, room.next_try_at)
    assert [room.state for room in await rooms(store)] == [RoomState.READY]
    assert len(provider.made) == 1


async def test_a_worker_that_died_while_asking_is_followed_by_another(
    store: Store, cast: Cast, provider: Provider, whereby: WherebyClient, opened: provision.OpenWork, now: datetime
) -> None:
    """Killed between the provider's making the room and our writing that down."""
    await a_session(store, cast, now)
    await want(store, now)
    arrived = asyncio.Event()

    async def made_but_silent(request: web.Request, handler: Handler) -> web.StreamResponse:
        response = await handler(request)
        arrived.set()
        await asyncio.Event().wait()
        return response

    provider.fault = made_but_silent
    dying = asyncio.create_task(provision.make_next_room(opened, whereby, now))
    await arrived.wait()
    dying.cancel()
    provider.fault = None
    assert not await provision.make_next_room(opened, whereby, now + CLAIM - timedelta(seconds=1))
    assert timedelta(seconds=CALL) < CLAIM <= timedelta(minutes=1)
    assert await provision.make_next_room(opened, whereby, now + CLAIM)
    (room,) = await rooms(store)
    assert room.state is RoomState.READY
    assert provider.made == [room.prefix]


@pytest.mark.parametrize("how", ["cancelled", "deleted"])
async def test_a_room_that_comes_too_late_is_thrown_away(
    store: Store,
    cast: Cast,
    provider: Provider,
    whereby: WherebyClient,
    opened: provision.OpenWork,
    now: datetime,
    how: str,
) -> None:
    session_id = await a_session(store, cast, now)
    await want(store, now)

    async def meanwhile(request: web.Request, handler: Handler) -> web.StreamResponse:
        response = await handler(request)
        if request.method == "POST":
            async with store.work(ALL) as work:
                if how == "cancelled":
                    await cancel_session(work, session_id, actor_id=cast.coordinator.id, now=now)
                    await close.retire_rooms(work, now + CLAIM)
                else:
                    await work.session.execute(delete(Session).where(Session.id == session_id))
        return response

    provider.fault = meanwhile
    assert await provision.make_next_room(opened, whereby, now)
    assert len(provider.made) == len(provider.deleted) == 1
    assert all(room.url is None for room in await rooms(store))


async def test_an_empty_budget_ends_the_round(
    store: Store, cast: Cast, provider: Provider, whereby: WherebyClient, opened: provision.OpenWork, now: datetime
) -> None:
    async def too_fast(_request: web.Request, _handler: Handler) -> web.StreamResponse:
        return web.json_response({"error": "Too many", "data": {"msLeft": 40_000}}, status=429)

    await a_session(store, cast, now, people=12)
    await want(store, now)
    provider.fault = too_fast
    assert not await provision.make_next_room(opened, whereby, now)
    tried = [room for room in await rooms(store) if room.last_error is RoomError.TOO_FAST]
    assert [(room.state, room.attempts, room.asked_at) for room in tried] == [(RoomState.CREATING, 0, None)]
    assert timedelta(seconds=40) <= tried[0].next_try_at - now <= timedelta(minutes=2)


async def test_waiting_pages_are_woken(
    store: Store, cast: Cast, whereby: WherebyClient, opened: provision.OpenWork, now: datetime, redis: Redis
) -> None:
    session_id = await a_session(store, cast, now)
    await want(store, now)
    async with redis.pubsub() as subscriber:
        await subscriber.subscribe(LIVE_CHANNEL)
        await make_all(opened, whereby, now)
        await hear(subscriber, session_topic(session_id))
