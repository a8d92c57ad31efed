"""How the supply stands, as a centre sees it and as the terminal does."""

import uuid
from datetime import datetime, timedelta
from typing import Any

import pytest

from rooms.schedule.records import Session
from rooms.schedule.rules.formats import Format
from rooms.store.scope import AllCentres, OneCentre, Scope
from rooms.supply.records import Shortage
from rooms.supply.rules.room_life import RoomError, RoomState
from rooms.supply.rules.shortage import Remedy, remedies
from rooms.supply.service.overview import Overview, overview
from tests.support.cast import Cast
from tests.support.queries import counted
from tests.support.town import Town

ALL = AllCentres("tests look at every centre")
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


async def seen(town: Town, scope: Scope | None = None) -> Overview:
    async with town.store.work(scope or OneCentre(town.centre_id)) as work:
        return await overview(work, town.now)


async def is_short(town: Town, session: Session, missing: int = 2, needed: int = 5) -> None:
    async with town.work() as work:
        work.session.add(
            Shortage(
                id=uuid.uuid4(),
                centre_id=session.centre_id,
                session_id=session.id,
                missing=missing,
                needed=needed,
                complete_at=session.opens_at + 7 * MINUTE,
                found_at=town.now,
            )
        )


@pytest.fixture
def kvam(klepp: Town, cast: Cast) -> Town:
    return Town(klepp.store, klepp.settings, klepp.now, cast.kvam.id)


async def test_rooms_by_state_and_spare_ones(klepp: Town, kvam: Town) -> None:
    session = await klepp.session(starts_in=HOUR)
    await klepp.room(session, number=1)
    await klepp.room(session, number=2, state=RoomState.IN_USE)
    await klepp.room(session, number=3, state=RoomState.WANTED, url=None)
    await klepp.room(session, number=4, state=RoomState.GONE, url=None)
    await kvam.room(await kvam.session(starts_in=HOUR))
    await klepp.spare()
    await klepp.spare(state=RoomState.WANTED, url=None)
    found = await seen(klepp)
    assert found.rooms == {RoomState.READY: 1, RoomState.IN_USE: 1, RoomState.WANTED: 1}
    assert found.spares == {RoomState.READY: 1, RoomState.WANTED: 1}
    assert (await seen(klepp, ALL)).rooms[RoomState.READY] == 2


async def test_the_next_deadlines(klepp: Town, kvam: Town) -> None:
    half = await klepp.session(starts_in=HOUR, title="Half")
    await klepp.room(half, number=1)
    await klepp.room(half, number=2, state=RoomState.CREATING, url=None)
    later = await klepp.session(starts_in=5 * HOUR, title="Later")
    complete = await klepp.session(starts_in=-HOUR / 2, title="Open, and complete")
    await klepp.room(complete)
    waits = await klepp.session(starts_in=-HOUR / 3, title="Open, and not complete")
    await klepp.room(waits, state=RoomState.WANTED, url=None)
    # A room that took another one's place is not a room more.
    renewed = await klepp.session(starts_in=2 * HOUR)
    await klepp.room(renewed, state=RoomState.RETIRING)
    await klepp.room(renewed, generation=2)
    await klepp.session(starts_in=3 * HOUR, cancelled_at=klepp.now)
    await klepp.session(starts_in=40 * HOUR)
    await kvam.session(starts_in=HOUR)
    found = await seen(klepp)
    assert [(one.session.id, one.ready, one.rooms) for one in found.deadlines] == [
        (waits.id, 0, 1),
        (half.id, 1, 2),
        (renewed.id, 1, 1),
        (later.id, 0, 0),
    ]
    assert {one.centre_name for one in (await seen(klepp, ALL)).deadlines} == {
        "Frivilligsentralen i Klepp",
        "Frivilligsentralen i Kvam",
    }


async def test_shortages_of_sessions_that_are_still_to_come(klepp: Town, kvam: Town) -> None:
    late = await klepp.session(starts_in=HOUR)
    await is_short(klepp, late)
    await is_short(klepp, await klepp.session(starts_in=HOUR, cancelled_at=klepp.now))
    await is_short(kvam, await kvam.session(starts_in=HOUR))
    (found,) = (await seen(klepp)).shortages
    assert (found.session.id, found.shortage.missing, found.shortage.needed) == (late.id, 2, 5)
    assert len((await seen(klepp, ALL)).shortages) == 2


async def test_errors_with_when_and_how_often(klepp: Town, kvam: Town) -> None:
    session = await klepp.session(starts_in=HOUR)
    down: dict[str, Any] = {"state": RoomState.CREATING, "url": None, "last_error": RoomError.DOWN}
    next_try = klepp.now + MINUTE
    await klepp.room(session, number=1, attempts=4, changed_at=klepp.now - HOUR, next_try_at=next_try, **down)
    await klepp.room(session, number=2, attempts=1, changed_at=klepp.now, next_try_at=klepp.now + HOUR, **down)
    lost: dict[str, Any] = {"state": RoomState.GONE, "url": None, "last_error": RoomError.LOST}
    await klepp.room(session, number=3, changed_at=klepp.now - MINUTE, **lost)
    await klepp.room(session, number=4, changed_at=klepp.now - 30 * HOUR, **lost)
    await kvam.room(await kvam.session(starts_in=HOUR), **down)
    found = await seen(klepp)
    assert [
        (trouble.error, trouble.rooms, trouble.since, trouble.tries, trouble.next_try_at) for trouble in found.troubles
    ] == [
        (RoomError.DOWN, 2, klepp.now - HOUR, 4, next_try),
        (RoomError.LOST, 1, klepp.now - MINUTE, 0, None),
    ]
    assert found.rooms == {RoomState.CREATING: 2}


async def test_more_rooms_take_no_more_queries(klepp: Town) -> None:
    async def count() -> int:
        with counted() as queries:
            await seen(klepp)
        return len(queries)

    few = await count()
    for number in range(1, 8):
        session = await klepp.session(starts_in=number * HOUR)
        await klepp.room(session)
        await is_short(klepp, session)
    assert await count() == few == 4


@pytest.mark.parametrize(
    ("kind", "needed", "breakouts", "late", "points", "helps"),
    [
        (Format.PRACTICE, 6, 0, True, 100, [Remedy.LARGER_ROOMS, Remedy.LATER, Remedy.LARGER_PLAN]),
        (Format.PRACTICE, 1, 0, True, 1000, [Remedy.LATER]),
        (Format.GATHERING, 9, 8, True, 1000, [Remedy.FEWER_ROOMS, Remedy.LATER]),
        (Format.GATHERING, 1, 0, False, 1000, []),
    ],
)
def test_what_helps(
    kind: Format, needed: int, breakouts: int, late: bool, points: int, helps: list[Remedy], now: datetime
) -> None:
    found = remedies(
        kind,
        needed=needed,
        breakout_rooms=breakouts,
        opens_at=now,
        complete_at=now + MINUTE if late else now,
        points_per_minute=points,
    )
    assert found == helps
