"""The live channel over real Redis: who is told what, who is let in, and what happens when Redis goes away."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientWebSocketResponse, WSMsgType, WSServerHandshakeError
from aiohttp.test_utils import TestClient, TestServer
from pydantic import SecretStr

from config.settings import Settings
from rooms.access.service import links
from rooms.app import make_app
from rooms.embedded import redis as private_redis
from rooms.people.records.persons import Person
from rooms.seating.records import Presence
from rooms.seating.views.hub import HUB
from rooms.store.redis import LIVE_CHANNEL
from rooms.store.scope import OneCentre
from rooms.store.wakeups import centre_topic, person_topic, session_topic
from rooms.web.keys import REDIS
from tests.conftest import Client
from tests.support.town import Town
from tests.support.waiting import until

MINUTE = timedelta(minutes=1)


@asynccontextmanager
async def following(client: Client, town: Town, person: Person) -> AsyncIterator[ClientWebSocketResponse]:
    """A page's socket, after it was told that it follows its topics."""
    await client.get(await town.link(person))
    origin = str(client.make_url("/").origin())
    async with client.ws_connect("/live", headers={"Origin": origin}) as ws:
        assert await ws.receive_json(timeout=20) == {"type": "hello"}
        yield ws


async def wake(town: Town, *topics: str) -> None:
    async with town.work() as work:
        work.wake_pages(*topics)


async def topics_told(ws: ClientWebSocketResponse) -> list[str]:
    message: dict[str, Any] = await ws.receive_json(timeout=20)
    assert message["type"] == "changed"
    found: list[str] = message["topics"]
    return found


async def test_a_page_is_told_of_its_person_and_sessions_and_of_nothing_else(client: Client, town: Town) -> None:
    person, other = await town.person(), await town.person()
    session = await town.session(person, starts_in=30 * MINUTE)
    foreign = await town.session(other, starts_in=30 * MINUTE)
    async with following(client, town, person) as ws:
        await wake(town, session_topic(foreign.id), person_topic(other.id), centre_topic(town.centre_id))
        await wake(town, session_topic(session.id))
        assert await topics_told(ws) == [session_topic(session.id)]
        await wake(town, person_topic(person.id))
        assert await topics_told(ws) == [person_topic(person.id)]


async def test_a_new_session_is_followed_when_the_page_says_so(client: Client, town: Town) -> None:
    person = await town.person()
    async with following(client, town, person) as ws:
        session = await town.session(person, starts_in=30 * MINUTE)
        await ws.send_json({"type": "follow", "sessions": []})
        await ws.send_json({"type": "ping"})
        assert await ws.receive_json(timeout=20) == {"type": "pong"}
        await wake(town, session_topic(session.id))
        assert await topics_told(ws) == [session_topic(session.id)]


async def test_nonsense_is_ignored(client: Client, town: Town) -> None:
    async with following(client, town, await town.person()) as ws:
        for text in ("", "[]", "null", '{"type": 7}', '{"type": "here", "stay": "x"}', '{"type": "follow"}'):
            await ws.send_str(text)
        await ws.send_bytes(b"\x00")
        await ws.send_json({"type": "ping"})
        assert await ws.receive_json(timeout=20) == {"type": "pong"}


@pytest.mark.parametrize("origin", ["https://elsewhere.example", "null", None])
async def test_a_page_of_another_site_is_refused(client: Client, town: Town, origin: str | None) -> None:
    await client.get(await town.link(await town.person()))
    with pytest.raises(WSServerHandshakeError) as refused:
        await client.ws_connect("/live", headers={"Origin": origin} if origin else {})
    assert refused.value.status == 403


async def test_nobody_is_refused_before_anything_else(client: Client, town: Town) -> None:
    with pytest.raises(WSServerHandshakeError):
        await client.ws_connect("/live", headers={"Origin": str(client.make_url("/").origin())})


async def test_a_replaced_link_is_closed(client: Client, town: Town) -> None:
    person = await town.person()
    async with following(client, town, person) as ws:
        async with town.store.work(OneCentre(town.centre_id)) as work:
            await links.replace(work, person.id, town.settings.key_ring, actor_id=None, now=town.now)
        assert await topics_told(ws) == [person_topic(person.id)]
        # Its page asks, and has to go.
        await ws.send_json({"type": "follow", "sessions": []})
        assert (await ws.receive(timeout=20)).type is WSMsgType.CLOSE
        assert ws.close_code == 4401


async def test_a_socket_keeps_its_stay_alive(client: Client, town: Town) -> None:
    person = await town.person()
    room = await town.room(await town.session(person, starts_in=-5 * MINUTE))
    stay = await town.stay(await town.seat(person, room), room, device_id=(await town.device(person)).id)
    async with following(client, town, person) as ws:
        await ws.send_json({"type": "here", "stay": str(stay.id)})
        await ws.send_json({"type": "ping"})
        assert await ws.receive_json(timeout=20) == {"type": "pong"}
        assert client.app is not None
        await client.app[HUB].heartbeat()
        async with town.work() as work:
            seen = await work.session.get(Presence, stay.id)
        assert seen is not None
        assert seen.last_seen_at > town.now


async def test_a_process_that_stops_sends_its_pages_elsewhere(client: Client, town: Town) -> None:
    async with following(client, town, await town.person()) as ws:
        await client.server.close()
        message = await ws.receive(timeout=20)
        assert (message.type, message.data) == (WSMsgType.CLOSE, 1001)


async def test_when_redis_was_away_every_page_asks(settings: Settings, town: Town, tmp_path: Path) -> None:
    person = await town.person()
    running = await private_redis.start(tmp_path / "redis")
    try:
        own = settings.model_copy(update={"redis_url": SecretStr(running.url)})
        async with TestClient(TestServer(make_app(own))) as client, following(client, town, person) as ws:
            await running.stop()
            running = await private_redis.start(tmp_path / "redis")
            message = await ws.receive_json(timeout=20)
            assert (message["type"], message["topics"]) == ("changed", [])
            assert message["spread"] > 0
            assert client.app is not None

            async def heard() -> bool:
                told = await client.app[REDIS].publish(LIVE_CHANNEL, json.dumps([person_topic(person.id)]))
                return bool(told)

            await until(heard)
            assert await topics_told(ws) == [person_topic(person.id)]
    finally:
        await running.stop()


async def test_a_thousand_wake_ups_melt_into_few_messages(client: Client, town: Town) -> None:
    person = await town.person()
    async with following(client, town, person) as ws:
        assert client.app is not None
        for _ in range(1000):
            client.app[HUB].tell([person_topic(person.id)])
        assert await topics_told(ws) == [person_topic(person.id)]
        with pytest.raises(asyncio.TimeoutError):
            await ws.receive(timeout=0.3)
