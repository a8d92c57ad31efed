"""New rooms for old ones: everybody's seat moves along, the old room goes, and asking twice makes one new room."""

import asyncio
import uuid
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from rooms.audit.records import AuditEntry
from rooms.audit.rules import Event
from rooms.people.records.persons import Person
from rooms.schedule.records import Session
from rooms.seating.records import Seat
from rooms.seating.rules.reasons import SeatReason
from rooms.seating.service import seats
from rooms.seating.service.now import by_link
from rooms.seating.service.rotation import (
    Rotation,
    move_to_new_rooms,
    rotate_room,
    rotate_session,
    sessions_to_move,
)
from rooms.store.reader import Reader
from rooms.store.scope import OneCentre
from rooms.supply.records import Room, SpareRoom
from rooms.supply.rules.room_life import RoomState
from rooms.supply.service.replace import replace_room
from tests.support.town import Town

MINUTE = timedelta(minutes=1)


async def rotate(town: Town, room: Room, actor: uuid.UUID | None = None) -> Rotation:
    async with town.store.work(OneCentre(town.centre_id)) as work:
        return await rotate_room(work, room.id, installation="sammen", actor_id=actor, now=town.now)


async def rooms_of(town: Town, session: Session) -> list[Room]:
    async with town.work() as work:
        rows = await work.session.scalars(
            select(Room).where(Room.session_id == session.id).order_by(Room.number, Room.generation)
        )
        return list(rows)


async def seat_of(town: Town, person: Person) -> Seat:
    async with town.work() as work:
        return (await work.session.scalars(select(Seat).where(Seat.person_id == person.id))).one()


async def make_ready(town: Town, room: Room) -> None:
    """As a worker does when the provider has made it."""
    async with town.work() as work:
        await work.session.execute(
            update(Room)
            .where(Room.id == room.id)
            .values(state=RoomState.READY, url=f"http://localhost:8081/{room.prefix}x", meeting_id=f"{room.prefix}x")
        )


async def test_everybody_moves_to_a_spare_room_and_the_old_one_goes(town: Town) -> None:
    here, away, elsewhere = await town.person(), await town.person(), await town.person()
    session = await town.session(here, away, elsewhere, starts_in=-5 * MINUTE)
    old, other = await town.room(session, state=RoomState.IN_USE), await town.room(session, number=2)
    await town.stay(await town.seat(here, old), old)
    await town.seat(away, old)
    await town.seat(elsewhere, other)
    spare = await town.spare()

    assert await rotate(town, old, here.id) is Rotation.MOVED

    gone, new, untouched = await rooms_of(town, session)
    assert (gone.id, gone.state) == (old.id, RoomState.RETIRING)
    assert (new.number, new.generation, new.state) == (1, 2, RoomState.IN_USE)
    assert (new.url, new.meeting_id) == (spare.url, spare.meeting_id)
    assert (untouched.id, untouched.state) == (other.id, RoomState.READY)
    for person in (here, away):
        seat = await seat_of(town, person)
        assert (seat.room_id, seat.reason, seat.version) == (new.id, SeatReason.ROTATED, 2)
    assert (await seat_of(town, elsewhere)).room_id == other.id
    # Whoever is not there does not take up a place in the new room.
    assert (await seat_of(town, here)).changed_at == town.now
    assert (await seat_of(town, away)).changed_at < town.now
    reader = Reader(town.settings.database_url)
    await reader.open()
    found = await by_link(reader, (await town.link_of(here)).id, town.now)
    await reader.close()
    assert found is not None
    assert found.session is not None
    assert found.session.room_url == spare.url
    async with town.work() as work:
        assert (await work.session.scalars(select(SpareRoom))).all() == []
        events = (await work.session.scalars(select(AuditEntry).where(AuditEntry.event == Event.ROOM_ROTATED))).all()
    assert [(entry.actor_id, entry.session_id) for entry in events] == [(here.id, session.id)]


async def test_without_a_spare_room_they_move_when_there_is_one(town: Town) -> None:
    person = await town.person()
    session = await town.session(person, starts_in=-5 * MINUTE)
    old = await town.room(session, state=RoomState.IN_USE)
    await town.stay(await town.seat(person, old), old)

    assert await rotate(town, old) is Rotation.WAITS
    assert await rotate(town, old) is Rotation.WAITS

    before, new = await rooms_of(town, session)
    assert (before.state, new.state) == (RoomState.IN_USE, RoomState.WANTED)
    assert (await seat_of(town, person)).room_id == old.id
    async with town.work() as work:
        assert await sessions_to_move(work) == []
    await make_ready(town, new)
    for to_move in ([session.id], []):
        async with town.work() as work:
            assert await sessions_to_move(work) == to_move
            await move_to_new_rooms(work, session.id, town.now)
    before, new = await rooms_of(town, session)
    assert (before.state, new.state) == (RoomState.RETIRING, RoomState.IN_USE)
    assert (await seat_of(town, person)).room_id == new.id


async def test_a_room_that_was_rotated_before_can_be_replaced_again(town: Town) -> None:
    session = await town.session(starts_in=-5 * MINUTE)
    old = await town.room(session)
    assert await rotate(town, old) is Rotation.WAITS
    async with town.work() as work:
        new = await replace_room(work, old, session, "sammen", town.now)
    assert new.generation == 3


async def test_two_who_ask_at_once_get_one_new_room(town: Town) -> None:
    session = await town.session(starts_in=-5 * MINUTE)
    old = await town.room(session)
    for _ in range(3):
        await town.spare()
    assert set(await asyncio.gather(*(rotate(town, old) for _ in range(4)))) == {Rotation.MOVED}
    assert [room.generation for room in await rooms_of(town, session)] == [1, 2]
    # The new one, in its turn, can be rotated.
    assert await rotate(town, (await rooms_of(town, session))[1]) is Rotation.MOVED
    assert [room.state for room in await rooms_of(town, session)] == [
        RoomState.RETIRING, RoomState.RETIRING, RoomState.READY
    ]  # fmt: skip


async def test_a_whole_session(town: Town) -> None:
    people = [await town.person() for _ in range(2)]
    session = await town.session(*people, starts_in=-5 * MINUTE)
    old = [await town.room(session, number=number) for number in (1, 2)]
    for person, room in zip(people, old, strict=True):
        await town.seat(person, room)
        await town.spare()
    async with town.work() as work:
        assert (
            await rotate_session(work, session.id, installation="sammen", actor_id=None, now=town.now) is Rotation.MOVED
        )
    new = [room for room in await rooms_of(town, session) if room.generation == 2]
    assert [room.number for room in new] == [1, 2]
    assert [(await seat_of(town, person)).room_id for person in people] == [room.id for room in new]


async def test_somebody_who_arrives_meanwhile_is_in_the_new_room(town: Town) -> None:
    people = [await town.person() for _ in range(5)]
    session = await town.session(*people, starts_in=-5 * MINUTE)
    old = await town.room(session)
    await town.spare()

    async def arrive(person: Person) -> None:
        async with town.store.work(OneCentre(town.centre_id)) as work:
            await seats.arrive(work, session.id, person.id, town.now)

    await asyncio.gather(*(arrive(person) for person in people[:3]), rotate(town, old), *map(arrive, people[3:]))
    new = (await rooms_of(town, session))[-1]
    assert new.generation == 2
    assert {(await seat_of(town, person)).room_id for person in people} == {new.id}


async def test_a_spare_room_that_the_provider_will_drop_too_soon_is_not_taken(town: Town) -> None:
    session = await town.session(starts_in=-5 * MINUTE)
    old = await town.room(session)
    await town.spare(end_date=session.ends_at)
    assert await rotate(town, old) is Rotation.WAITS


async def test_what_is_not_there_or_not_ours(town: Town) -> None:
    session = await town.session(starts_in=-5 * MINUTE)
    old = await town.room(session)
    assert await rotate(town, await town.room(session, number=2, state=RoomState.WANTED, url=None)) is Rotation.NOTHING
    async with town.store.work(OneCentre(uuid.uuid4())) as work:
        with pytest.raises(LookupError):
            await rotate_room(work, old.id, installation="sammen", actor_id=None, now=town.now)
        with pytest.raises(LookupError):
            await rotate_session(work, session.id, installation="sammen", actor_id=None, now=town.now)
