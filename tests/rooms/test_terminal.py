"""`sammen rooms` as a command of its own on the real database: what it says, what it changes, how it ends."""

import asyncio
import json
import sys
import uuid
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest
from redis.asyncio import Redis
from sqlalchemy import select

from config.settings import DEMO_SECRET, Settings
from config.settings.embedded import ROOT
from rooms.people.records.persons import Person
from rooms.schedule.records import Session
from rooms.seating.records import Seat
from rooms.supply.records import Room, Shortage, SpareRoom
from rooms.supply.rules.room_life import RoomError, RoomState
from rooms.whereby.budget import Budget
from rooms.whereby.protocol import room_prefix
from tests.support.cast import Cast
from tests.support.provider import Provider, provider_with_faults
from tests.support.town import Town
from tests.support.workers import environment_of

HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Ended:
    code: int
    out: str
    errors: str


Sammen = Callable[..., Awaitable[Ended]]


@pytest.fixture
async def provider(tmp_path: Path) -> AsyncIterator[Provider]:
    async with provider_with_faults(tmp_path / "rooms") as provider:
        yield provider


@pytest.fixture
def sammen(settings: Settings, provider: Provider) -> Sammen:
    """Runs `sammen rooms …`. `DATABASE_URL=…` and the like replace settings."""

    async def run(*words: str, **other: str) -> Ended:
        settings_here = settings.model_copy(update={"whereby_api_url": provider.url})
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "rooms.cli", "rooms", *words,
            stdout=PIPE, stderr=PIPE, cwd=ROOT, env=environment_of(settings_here) | other,
        )  # fmt: skip
        async with asyncio.timeout(60):
            out, errors = await process.communicate()
        assert "Traceback" not in errors.decode()
        return Ended(process.returncode or 0, out.decode(), errors.decode())

    return run


async def states(town: Town) -> dict[tuple[int, int], RoomState]:
    async with town.work() as work:
        rows = await work.session.execute(select(Room.number, Room.generation, Room.state))
        return {(number, generation): state for number, generation, state in rows}


async def seated(town: Town, session: Session, person: Person) -> tuple[Room, Seat]:
    """Somebody is in a room of the session."""
    room = await town.room(session, state=RoomState.IN_USE)
    seat = await town.seat(person, room)
    await town.stay(seat, room, device_id=(await town.device(person)).id)
    return room, seat


async def test_an_empty_installation(sammen: Sammen, redis: Redis, cast: Cast) -> None:
    await Budget(redis, 100).spend(7)
    ended = await sammen()
    assert ended == Ended(0, "Rooms: none\nSpare rooms: none\nPoints: 7 used and 93 left of 100 this minute\n", "")


async def test_how_things_stand_in_all_centres(sammen: Sammen, klepp: Town, cast: Cast) -> None:
    short = await klepp.session(starts_in=HOUR, title="Amina og Kari")
    room = await klepp.room(short)
    down = await klepp.room(
        short, number=2, state=RoomState.CREATING, url=None, last_error=RoomError.DOWN, attempts=3
    )  # fmt: skip
    await klepp.spare()
    async with klepp.work() as work:
        work.session.add(
            Shortage(
                id=uuid.uuid4(), centre_id=klepp.centre_id, session_id=short.id, missing=2, needed=5,
                complete_at=short.opens_at + HOUR, found_at=klepp.now,
            )
        )  # fmt: skip
    kvam = Town(klepp.store, klepp.settings, klepp.now, cast.kvam.id)
    await kvam.room(await kvam.session(starts_in=2 * HOUR))
    text, data = await sammen(), await sammen("--json")
    assert (text.code, data.code) == (0, 0)
    assert "Rooms: creating 1, ready 2\nSpare rooms: ready 1\n" in text.out
    assert f"{short.id}  Frivilligsentralen i Klepp: rooms ready 1 of 2" in text.out
    assert f"{short.id}  Frivilligsentralen i Klepp: 2 of 5, all at " in text.out
    assert "Frivilligsentralen i Kvam: rooms ready 1 of 1" in text.out
    assert "down: 1 rooms since " in text.out
    found = json.loads(data.out)
    assert found["rooms"] == {"wanted": 0, "creating": 1, "ready": 2, "in_use": 0, "retiring": 0}
    assert found["spare_rooms"]["ready"] == 1
    assert found["points"] == {"spent": 0, "left": 100, "limit": 100, "pause_seconds": 0}
    assert [one["ready"] for one in found["deadlines"]] == [1, 1]
    assert [(one["session"], one["missing"], one["needed"]) for one in found["shortages"]] == [(str(short.id), 2, 5)]
    assert [(one["error"], one["rooms"], one["tries"]) for one in found["errors"]] == [("down", 1, 3)]
    rooms = await sammen("session", str(short.id))
    assert [line.split(",")[0] for line in rooms.out.splitlines()] == [f"{room.id}  room 1.1", f"{down.id}  room 2.1"]
    for ended in (text, data, rooms):
        assert room.prefix not in ended.out
        assert "localhost:8081" not in ended.out
        assert "Amina" not in ended.out


async def test_all_that_waits_is_tried_now(sammen: Sammen, klepp: Town, cast: Cast, redis: Redis) -> None:
    session = await klepp.session(starts_in=HOUR)
    later = klepp.now + HOUR
    await klepp.room(session, number=1, state=RoomState.WANTED, url=None, next_try_at=later)
    await klepp.room(session, number=2, state=RoomState.RETIRING, next_try_at=later)
    claimed = await klepp.room(session, number=3, state=RoomState.CREATING, next_try_at=later, claimed_until=later)
    ready = await klepp.room(session, number=4, next_try_at=later)
    await klepp.spare(state=RoomState.CREATING, url=None, next_try_at=later)
    ended = await sammen("retry")
    assert (ended.code, ended.out) == (0, "Rooms that are tried again now: 3\n")
    async with klepp.work() as work:
        left = await work.session.scalars(select(Room.id).where(Room.next_try_at == later))
        assert set(left) == {claimed.id, ready.id}
        assert (await work.session.scalars(select(SpareRoom.next_try_at))).one() < later
    called = {json.loads(message)["headers"]["task"] for message in await redis.lrange("rooms", 0, -1)}
    assert called == {"workers.supply.provision_due", "workers.supply.close_due"}


async def test_rotating_a_session(sammen: Sammen, klepp: Town, cast: Cast) -> None:
    session = await klepp.session(cast.amina, starts_in=-HOUR / 2)
    assert (await sammen("rotate", str(session.id))).code == 1
    old, seat = await seated(klepp, session, cast.amina)
    await klepp.spare()
    moved = await sammen("rotate", str(session.id))
    assert moved.code == 0
    assert "in a new room now" in moved.out
    assert await states(klepp) == {(1, 1): RoomState.RETIRING, (1, 2): RoomState.IN_USE}
    async with klepp.work() as work:
        assert (await work.session.get_one(Seat, seat.id)).room_id != old.id
    waits = await sammen("rotate", str(session.id))
    assert waits.code == 0
    assert "being made" in waits.out
    assert (await states(klepp))[1, 3] is RoomState.WANTED


@pytest.mark.parametrize("act", ["rotate", "session", "delete"])
async def test_an_id_that_nothing_has(sammen: Sammen, klepp: Town, cast: Cast, act: str) -> None:
    ended = await sammen(act, str(uuid.uuid4()))
    assert (ended.code, ended.out) == (1, "")
    assert ended.errors == f"There is no such {'room' if act == 'delete' else 'session'}.\n"
    wrong = await sammen(act, "no-id")
    assert wrong.code == 2
    assert "invalid UUID value" in wrong.errors


async def test_deleting_a_room(sammen: Sammen, klepp: Town, cast: Cast) -> None:
    over = await klepp.session(starts_in=-5 * HOUR)
    left = await klepp.room(over)
    assert (await sammen("delete", str(left.id))).code == 0
    again = await sammen("delete", str(left.id))
    assert (again.code, again.out.startswith("There is nothing to delete")) == (0, True)
    assert await states(klepp) == {(1, 1): RoomState.RETIRING}


async def test_a_room_that_is_needed_stays_unless_it_is_meant(sammen: Sammen, klepp: Town, cast: Cast) -> None:
    session = await klepp.session(cast.amina, starts_in=-HOUR / 2)
    occupied, _ = await seated(klepp, session, cast.amina)
    empty = await klepp.room(session, number=2)
    wanted = await klepp.room(session, number=3, state=RoomState.WANTED, url=None, meeting_id=None)
    for room, says in ((occupied, "Somebody is in it."), (empty, "still needs it"), (wanted, "still needs it")):
        ended = await sammen("delete", str(room.id))
        assert (ended.code, ended.out) == (1, "")
        assert says in ended.errors
    assert set((await states(klepp)).values()) == {RoomState.IN_USE, RoomState.READY, RoomState.WANTED}
    for room in (occupied, empty, wanted):
        assert (await sammen("delete", str(room.id), "--even-so")).code == 0
    assert await states(klepp) == {(1, 1): RoomState.RETIRING, (2, 1): RoomState.RETIRING, (3, 1): RoomState.GONE}


async def test_deleting_a_spare_room(sammen: Sammen, klepp: Town, cast: Cast) -> None:
    spare = await klepp.spare()
    assert (await sammen("delete", str(spare.id))).code == 0
    async with klepp.work() as work:
        assert (await work.session.get_one(SpareRoom, spare.id)).state is RoomState.RETIRING


async def test_comparing_with_the_provider(sammen: Sammen, klepp: Town, cast: Cast, provider: Provider) -> None:
    """One room there that nobody knows, one here that is not there."""
    session = await klepp.session(starts_in=HOUR)
    await klepp.room(session, changed_at=klepp.now - HOUR, prefix=room_prefix("sammen", uuid.uuid4()))
    body = {"endDate": "2099-01-01T00:00:00Z", "roomNamePrefix": room_prefix("sammen", uuid.uuid4())}
    async with (
        aiohttp.ClientSession(headers={"Authorization": f"Bearer {DEMO_SECRET}"}) as http,
        http.post(f"{provider.url}/meetings", json=body) as response,
    ):
        assert response.status == 201
    ended = await sammen("reconcile")
    assert ended.code == 0
    assert ended.out.splitlines() == [
        "Rooms at the provider: 1",
        "Of ours that nobody knew: 1, deleted: 1",
        "Of ours that were lost there, and are replaced: 1",
    ]
    assert len(provider.deleted) == 1
    assert await states(klepp) == {(1, 1): RoomState.GONE, (1, 2): RoomState.WANTED}
    assert (await sammen("reconcile")).out.startswith("Rooms at the provider: 0\n")


async def test_when_something_does_not_answer(sammen: Sammen, klepp: Town, cast: Cast, redis: Redis) -> None:
    refused = await sammen("reconcile", WHEREBY_API_KEY="another-key-0123456789-0123456789-01")
    assert (refused.code, refused.out) == (3, "")
    assert "The room provider does not help (KeyRefused). Look at WHEREBY_API_KEY" in refused.errors
    await Budget(redis, 100).spend(99)
    assert "No points are left" in (await sammen("reconcile")).errors
    nowhere = await sammen(DATABASE_URL="postgresql://nobody@127.0.0.1:9/none")
    assert (nowhere.code, nowhere.out) == (3, "")
    assert "The database does not answer" in nowhere.errors
    without = await sammen(REDIS_URL="redis://127.0.0.1:9/0")
    assert without.code == 0
    assert "Points: Redis does not answer" in without.out
