"""Seats on real PostgreSQL: given on arrival, one at a time, never alone where it can be avoided."""

import asyncio
from collections import Counter
from datetime import timedelta

from sqlalchemy import select

from rooms.people.records.persons import Person
from rooms.schedule.records import Session
from rooms.seating.records import Presence, Seat
from rooms.seating.rules.reasons import SeatReason
from rooms.seating.rules.seat import Place
from rooms.seating.service import presence, seats
from rooms.seating.service.now import at_the_door, by_link
from rooms.seating.service.seats import Arrival, Arrived
from rooms.store.reader import Reader
from rooms.store.scope import OneCentre
from rooms.supply.records import Room
from rooms.supply.rules.room_life import RoomState
from tests.support.town import Town

MINUTE = timedelta(minutes=1)


async def arrive(town: Town, session: Session, person: Person, *, after: timedelta = timedelta()) -> Arrived:
    async with town.store.work(OneCentre(town.centre_id)) as work:
        return await seats.arrive(work, session.id, person.id, town.now + after)


async def test_nobody_sits_before_it_opens_nor_uninvited(town: Town) -> None:
    person, stranger = await town.person(), await town.person()
    session = await town.session(person, starts_in=30 * MINUTE)
    await town.room(session)
    assert (await arrive(town, session, person)).outcome is Arrival.NOT_OPEN
    assert (await arrive(town, session, person, after=20 * MINUTE)).outcome is Arrival.SEATED
    assert (await arrive(town, session, stranger, after=20 * MINUTE)).outcome is Arrival.NOT_OPEN
    assert (await arrive(town, session, person, after=90 * MINUTE)).outcome is Arrival.NOT_OPEN


async def test_a_session_without_a_room_and_a_full_one(town: Town) -> None:
    person = await town.person()
    session = await town.session(person, starts_in=5 * MINUTE)
    assert (await arrive(town, session, person)).outcome is Arrival.NO_ROOM_YET
    room = await town.room(session)
    await town.fill(room, 6)
    assert (await arrive(town, session, person)).outcome is Arrival.FULL


async def test_forty_at_once_fill_rooms_of_four_to_six_and_nobody_sits_alone(town: Town) -> None:
    people = [await town.person() for _ in range(40)]
    session = await town.session(*people, starts_in=5 * MINUTE)
    for number in range(1, 9):
        await town.room(session, number=number)
    outcomes = await asyncio.gather(*(arrive(town, session, person) for person in people))
    assert {one.outcome for one in outcomes} == {Arrival.SEATED}
    async with town.work() as work:
        found = await work.session.scalars(select(Seat.room_id))
        sizes = Counter(found.all())
        states = set(await work.session.scalars(select(Room.state).where(Room.id.in_(sizes))))
    assert sum(sizes.values()) == 40
    assert all(2 <= size <= 6 for size in sizes.values())
    assert states == {RoomState.IN_USE}


async def test_coming_back_finds_the_same_seat(town: Town) -> None:
    person = await town.person()
    session = await town.session(person, starts_in=5 * MINUTE)
    room = await town.room(session)
    await town.room(session, number=2)
    await town.fill(room, 2)
    first = (await arrive(town, session, person)).seat
    again = (await arrive(town, session, person, after=MINUTE)).seat
    assert first is not None
    assert again is not None
    assert (again.id, again.room_id, again.version) == (first.id, room.id, 1)


async def test_a_place_of_somebody_who_went_silent_is_free(town: Town) -> None:
    first, second = await town.person(), await town.person()
    session = await town.session(first, second, starts_in=5 * MINUTE)
    room = await town.room(session)
    await town.fill(room, 5)
    assert (await arrive(town, session, first)).outcome is Arrival.SEATED
    assert (await arrive(town, session, second, after=MINUTE)).outcome is Arrival.FULL
    assert (await arrive(town, session, second, after=3 * MINUTE)).outcome is Arrival.SEATED


async def test_leaving_frees_the_place_and_ends_the_stay(town: Town) -> None:
    person = await town.person()
    session = await town.session(person, starts_in=5 * MINUTE)
    room = await town.room(session)
    seat = await town.seat(person, room)
    stay = await town.stay(seat, room)
    async with town.store.work(OneCentre(town.centre_id)) as work:
        await seats.leave(work, session.id, person.id, town.now)
        await seats.leave(work, session.id, person.id, town.now)
    async with town.work() as work:
        seat_now, stay_now = await work.session.get(Seat, seat.id), await work.session.get(Presence, stay.id)
    assert seat_now is not None
    assert stay_now is not None
    assert (seat_now.room_id, seat_now.reason, seat_now.version) == (None, SeatReason.LEFT, 2)
    assert stay_now.left_at == town.now


async def test_a_stay_by_the_page(town: Town) -> None:
    person, stranger = await town.person(), await town.person()
    session = await town.session(person, starts_in=5 * MINUTE)
    room = await town.room(session)
    seat = await town.seat(person, room)
    device = await town.device(person)
    async with town.store.work(OneCentre(town.centre_id)) as work:
        assert await presence.joined(work, seat.id, room.id, stranger.id, device_id=device.id, now=town.now) is None
        stay = await presence.joined(work, seat.id, room.id, person.id, device_id=device.id, now=town.now)
        again = await presence.joined(work, seat.id, room.id, person.id, device_id=device.id, now=town.now)
        assert stay is not None
        assert stay == again
    later = town.now + 2 * MINUTE
    async with town.store.work(OneCentre(town.centre_id)) as work:
        assert await presence.devices_inside(work, person.id, later) == []
        await presence.still_here(work, {stay: stranger.id}, later)
        assert await presence.devices_inside(work, person.id, later) == []
        await presence.still_here(work, {stay: person.id}, later)
        assert await presence.devices_inside(work, person.id, later) == [device.id]
        assert (await presence.whereabouts(work, [session.id], later))[session.id][person.id].is_there
        await presence.gone(work, stay, person.id, later)
        assert await presence.devices_inside(work, person.id, later) == []
        here = (await presence.whereabouts(work, [session.id], later))[session.id][person.id]
        assert (here.is_there, here.since) == (False, town.now)


async def test_one_statement_finds_the_same_as_the_rules(town: Town) -> None:
    person = await town.person(name="Amina Ali")
    session = await town.session(person, starts_in=5 * MINUTE)
    following = await town.session(person, starts_in=timedelta(days=7))
    room = await town.room(session)
    seat = await town.seat(person, room)
    link = await town.link_of(person)
    reader = Reader(town.settings.database_url)
    await reader.open()
    try:
        found = await by_link(reader, link.id, town.now)
        assert found is not None
        assert found.now.place is Place.ROOM
        assert found.session is not None
        assert (found.session.planned.session_id, found.session.seat_id) == (session.id, seat.id)
        assert found.session.room_url == room.url
        assert found.following is not None
        assert found.following.planned.session_id == following.id
        assert await at_the_door(reader, session.id, is_guide=False, now=town.now) is Place.OPEN
        async with town.work() as work:
            stored = await work.session.get(Room, room.id)
            assert stored is not None
            stored.state = RoomState.RETIRING
        found = await by_link(reader, link.id, town.now)
        assert found is not None
        assert found.session is not None
        assert (found.now.place, found.session.room_url) == (Place.OPEN, None)
        assert await at_the_door(reader, session.id, is_guide=False, now=town.now) is Place.GETTING_READY
    finally:
        await reader.close()
