"""What coordinators see of sessions, on a real database."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import update

from rooms.schedule.rules.life import SessionState
from rooms.seating.records import Presence
from rooms.seating.rules.presence import SILENT_AFTER
from rooms.seating.rules.progress import Progress
from rooms.seating.service.board import board, sessions_between
from rooms.seating.service.ways_in import pressing
from rooms.store.scope import OneCentre
from rooms.store.unit_of_work import Store
from rooms.supply.rules.room_life import RoomState
from tests.support.cast import Cast
from tests.support.lively import Lively, make_lively
from tests.support.queries import counted
from tests.support.town import Town


@pytest.fixture
async def lively(klepp: Town, cast: Cast) -> Lively:
    return await make_lively(klepp, cast)


async def test_each_person_by_what_became_of_them(store: Store, cast: Cast, lively: Lively, now: datetime) -> None:
    async with store.work(OneCentre(cast.klepp.id)) as work:
        found = await board(work, lively.session.id, now)
    by_id = {one.person.id: one for one in found.people}
    expected = {
        "in": Progress.IN,
        "guide": Progress.IN,
        "alone": Progress.IN,
        "dropped": Progress.DROPPED,
        "left": Progress.LEFT,
        "blocked": Progress.OPENED,
        "sent": Progress.SENT,
        "failed": Progress.FAILED,
        "no_address": Progress.NO_ADDRESS,
        "not_sent": Progress.NOT_SENT,
    }
    assert {name: by_id[person.id].progress for name, person in lively.people.items()} == expected
    assert [one.person.id for one in found.people if one.alone] == [lively.people["alone"].id]
    assert (found.state, found.rooms_ready, found.rooms_in_making) == (SessionState.RUNNING, 2, 0)
    assert (len(found.people), found.sent, found.failed, found.opened, found.inside) == (10, 7, 2, 6, 3)


async def test_the_week_counts_the_same(store: Store, cast: Cast, lively: Lively, now: datetime) -> None:
    async with store.work(OneCentre(cast.klepp.id)) as work:
        found = await sessions_between(work, now, now + timedelta(days=7), now)
    one = found[0]
    assert one.session.id == lively.session.id
    assert (one.invited, one.sent, one.failed, one.opened, one.inside) == (10, 7, 2, 6, 3)
    assert [other.session.title for other in found] == ["Språkkafé for nybegynnere", "Kvinnetreff", "Foreldremøte"]


async def test_a_silent_page_is_a_lost_connection(store: Store, cast: Cast, lively: Lively, now: datetime) -> None:
    async with store.work(OneCentre(cast.klepp.id)) as work:
        silent = now - SILENT_AFTER - timedelta(seconds=1)
        await work.session.execute(
            update(Presence).where(Presence.person_id == cast.yusuf.id).values(last_seen_at=silent)
        )
    async with store.work(OneCentre(cast.klepp.id)) as work:
        found = await board(work, lively.session.id, now)
        assert next(one for one in found.people if one.person.id == cast.yusuf.id).progress is Progress.DROPPED
        assert (await sessions_between(work, now, now + timedelta(days=7), now))[0].inside == 2


async def test_sessions_at_the_edges_of_the_span(store: Store, cast: Cast, klepp: Town, now: datetime) -> None:
    hour = timedelta(hours=1)
    for start in (-3, -1, 5, 6):  # ended two hours ago, ends now, the last one within, the first one after
        await klepp.session(starts_in=start * hour, title=str(start))
    await klepp.session(starts_in=-hour / 2, title="running")
    async with store.work(OneCentre(cast.klepp.id)) as work:
        found = await sessions_between(work, now, now + 6 * hour, now)
    assert [one.session.title for one in found] == ["running", "5"]


async def test_rooms_on_their_way(store: Store, cast: Cast, klepp: Town, now: datetime) -> None:
    session = await klepp.session(starts_in=timedelta(hours=1))
    await klepp.room(session)
    await klepp.room(session, number=2, state=RoomState.WANTED, url=None, meeting_id=None)
    await klepp.room(session, number=3, state=RoomState.GONE)
    async with store.work(OneCentre(cast.klepp.id)) as work:
        found = await board(work, session.id, now)
    assert (found.rooms_ready, found.rooms_in_making, list(found.people)) == (1, 1, [])


async def test_another_centre_sees_nothing(store: Store, cast: Cast, lively: Lively, now: datetime) -> None:
    async with store.work(OneCentre(cast.kvam.id)) as work:
        assert await sessions_between(work, now - timedelta(days=7), now + timedelta(days=7), now) == []
        with pytest.raises(LookupError):
            await board(work, lively.session.id, now)


async def test_more_people_and_sessions_take_no_more_queries(
    store: Store, cast: Cast, klepp: Town, lively: Lively, now: datetime
) -> None:
    many = [await klepp.person() for _ in range(20)]
    big = await klepp.session(*many, starts_in=timedelta(hours=3))
    async with store.work(OneCentre(cast.klepp.id)) as work:
        with counted() as week:
            await sessions_between(work, now, now + timedelta(days=7), now)
        with counted() as one:
            await board(work, big.id, now)
    assert (len(week), len(one)) == (1, 2)


async def test_whom_to_see_to_today(store: Store, cast: Cast, klepp: Town, lively: Lively, now: datetime) -> None:
    async def found(until: timedelta = timedelta(days=1)) -> list[str]:
        async with store.work(OneCentre(cast.klepp.id)) as work:
            names = {person.id: name for name, person in lively.people.items()}
            return [names.get(one.person.id, one.session.title) for one in await pressing(work, now + until, now)]

    # Only whoever was sent a message before the start has been outside for minutes.
    start = ["sent", "no_address", "failed", "blocked", "not_sent"]
    assert (await found())[:5] == start
    before = await found()
    extra = await klepp.person()
    await klepp.session(extra, starts_in=timedelta(hours=20), title="nothing sent")
    await klepp.session(extra, starts_in=timedelta(hours=30), title="later")
    await klepp.session(extra, starts_in=timedelta(hours=2), title="called off", cancelled_at=now)
    assert await found() == [*before, "nothing sent"]
    async with store.work(OneCentre(cast.kvam.id)) as work:
        assert await pressing(work, now + timedelta(days=1), now) == []
