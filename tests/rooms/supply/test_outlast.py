"""Rooms of a session that was moved last as long as it does."""

from datetime import timedelta

from sqlalchemy import select, update

from rooms.schedule.records import Session
from rooms.seating.service.attendance import crowds
from rooms.seating.service.rotation import move_to_new_rooms
from rooms.supply.records import Room
from rooms.supply.rules.pool import lasts_until
from rooms.supply.rules.room_life import RoomState
from rooms.supply.service import provision
from rooms.supply.service.outlast import outlast_sessions
from rooms.supply.service.want import want_rooms
from rooms.whereby.client import WherebyClient
from tests.support.town import Town

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


async def wanted(town: Town) -> Session:
    session = await town.session(await town.person(), starts_in=5 * MINUTE)
    async with town.work() as work:
        await want_rooms(work, "sammen", 1000, crowds, town.now)
    return session


async def made(town: Town, whereby: WherebyClient, opened: provision.OpenWork) -> None:
    while await provision.make_next_room(opened, whereby, town.now):
        pass


async def moved(town: Town, session: Session, by: timedelta) -> None:
    async with town.work() as work:
        await work.session.execute(
            update(Session)
            .where(Session.id == session.id)
            .values(starts_at=session.starts_at + by, ends_at=session.ends_at + by)
        )


async def looked(town: Town) -> int:
    async with town.work() as work:
        return await outlast_sessions(work, "sammen", town.now)


async def rooms_of(town: Town, session: Session) -> list[Room]:
    async with town.work() as work:
        rows = await work.session.scalars(select(Room).where(Room.session_id == session.id).order_by(Room.generation))
        return list(rows)


async def test_a_room_that_stands_gets_another_in_its_place(
    town: Town, whereby: WherebyClient, opened: provision.OpenWork
) -> None:
    session = await wanted(town)
    await made(town, whereby, opened)
    await moved(town, session, 3 * HOUR)
    assert await looked(town) == 1
    assert await looked(town) == 0
    await made(town, whereby, opened)
    async with town.work() as work:
        await move_to_new_rooms(work, session.id, town.now)
    old, new = await rooms_of(town, session)
    assert (old.state, new.state) == (RoomState.RETIRING, RoomState.READY)
    assert new.end_date >= lasts_until(session.ends_at + 3 * HOUR)
    assert await looked(town) == 0


async def test_one_that_nobody_asked_for_yet_is_asked_for_with_its_right_end(town: Town) -> None:
    session = await wanted(town)
    await moved(town, session, 3 * HOUR)
    assert await looked(town) == 0
    (room,) = await rooms_of(town, session)
    assert room.end_date == session.ends_at + 5 * HOUR


async def test_what_lasts_long_enough_or_is_far_away_stays(
    town: Town, whereby: WherebyClient, opened: provision.OpenWork
) -> None:
    session = await wanted(town)
    await made(town, whereby, opened)
    assert await looked(town) == 0
    for by in (-3 * MINUTE, HOUR, 48 * HOUR):
        await moved(town, session, by)
        assert await looked(town) == 0
    assert len(await rooms_of(town, session)) == 1
