"""Strangers: told of once, to those who decide, and of nobody who has a right to be there."""

import uuid
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest
from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from sqlalchemy import delete, select, update

from rooms.access.records import Device
from rooms.audit.records import AuditEntry
from rooms.audit.rules import Event
from rooms.people.records.persons import Person
from rooms.people.rules.roles import GuestRole
from rooms.schedule.records import Invitation, Session
from rooms.seating.records import RoomClient, Seat, Stranger
from rooms.seating.rules.reasons import StrangerKind
from rooms.seating.rules.strangers import SETTLES_WITHIN
from rooms.seating.service.alerts import Alert, alerts
from rooms.seating.service.strangers import Look, forget_names, look_for_strangers, rooms_to_look_at
from rooms.store.redis import LIVE_CHANNEL
from rooms.store.scope import OneCentre
from rooms.store.wakeups import centre_topic, person_topic
from rooms.supply.records import Room
from rooms.supply.rules.room_life import RoomState
from tests.support.factories import make_centre
from tests.support.town import Town
from tests.support.wakeups import hear

HOUR, MINUTE, SECOND = timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1)


@pytest.fixture
async def pages(redis: Redis) -> AsyncIterator[PubSub]:
    async with redis.pubsub() as pubsub:
        await pubsub.subscribe(LIVE_CHANNEL)
        yield pubsub


async def comes(
    town: Town, room: Room, seat: Seat | None = None, *, at: datetime | None = None, name: str | None = None
) -> RoomClient:
    """A browser is in a room."""
    async with town.work() as work:
        client = RoomClient(
            id=uuid.uuid4(),
            centre_id=room.centre_id,
            room_id=room.id,
            participant_id=uuid.uuid4().hex,
            seat_id=seat.id if seat is not None else None,
            name=name,
            joined_at=at or town.now - SECOND,
        )
        work.session.add(client)
        return client


async def goes(town: Town, client: RoomClient) -> None:
    async with town.work() as work:
        await work.session.execute(update(RoomClient).where(RoomClient.id == client.id).values(left_at=town.now))


async def look(town: Town, room: Room, before: Look | None = None, *, after: timedelta = timedelta(0)) -> Look:
    async with town.work() as work:
        return await look_for_strangers(work, [room.id], before or Look(), town.now + after)


async def shown(town: Town, *, session: Session | None = None, guide: Person | None = None) -> list[Alert]:
    async with town.store.work(OneCentre(town.centre_id)) as work:
        return await alerts(
            work,
            town.now,
            session_id=session.id if session is not None else None,
            guide_id=guide.id if guide is not None else None,
        )


async def kinds(town: Town) -> list[StrangerKind]:
    async with town.work() as work:
        return list(await work.session.scalars(select(Stranger.kind)))


async def open_session(town: Town, *invited: Person) -> tuple[Session, Room]:
    session = await town.session(*invited, starts_in=-5 * MINUTE)
    return session, await town.room(session, state=RoomState.IN_USE)


async def test_a_stranger_is_told_of_once(town: Town, pages: PubSub) -> None:
    guide = await town.person(is_guide=True)
    session, room = await open_session(town, guide)
    await comes(town, room, name="Somebody")
    assert (await look(town, room)).raised
    await hear(pages, centre_topic(town.centre_id))
    assert not (await look(town, room)).raised
    assert await kinds(town) == [StrangerKind.NO_SEAT]
    async with town.work() as work:
        entry = (await work.session.scalars(select(AuditEntry))).one()
    assert (entry.event, entry.session_id, entry.actor_id) == (Event.STRANGER_SEEN, session.id, None)
    (alert,) = await shown(town)
    assert (alert.name, alert.session_id, alert.room_number) == ("Somebody", session.id, 1)


async def test_the_sessions_guides_are_woken(town: Town, pages: PubSub) -> None:
    guide = await town.person(is_guide=True)
    _session, room = await open_session(town, guide)
    await comes(town, room)
    await look(town, room)
    await hear(pages, person_topic(guide.id))


async def test_a_second_browser_is_told_of_when_it_stays(town: Town) -> None:
    person = await town.person(name="Amina Noor")
    _session, room = await open_session(town, person)
    seat = await town.seat(person, room)
    await comes(town, room, seat, at=town.now - MINUTE)
    second = await comes(town, room, seat)
    before = await look(town, room)
    assert not before.raised
    assert before.room_ids == {room.id}
    assert (await look(town, room, before, after=SETTLES_WITHIN)).raised
    assert await kinds(town) == [StrangerKind.SECOND_BROWSER]
    (alert,) = await shown(town)
    assert (alert.kind, alert.name) == (StrangerKind.SECOND_BROWSER, "Amina Noor")
    await goes(town, second)
    assert await shown(town) == []


async def test_a_second_browser_that_was_let_in_alarms_nobody(town: Town) -> None:
    person = await town.person()
    _session, room = await open_session(town, person)
    seat, device = await town.seat(person, room), await town.device(person)
    async with town.work() as work:
        await work.session.execute(update(Device).where(Device.id == device.id).values(let_in_at=town.now))
    await comes(town, room, seat, at=town.now - MINUTE)
    await comes(town, room, seat)
    assert not (await look(town, room, await look(town, room), after=SETTLES_WITHIN)).raised


async def test_whoever_has_lost_their_right_while_inside_is_told_of(town: Town) -> None:
    stays, uninvited, left = await town.person(), await town.person(), await town.person()
    guest = await town.person(guest_role=GuestRole.LECTURER, guest_until=town.now + HOUR)
    session, room = await open_session(town, stays, uninvited, left, guest)
    seats = [await town.seat(person, room) for person in (stays, uninvited, left, guest)]
    clients = [await comes(town, room, seat) for seat in seats]

    async def looked_at(after: timedelta = timedelta(0)) -> set[uuid.UUID]:
        async with town.work() as work:
            return set(await rooms_to_look_at(work, town.now + after))

    assert await looked_at() == set()
    async with town.work() as work:
        await work.session.execute(delete(Invitation).where(Invitation.person_id == uninvited.id))
        await work.session.execute(update(Person).where(Person.id == left.id).values(left_at=town.now))
    assert await looked_at() == {room.id}
    assert (await look(town, room)).raised
    assert {alert.name for alert in await shown(town, session=session)} == {uninvited.name, left.name}
    for client in clients[1:3]:
        await goes(town, client)
    assert await looked_at() == set()
    assert await looked_at(2 * HOUR) == {room.id}
    assert (await look(town, room, after=2 * HOUR)).raised


async def test_a_page_that_is_loaded_anew_alarms_nobody(town: Town) -> None:
    person = await town.person()
    _session, room = await open_session(town, person)
    seat = await town.seat(person, room)
    old = await comes(town, room, seat, at=town.now - MINUTE)
    await comes(town, room, seat)
    before = await look(town, room)
    await goes(town, old)
    after = await look(town, room, before, after=SETTLES_WITHIN)
    assert not after.raised
    assert not after.room_ids
    assert await kinds(town) == []


async def test_who_sits_elsewhere_or_in_a_closed_room_alarms_nobody(town: Town) -> None:
    """Moved five seconds ago, rotated away, or just seated: all have a right to be there or are on their way out."""
    moved, rotated, seated = await town.person(), await town.person(), await town.person()
    session, room = await open_session(town, moved, rotated, seated)
    other = await town.room(session, number=2)
    old = await town.room(session, number=3, state=RoomState.RETIRING)
    await comes(town, room, await town.seat(seated, room))
    seat = await town.seat(moved, other)
    async with town.work() as work:
        await work.session.execute(update(Seat).where(Seat.id == seat.id).values(changed_at=town.now - 5 * SECOND))
    await comes(town, room, seat, at=town.now - 2 * SECOND)
    await comes(town, old, await town.seat(rotated, other))
    for each in (room, other, old):
        assert not (await look(town, each)).raised


async def test_a_guide_sees_the_alerts_of_their_own_sessions(town: Town) -> None:
    guide, other = await town.person(is_guide=True), await town.person(is_guide=True)
    session, room = await open_session(town, guide)
    await open_session(town, other)
    await comes(town, room, name="Somebody")
    await look(town, room)
    assert [alert.session_id for alert in await shown(town, guide=guide)] == [session.id]
    assert await shown(town, guide=other) == []
    assert len(await shown(town, session=session)) == 1


async def test_another_centre_sees_nothing(town: Town) -> None:
    _session, room = await open_session(town)
    await comes(town, room)
    await look(town, room)
    async with town.work() as work:
        elsewhere = make_centre(work, town.now)
    async with town.store.work(OneCentre(elsewhere.id)) as work:
        assert await alerts(work, town.now) == []


async def test_those_who_are_not_in_yet_can_be_chosen(town: Town) -> None:
    inside, away, left = await town.person(name="B"), await town.person(name="A"), await town.person(left_at=town.now)
    _session, room = await open_session(town, inside, away, left)
    await town.stay(await town.seat(inside, room), room)
    await comes(town, room)
    await look(town, room)
    (alert,) = await shown(town)
    assert alert.choices == ((away.id, "A"),)


async def test_when_the_session_is_over_names_are_forgotten_and_nothing_is_shown(town: Town) -> None:
    session, room = await open_session(town)
    client = await comes(town, room, name="Somebody")
    await look(town, room)
    for ended_at, name in ((None, "Somebody"), (town.now, None)):
        async with town.work() as work:
            await work.session.execute(update(Session).where(Session.id == session.id).values(ended_at=ended_at))
        async with town.work() as work:
            await forget_names(work, town.now)
        async with town.work() as work:
            assert await work.session.scalar(select(RoomClient.name).where(RoomClient.id == client.id)) == name
    assert await shown(town) == []
