"""The client and the embedded room server, each as it runs: what one sends, the other understands."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Coroutine, Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import aiohttp
import pytest
from aiohttp import web
from pydantic import SecretStr
from redis.asyncio import Redis

from config.settings import DEMO_SECRET
from rooms.roomserver.webhooks import event, signature
from rooms.whereby import webhooks
from rooms.whereby.budget import Budget
from rooms.whereby.client import WherebyClient
from rooms.whereby.embed import Sitter, frame_address
from rooms.whereby.errors import BadRequest, BudgetExhausted, KeyRefused, NoSuchMeeting, ProviderDown, TooFast
from rooms.whereby.protocol import NewMeeting, RoomMode, belongs_to, room_prefix
from tests.support.provider import Handler, away, loses_answers, provider_with_faults
from tests.support.room_server import API_KEY, WEBHOOK_SECRET, RoomServer, room_server

KEY = SecretStr(API_KEY)
T = TypeVar("T")


def new(now: datetime, mode: RoomMode = RoomMode.NORMAL) -> NewMeeting:
    return NewMeeting(now + timedelta(hours=2), mode, room_prefix("sammen", uuid.uuid4()))


@pytest.fixture(scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RoomServer]:
    async with room_server(tmp_path_factory.mktemp("rooms")) as running:
        yield running


@pytest.fixture
async def client(server: RoomServer, redis: Redis) -> AsyncIterator[WherebyClient]:
    async with WherebyClient(f"{server.url}/v1", KEY, Budget(redis, 10_000)) as client:
        yield client


async def test_a_room_lives_from_creation_to_deletion(client: WherebyClient, server: RoomServer, now: datetime) -> None:
    wanted = new(now, RoomMode.GROUP)
    made = await client.create(wanted)
    assert belongs_to("sammen", made.room_name)
    assert made.host_room_url is not None
    assert made.end_date is not None
    assert abs(made.end_date - wanted.end_date) < timedelta(milliseconds=1)
    again = await client.get(made.meeting_id)
    assert (again.room_url, again.host_room_url) == (made.room_url, made.host_room_url)
    assert await client.find_by_prefix(wanted.prefix) == again
    host = server.url.removeprefix("http://")
    someone = Sitter(uuid.uuid4(), "Åse", "ar", camera_on=False, microphone_on=False)
    async with aiohttp.ClientSession() as http, http.get(frame_address(made.room_url, someone, [host])) as response:
        assert response.status == 200
        assert 'dir="rtl"' in await response.text()
    await client.delete(made.meeting_id)
    await client.delete(made.meeting_id)
    with pytest.raises(NoSuchMeeting):
        await client.get(made.meeting_id)
    assert await client.find_by_prefix(wanted.prefix) is None


async def some_at_once(calls: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    turns = asyncio.Semaphore(20)

    async def in_turn(call: Coroutine[Any, Any, T]) -> T:
        async with turns:
            return await call

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(in_turn(call)) for call in calls]
    return [task.result() for task in tasks]


async def test_every_room_is_listed_over_several_pages(client: WherebyClient, now: datetime) -> None:
    made = await some_at_once(client.create(new(now)) for _ in range(203))
    listed = [room.meeting_id async for room in client.list_meetings()]
    assert len(listed) == len(set(listed))
    assert {room.meeting_id for room in made} <= set(listed)
    await some_at_once(client.delete(room.meeting_id) for room in made)


async def test_a_wrong_key_is_told_apart(server: RoomServer, redis: Redis, now: datetime) -> None:
    async with WherebyClient(f"{server.url}/v1", SecretStr("wrong"), Budget(redis, 100)) as client:
        with pytest.raises(KeyRefused):
            await client.create(new(now))


async def test_a_room_that_would_have_ended_is_refused(client: WherebyClient, now: datetime) -> None:
    with pytest.raises(BadRequest):
        await client.create(new(now - timedelta(days=1)))


async def test_the_ping_shows_whether_it_answers(client: WherebyClient, server: RoomServer, redis: Redis) -> None:
    await client.ping()
    async with WherebyClient(f"{server.url}/no-such-api", KEY, Budget(redis, 10_000)) as lost:
        with pytest.raises(NoSuchMeeting):
            await lost.ping()


async def test_a_room_is_found_when_every_answer_to_its_creation_is_lost(
    tmp_path: Path, redis: Redis, now: datetime
) -> None:
    async with provider_with_faults(tmp_path / "rooms") as provider:
        key = SecretStr(DEMO_SECRET)
        async with WherebyClient(provider.url, key, Budget(redis, 1000)) as client:
            wanted = new(now)

            async def lose_creations(request: web.Request, handler: Handler) -> web.StreamResponse:
                return await (loses_answers(request, handler) if request.method == "POST" else handler(request))

            provider.fault = lose_creations
            room = await client.create(wanted)
            assert provider.made == [wanted.prefix]
            assert room.room_name.startswith(f"/{wanted.prefix}")
            provider.fault = away
            with pytest.raises(ProviderDown):
                await client.create(new(now))
            assert provider.made == [wanted.prefix]


async def test_both_count_the_same_points(tmp_path: Path, redis: Redis, now: datetime) -> None:
    """Within our budget the server never says 429; a client that counts too much is told, and all others wait."""
    async with room_server(tmp_path, ROOM_SERVER_POINTS_PER_MINUTE="20") as server:
        async with WherebyClient(f"{server.url}/v1", KEY, Budget(redis, 20, longest_wait=0)) as honest:
            made = [await honest.create(new(now)) for _ in range(5)]
            await honest.delete(made[0].meeting_id)
            for _ in range(3):
                await honest.get(made[1].meeting_id)
            with pytest.raises(BudgetExhausted):
                await honest.ping()
        await redis.flushall()
        async with WherebyClient(f"{server.url}/v1", KEY, Budget(redis, 1000, longest_wait=0)) as greedy:

            async def ask_too_often() -> None:
                for _ in range(40):  # twice the budget, so that a new minute in between is no way out
                    await greedy.ping()

            with pytest.raises((TooFast, BudgetExhausted)):
                await ask_too_often()


async def test_its_events_are_the_providers(now: datetime) -> None:
    raw = b'{"id": "1", "type": "room.client.joined", "createdAt": "2026-11-23T12:00:00Z", "data": {}}'
    webhooks.verify(WEBHOOK_SECRET, signature(WEBHOOK_SECRET, raw, int(now.timestamp())), raw, now)
    assert webhooks.parse(raw).type == webhooks.JOINED
    assert event("room.client.joined", now, {})["type"] == webhooks.JOINED
