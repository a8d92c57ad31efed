"""The page about rooms: numbers and words, and nothing of other centres."""

import re
import uuid
from datetime import timedelta

import pytest
from aiohttp import web
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from rooms.schedule.records import Session
from rooms.supply.records import Shortage
from rooms.supply.rules.room_life import RoomError, RoomState
from rooms.web.keys import REDIS
from rooms.whereby.budget import Budget
from tests.support.callers import Client
from tests.support.cast import Cast
from tests.support.queries import counted
from tests.support.town import Town

HOUR = timedelta(hours=1)


async def text_of(client: Client, address: str = "/supply") -> str:
    response = await client.get(address)
    assert response.status == 200
    return re.sub(r"\s+", " ", await response.text())


async def is_short(town: Town, session: Session) -> None:
    async with town.work() as work:
        work.session.add(
            Shortage(
                id=uuid.uuid4(), centre_id=session.centre_id, session_id=session.id, missing=2, needed=5,
                complete_at=session.opens_at + HOUR, found_at=town.now,
            )
        )  # fmt: skip


@pytest.fixture
async def short(klepp: Town) -> Session:
    session = await klepp.session(starts_in=HOUR, title="Too many <at> once")
    await klepp.room(session)
    await klepp.room(session, number=2, state=RoomState.CREATING, url=None, last_error=RoomError.DOWN, attempts=3)
    await klepp.spare()
    await is_short(klepp, session)
    return session


async def test_nothing_to_say(kari: Client, cast: Cast) -> None:
    text = await text_of(kari)
    assert "No session opens in the next twelve hours." in text
    assert "What went wrong" not in text
    assert "Not enough rooms" not in text


async def test_what_is_short_and_what_helps(kari: Client, short: Session) -> None:
    text = await text_of(kari)
    assert "Rooms that will be missing then: 2 of 5" in text
    assert "Plan it as a gathering" in text
    assert "Begin later" in text
    assert "A larger plan" in text
    assert "The room provider does not answer. We keep trying." in text
    assert "tries so far: 3" in text
    assert "Rooms ready: 1 of 2" in text
    assert "<dt>Ready</dt><dd>1</dd>" in text
    assert "<dt>Spare rooms at hand</dt><dd>1</dd>" in text


async def test_the_week_says_so(kari: Client, nils: Client, short: Session) -> None:
    assert "Rooms will be missing for: Too many &lt;at&gt; once" in await text_of(kari, "/supply/line")
    assert "Too many" not in await text_of(nils, "/supply/line")
    assert 'hx-get="/supply/line"' in await text_of(kari, "/today")


async def test_of_other_centres_there_are_only_shared_numbers(nils: Client, short: Session, redis: Redis) -> None:
    await Budget(redis, 100).spend(7)
    text = await text_of(nils)
    assert "Too many" not in text
    assert "What went wrong" not in text
    assert "<dt>Ready</dt><dd>0</dd>" in text
    assert "<dt>Spare rooms at hand</dt><dd>1</dd>" in text
    assert "<dt>Points used this minute</dt><dd>7</dd>" in text
    assert "<dt>Points left this minute</dt><dd>93</dd>" in text


async def test_no_address_of_a_room_is_in_the_page(kari: Client, klepp: Town, short: Session) -> None:
    room = await klepp.room(short, number=3)
    text = await text_of(kari)
    assert room.prefix not in text
    assert "localhost:8081" not in text


async def test_a_look_spends_no_points(kari: Client, cast: Cast, redis: Redis) -> None:
    await Budget(redis, 100).spend(7)
    for _ in range(3):
        assert "<dt>Points used this minute</dt><dd>7</dd>" in await text_of(kari)


async def test_a_pause_is_said(kari: Client, cast: Cast, redis: Redis) -> None:
    await Budget(redis, 100).pause(20)
    text = await text_of(kari)
    assert "Just now it has asked us to wait." in text
    assert "<dt>Points left this minute</dt><dd>0</dd>" in text


async def test_without_redis_the_rest_is_shown(
    kari: Client, app: web.Application, short: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    nowhere = Redis(port=1, retry=Retry(NoBackoff(), 0))
    monkeypatch.setitem(app._state, REDIS, nowhere)
    text = await text_of(kari)
    assert "The points cannot be counted just now." in text
    assert "Rooms ready: 1 of 2" in text
    await nowhere.aclose()


async def test_more_takes_no_more_queries(kari: Client, klepp: Town, short: Session) -> None:
    async def count() -> dict[str, int]:
        found = {}
        for address in ("/supply", "/supply/line", "/usage", "/usage/line", "/usage/budget", "/usage.csv"):
            with counted() as queries:
                assert (await kari.get(address)).status == 200
            found[address] = len(queries)
        return found

    few = await count()
    for number in range(6):
        session = await klepp.session(await klepp.person(), starts_in=(number - 3) * HOUR)
        await klepp.room(session)
        await is_short(klepp, session)
    assert await count() == few
    # The caller and the frame take one each.
    assert few == {"/supply": 6, "/supply/line": 3, "/usage": 7, "/usage/line": 3, "/usage/budget": 3, "/usage.csv": 5}
