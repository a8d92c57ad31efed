"""Standing rooms get new addresses as their coordinator chose."""

from datetime import time, timedelta

import pytest
from sqlalchemy import select

from rooms.people.records.circles import Circle
from rooms.schedule.records import StandingRoom
from rooms.schedule.rules.standing import Renewal
from rooms.seating.records import Seat
from rooms.seating.service.presence import gone
from rooms.seating.service.renewal import rooms_to_renew
from rooms.seating.service.rotation import rotate_room
from rooms.supply.records import Room
from rooms.supply.rules.room_life import RoomState
from tests.support.town import Town

MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("renewal", "minutes", "inside", "expected"),
    [
        (Renewal.EVERY_HOUR, 61, True, 1),
        (Renewal.EVERY_HOUR, 59, True, 0),
        (Renewal.EACH_DAY, 600, False, 0),
        (Renewal.AFTER_USE, 61, True, 0),
        (Renewal.AFTER_USE, 61, False, 1),
    ],
)
async def test_when_it_is_time_people_move_along(
    town: Town, renewal: Renewal, minutes: int, inside: bool, expected: int
) -> None:
    person = await town.person()
    async with town.work() as work:
        circle = Circle(centre_id=town.centre_id, name="Kafeen", created_at=town.now)
        work.session.add(circle)
        await work.session.flush()
        standing = StandingRoom(
            centre_id=town.centre_id, circle_id=circle.id, opens=time(8), closes=time(20), weekdays=[1],
            renewal=renewal, created_at=town.now,
        )  # fmt: skip
        work.session.add(standing)
        await work.session.flush()
    session = await town.session(
        person, starts_in=-700 * MINUTE, lasts=timedelta(hours=20), standing_room_id=standing.id
    )
    since = town.now - minutes * MINUTE
    old = await town.room(session, state=RoomState.IN_USE, changed_at=since)
    stay = await town.stay(await town.seat(person, old), old)
    if not inside:
        async with town.work() as work:
            await gone(work, stay.id, person.id, town.now - 10 * MINUTE)
    await town.spare()
    for count in (expected, 0):
        async with town.work() as work:
            found = await rooms_to_renew(work, town.now)
            assert len(found) == count
            for room_id in found:
                await rotate_room(work, room_id, installation="sammen", actor_id=None, now=town.now)
    async with town.work() as work:
        seat = (await work.session.scalars(select(Seat))).one()
        rooms = (await work.session.scalars(select(Room).order_by(Room.generation))).all()
    assert seat.room_id == rooms[-1].id
    assert len(rooms) == 1 + expected
