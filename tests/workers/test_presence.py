"""The provider's events are worked off, all that wait; strangers are told of, and closed circles move by themselves."""

import asyncio
import json
import uuid
from datetime import datetime, timedelta

import pytest
from sqlalchemy import exists, func, select, update

from config import clock
from rooms.people.records.circles import Circle
from rooms.schedule.records import Session
from rooms.seating.records import ProviderEvent, RoomClient, Stranger
from rooms.seating.rules import strangers as rules
from rooms.seating.rules.reasons import StrangerAnswer, StrangerKind
from rooms.seating.rules.strangers import SETTLES_WITHIN
from rooms.seating.service.events import Taken, keep, work_off_events
from rooms.store.scope import AllCentres
from rooms.store.unit_of_work import Store
from rooms.supply.records import Room
from rooms.supply.rules.room_life import RoomState
from tests.support.town import Town
from tests.support.waiting import until
from workers.loop import Resources
from workers.presence import provider_events_due, stranger_names_due, strangers_due

ALL = AllCentres("the provider's events name no centre")


async def test_all_events_that_wait_are_worked_off(resources: Resources, store: Store, now: datetime) -> None:
    """More than one batch of them."""
    async with store.work(ALL) as work:
        await keep(work, [Taken(f"event-{number}", "room.client.joined", "{}", now) for number in range(450)])

    async def waiting() -> int | None:
        async with store.work(ALL) as work:
            return await work.session.scalar(
                select(func.count()).select_from(ProviderEvent).where(ProviderEvent.outcome.is_(None))
            )

    assert await waiting() == 450
    assert await provider_events_due(resources) is False
    assert await waiting() == 0


def event(room: Room, kind: str, who: str, at: datetime, external_id: object = None) -> Taken:
    told = {
        "id": uuid.uuid4().hex,
        "createdAt": at.isoformat(),
        "type": kind,
        "data": {"meetingId": room.meeting_id, "participantId": who, "externalId": str(external_id)},
    }
    return Taken(str(told["id"]), kind, json.dumps(told), at)


async def take(town: Town, *events: Taken) -> None:
    async with town.work() as work:
        await keep(work, events)


async def strangers(town: Town) -> list[Stranger]:
    async with town.work() as work:
        return list(await work.session.scalars(select(Stranger)))


async def test_a_stranger_makes_a_closed_circle_move_at_once(resources: Resources, klepp: Town) -> None:
    session = await klepp.session(starts_in=timedelta(minutes=-5))
    async with klepp.work() as work:
        circle = Circle(
            id=uuid.uuid4(), centre_id=klepp.centre_id, name="Kvinnegruppa", is_closed=True, created_at=klepp.now
        )
        work.session.add(circle)
        await work.session.flush()
        await work.session.execute(update(Session).where(Session.id == session.id).values(circle_id=circle.id))
    room = await klepp.room(session, state=RoomState.IN_USE)
    await klepp.spare()
    await take(klepp, event(room, "room.client.joined", "stranger", klepp.now))
    assert await provider_events_due(resources) is False
    (stranger,) = await strangers(klepp)
    assert (stranger.answer, stranger.answered_by) == (StrangerAnswer.ROTATED, None)
    async with klepp.work() as work:
        states = await work.session.scalars(select(Room.state).order_by(Room.generation))
        assert list(states) == [RoomState.RETIRING, RoomState.READY]


async def test_a_second_browser_is_told_of_by_the_look_that_saw_it(resources: Resources, klepp: Town) -> None:
    """Within the same task, without another event or beat."""
    person = await klepp.person()
    room = await klepp.room(await klepp.session(person, starts_in=timedelta(minutes=-5)))
    seat = await klepp.seat(person, room)
    await take(klepp, *(event(room, "room.client.joined", who, klepp.now, seat.id) for who in ("one", "two")))
    began = clock.now()
    assert await provider_events_due(resources) is False
    assert clock.now() - began >= SETTLES_WITHIN
    assert [stranger.kind for stranger in await strangers(klepp)] == [StrangerKind.SECOND_BROWSER]


async def test_a_reload_keeps_the_worker_only_for_as_long_as_it_is_in_doubt(
    resources: Resources, klepp: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "SETTLES_WITHIN", timedelta(minutes=1))
    person = await klepp.person()
    room = await klepp.room(await klepp.session(person, starts_in=timedelta(minutes=-5)))
    seat = await klepp.seat(person, room)
    await take(klepp, *(event(room, "room.client.joined", who, klepp.now, seat.id) for who in ("old", "new")))
    looking = asyncio.ensure_future(provider_events_due(resources))

    async def worked_off() -> bool:
        async with klepp.work() as work:
            return not await work.session.scalar(select(exists().where(ProviderEvent.outcome.is_(None))))

    await until(worked_off)
    assert not looking.done()
    await take(klepp, event(room, "room.client.left", "old", klepp.now, seat.id))
    assert await looking is False
    assert await strangers(klepp) == []


async def test_what_a_dead_worker_saw_is_told_of_later(resources: Resources, klepp: Town) -> None:
    person = await klepp.person()
    room = await klepp.room(await klepp.session(person, starts_in=timedelta(minutes=-5)))
    seat = await klepp.seat(person, room)
    await take(klepp, *(event(room, "room.client.joined", who, klepp.now, seat.id) for who in ("one", "two")))
    async with klepp.work() as work:
        assert (await work_off_events(work, klepp.now)).count == 2
    assert await strangers(klepp) == []
    assert await strangers_due(resources) is False
    assert len(await strangers(klepp)) == 1


async def test_names_of_strangers_go_when_the_session_is_over(resources: Resources, klepp: Town) -> None:
    room = await klepp.room(await klepp.session(starts_in=timedelta(hours=-2)))
    async with klepp.work() as work:
        work.session.add(RoomClient(centre_id=klepp.centre_id, room_id=room.id, participant_id="x", name="Somebody"))
    await stranger_names_due(resources)
    async with klepp.work() as work:
        assert list(await work.session.scalars(select(RoomClient.name))) == [None]
