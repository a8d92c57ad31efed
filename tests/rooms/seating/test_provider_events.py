"""Webhooks in: only the provider's own, each once, in whatever order they come."""

import asyncio
import hashlib
import hmac
import itertools
import json
import uuid
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from config import clock
from config.settings import DEMO_SECRET
from rooms.seating.records import Presence, ProviderEvent, RoomClient, Seat
from rooms.seating.rules.reasons import EventOutcome
from rooms.seating.service.clients import is_inside
from rooms.seating.service.events import work_off_events
from rooms.seating.service.presence import stay_of
from rooms.supply.records import Room
from tests.conftest import Client
from tests.support.town import Town

MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)


def signed(body: bytes, *, secret: str = DEMO_SECRET, at: datetime | None = None) -> dict[str, str]:
    stamp = str(int((at or clock.now()).timestamp()))
    digest = hmac.new(secret.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    return {"Whereby-Signature": f"t={stamp},v1={digest}", "Content-Type": "application/json"}


def event(kind: str, room: Room, seat_id: object, at: datetime, **data: Any) -> bytes:
    told = {
        "id": uuid.uuid4().hex,
        "apiVersion": "1.0",
        "createdAt": at.isoformat(),
        "type": kind,
        "data": {"meetingId": room.meeting_id, "externalId": str(seat_id), "displayName": "Åse Bjørg", **data},
    }
    return json.dumps(told, ensure_ascii=False).encode()


def person(
    room: Room, kind: str, who: str, seat_id: object, at: datetime, people: int | None = None, **data: Any
) -> bytes:
    """An event about one browser, as the provider tells it; `people`: how many are in the room after it."""
    return event(
        kind, room, seat_id, at, participantId=who, **({} if people is None else {"numClients": people}), **data
    )


async def post(client: Client, body: bytes, **how: Any) -> int:
    async with client.post("/provider-events", data=body, headers=signed(body, **how)) as answer:
        return answer.status


async def work_off(town: Town) -> int:
    async with town.work() as work:
        return (await work_off_events(work, clock.now())).count


async def seated(town: Town) -> tuple[Room, Seat]:
    person = await town.person()
    room = await town.room(await town.session(person, starts_in=-5 * MINUTE))
    return room, await town.seat(person, room)


async def is_there(town: Town) -> bool:
    async with town.work() as work:
        rows = await work.session.scalars(select(Presence))
        return any(stay_of(row).is_live(clock.now()) for row in rows)


async def count(town: Town) -> int:
    async with town.work() as work:
        return await work.session.scalar(select(func.count()).select_from(ProviderEvent)) or 0


async def test_only_the_providers_own_bytes_are_taken(client: Client, town: Town) -> None:
    room, seat = await seated(town)
    body = event("room.client.joined", room, seat.id, town.now)
    assert await post(client, body, secret="x" * 40) == 401
    assert await post(client, body, at=town.now - timedelta(hours=1)) == 401
    async with client.post("/provider-events", data=body) as unsigned:
        assert unsigned.status == 401
    async with client.post("/provider-events", data=body.replace(b"Bj", b"bj"), headers=signed(body)) as changed:
        assert changed.status == 401
    assert await post(client, b"not json") == 400
    assert await count(town) == 0


async def test_a_repeat_is_kept_once_and_names_are_dropped(client: Client, town: Town) -> None:
    room, seat = await seated(town)
    body = event("room.client.joined", room, seat.id, town.now)
    assert [await post(client, body) for _ in range(3)] == [204, 204, 204]
    assert await count(town) == 1
    assert await work_off(town) == 1
    assert await work_off(town) == 0
    assert await is_there(town)
    async with town.work() as work:
        kept = (await work.session.scalars(select(ProviderEvent))).one()
    assert (kept.outcome, kept.body) == (EventOutcome.RECORDED, "")


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
async def test_late_events_in_any_order_tell_the_same(client: Client, town: Town, order: tuple[int, ...]) -> None:
    room, seat = await seated(town)
    bodies = [
        event("room.client.joined", room, seat.id, town.now - 3 * MINUTE),
        event("room.client.left", room, seat.id, town.now - 2 * MINUTE),
        event("room.client.joined", room, seat.id, town.now - MINUTE),
    ]
    for place in order:
        await post(client, bodies[place])
        await work_off(town)
    assert await is_there(town)
    await post(client, event("room.client.left", room, seat.id, town.now))
    await work_off(town)
    assert not await is_there(town)


async def test_strangers_recorders_and_other_events_make_no_stay(client: Client, town: Town) -> None:
    room, seat = await seated(town)
    other_room, _ = await seated(town)
    for body in (
        event("room.client.joined", room, uuid.uuid4(), town.now),
        event("room.client.joined", room, "not-a-seat", town.now),
        event("room.client.joined", other_room, seat.id, town.now),
        event("room.client.joined", room, seat.id, town.now, roleName="recorder"),
        event("room.session.started", room, seat.id, town.now),
    ):
        assert await post(client, body) == 204
    assert await work_off(town) == 5
    assert not await is_there(town)
    async with town.work() as work:
        outcomes = await work.session.scalars(select(ProviderEvent.outcome).order_by(ProviderEvent.received_at))
        assert list(outcomes) == [EventOutcome.UNKNOWN_SEAT] * 3 + [EventOutcome.IGNORED] * 2


async def test_a_clock_that_runs_ahead_does_not_outlive_the_page(client: Client, town: Town) -> None:
    room, seat = await seated(town)
    await post(client, event("room.client.joined", room, seat.id, clock.now() + 4 * MINUTE))
    await work_off(town)
    await post(client, event("room.client.left", room, seat.id, clock.now() + 5 * MINUTE))
    await work_off(town)
    assert not await is_there(town)


@pytest.mark.parametrize("order", list(itertools.permutations(range(2))))
async def test_a_page_loaded_anew_stays_there_in_whatever_order(
    client: Client, town: Town, order: tuple[int, ...]
) -> None:
    room, seat = await seated(town)
    await post(client, person(room, "room.client.joined", "old", seat.id, town.now - MINUTE))
    await work_off(town)
    bodies = [
        person(room, "room.client.joined", "new", seat.id, town.now - 2 * SECOND),
        person(room, "room.client.left", "old", seat.id, town.now - SECOND),
    ]
    for place in order:
        await post(client, bodies[place])
        await work_off(town)
    assert await is_there(town)
    await post(client, person(room, "room.client.left", "new", seat.id, town.now))
    await work_off(town)
    assert not await is_there(town)


async def test_a_goodbye_that_never_came_is_noticed_by_the_number_of_people(client: Client, town: Town) -> None:
    room, seat = await seated(town)
    other = await town.seat(await town.person(), room)
    for body in (
        person(room, "room.client.joined", "first", seat.id, town.now - 5 * MINUTE, people=1),
        person(room, "room.client.joined", "second", seat.id, town.now - 4 * MINUTE, people=1),
        person(room, "room.client.joined", "other", other.id, town.now - 3 * MINUTE, people=2),
        person(room, "room.client.left", "second", seat.id, town.now - 2 * MINUTE, people=1),
    ):
        await post(client, body)
    await work_off(town)
    async with town.work() as work:
        inside = await work.session.scalars(select(RoomClient.participant_id).where(is_inside()))
        assert list(inside) == ["other"]
        stays = await work.session.scalars(select(Presence.seat_id).where(Presence.left_at.is_(None)))
        assert list(stays) == [other.id]


async def test_a_rooms_end_sends_all_but_the_last_home(client: Client, town: Town) -> None:
    room, seat = await seated(town)
    await post(client, person(room, "room.client.joined", "one", seat.id, town.now - 3 * MINUTE))
    other = await town.seat(await town.person(), room)
    await post(client, person(room, "room.client.joined", "two", other.id, town.now - 2 * MINUTE))
    await post(client, event("room.session.ended", room, None, town.now - MINUTE))
    await work_off(town)
    async with town.work() as work:
        stays = await work.session.scalars(select(Presence.seat_id).where(Presence.left_at.is_(None)))
        assert list(stays) == [other.id]


async def test_an_event_of_a_room_that_nobody_knows_changes_nothing(client: Client, town: Town) -> None:
    room, seat = await seated(town)
    body = person(room, "room.client.joined", "somebody", seat.id, town.now, meetingId="another installation's")
    assert await post(client, body) == 204
    assert await work_off(town) == 1
    async with town.work() as work:
        assert (await work.session.scalars(select(RoomClient))).all() == []
        assert list(await work.session.scalars(select(ProviderEvent.outcome))) == [EventOutcome.IGNORED]


async def test_two_workers_at_once_count_nothing_twice(client: Client, town: Town) -> None:
    room, seat = await seated(town)
    for number in range(60):
        kind = "room.client.left" if number % 2 else "room.client.joined"
        at = town.now - MINUTE + number * timedelta(milliseconds=10)
        await post(client, person(room, kind, f"client-{number // 2}", seat.id, at))
    counts = await asyncio.gather(*(work_off(town) for _ in range(3)))
    assert sum(counts) == 60
    assert not await is_there(town)
