"""The pool: spare rooms are there, are given when there is no time, and are replaced before the provider drops them."""

import asyncio
from datetime import timedelta

from sqlalchemy import select, update

from rooms.people.records.persons import Person
from rooms.schedule.records import Session
from rooms.schedule.rules.formats import Format
from rooms.seating.service.attendance import crowds
from rooms.store.scope import AllCentres
from rooms.supply.records import Room, Shortage, SpareRoom
from rooms.supply.rules.pool import FEWEST_SPARES, SPARE_IS_OLD
from rooms.supply.rules.room_life import RoomState, Size
from rooms.supply.service import close, provision
from rooms.supply.service.spares import give_to_urgent, keep_spares
from rooms.supply.service.want import want_rooms
from rooms.whereby.client import WherebyClient
from tests.support.provider import Provider
from tests.support.town import Town

ALL = AllCentres("tests look at every centre")
MINUTE = timedelta(minutes=1)


async def want(town: Town, *, points: int = 1000, after: timedelta = timedelta()) -> int:
    async with town.work() as work:
        return await want_rooms(work, "sammen", points, crowds, town.now + after)


async def keep(town: Town, *, after: timedelta = timedelta()) -> int:
    async with town.work() as work:
        return await keep_spares(work, "sammen", town.now + after)


async def rooms(town: Town) -> list[Room]:
    async with town.work() as work:
        return list(await work.session.scalars(select(Room).order_by(Room.session_id, Room.number)))


async def spares(town: Town) -> list[SpareRoom]:
    async with town.work() as work:
        return list(await work.session.scalars(select(SpareRoom)))


async def people(town: Town, count: int) -> list[Person]:
    return [await town.person() for _ in range(count)]


async def test_a_few_spare_rooms_are_always_there(
    town: Town, provider: Provider, whereby: WherebyClient, opened: provision.OpenWork
) -> None:
    assert sorted(await asyncio.gather(keep(town), keep(town))) == [0, FEWEST_SPARES]
    while await provision.make_next_room(opened, whereby, town.now):
        pass
    assert [spare.state for spare in await spares(town)] == [RoomState.READY] * FEWEST_SPARES
    assert len(provider.made) == FEWEST_SPARES
    assert await keep(town) == 0


async def test_as_many_as_the_largest_session_has_rooms(town: Town) -> None:
    session = await town.session(starts_in=5 * MINUTE)
    for number in range(1, 6):
        await town.room(session, number=number)
    assert await keep(town) == 5


async def test_a_session_of_this_minute_gets_a_spare_room_at_once(town: Town) -> None:
    session = await town.session(*await people(town, 3), starts_in=5 * MINUTE)
    later = await town.session(*await people(town, 3), starts_in=60 * MINUTE)
    spare, _other = await town.spare(), await town.spare()
    assert await want(town) == 2
    found = {room.session_id: room for room in await rooms(town)}
    assert (found[session.id].state, found[session.id].url, found[session.id].size) == (
        RoomState.READY, spare.url, Size.SMALL
    )  # fmt: skip
    assert found[later.id].state is RoomState.WANTED
    assert len(await spares(town)) == 1


async def test_a_spare_room_is_there_for_what_the_provider_does_not_answer(town: Town) -> None:
    session = await town.session(starts_in=5 * MINUTE)
    room = await town.room(
        session,
        state=RoomState.CREATING,
        url=None,
        meeting_id=None,
        asked_at=town.now - 2 * MINUTE,
        claimed_until=town.now - MINUTE,
    )
    spare = await town.spare()
    async with town.work() as work:
        assert await give_to_urgent(work, town.now) == 1
    (ready,) = await rooms(town)
    assert (ready.id, ready.state, ready.url) == (room.id, RoomState.READY, spare.url)
    assert (ready.asked_at, ready.claimed_until) == (None, None)


async def test_an_old_spare_room_is_used_up_rather_than_deleted(
    town: Town, provider: Provider, whereby: WherebyClient, opened: provision.OpenWork
) -> None:
    session = await town.session(*await people(town, 8), starts_in=60 * MINUTE)
    old = await town.spare(end_date=town.now + SPARE_IS_OLD - MINUTE)
    await want(town)
    first, second = await rooms(town)
    assert (first.session_id, first.state, first.url) == (session.id, RoomState.READY, old.url)
    assert second.state is RoomState.WANTED
    unused = await town.spare(end_date=town.now + SPARE_IS_OLD - MINUTE)
    assert await keep(town) == FEWEST_SPARES
    async with town.work() as work:
        gone = await work.session.get_one(SpareRoom, unused.id)
        assert gone.state is RoomState.RETIRING
    assert await close.delete_next_room(opened, whereby, town.now)
    assert ("DELETE", f"/v1/meetings/{unused.meeting_id}") in provider.calls
    await keep(town)
    assert unused.id not in {spare.id for spare in await spares(town)}


async def test_a_room_more_is_there_when_all_are_full(town: Town) -> None:
    """Few came to the last sessions, so few rooms were made; today everybody comes."""
    circle = await people(town, 15)
    for weeks in (1, 2, 3):
        past = await town.session(*circle, starts_in=-timedelta(weeks=weeks))
        room = await town.room(past, state=RoomState.GONE, url=None)
        for person in circle[:4]:
            await town.stay(await town.seat(person, room), room)
    session = await town.session(*circle, starts_in=5 * MINUTE)
    await want(town)
    mine = [room for room in await rooms(town) if room.session_id == session.id]
    assert [room.number for room in mine] == [1]
    async with town.work() as work:
        await work.session.execute(
            update(Room).where(Room.id == mine[0].id).values(state=RoomState.READY, url="http://localhost:8081/x")
        )
    for person in circle[:5]:
        await town.seat(person, mine[0])
    spare = await town.spare()
    assert await want(town) == 1
    mine = [room for room in await rooms(town) if room.session_id == session.id]
    assert [(room.number, room.state, room.url) for room in mine][1:] == [(2, RoomState.READY, spare.url)]


async def test_small_rooms_for_group_conversations_come_beside_the_xl_room(town: Town) -> None:
    await town.session(*await people(town, 12), starts_in=30 * MINUTE, format=Format.BRIEFING, breakout_rooms=3)
    await want(town)
    assert [(room.number, room.size) for room in await rooms(town)] == [
        (1, Size.XL), (2, Size.SMALL), (3, Size.SMALL), (4, Size.SMALL)
    ]  # fmt: skip


async def test_what_cannot_be_had_in_time_is_said_and_taken_back(town: Town) -> None:
    """Ten points a minute make three rooms a minute."""
    late = await town.session(*await people(town, 30), starts_in=11 * MINUTE, opens_before_minutes=10)
    await want(town, points=10)
    async with town.work() as work:
        (shortage,) = (await work.session.scalars(select(Shortage))).all()
        centre = (await work.session.get_one(Session, late.id)).centre_id
    assert (shortage.session_id, shortage.centre_id, shortage.missing, shortage.needed) == (late.id, centre, 3, 6)
    assert town.now + MINUTE < shortage.complete_at <= town.now + 3 * MINUTE
    async with town.work() as work:
        await work.session.execute(update(Room).values(state=RoomState.READY, url=Room.prefix))
    await want(town, points=10)
    async with town.work() as work:
        assert (await work.session.scalars(select(Shortage))).all() == []
