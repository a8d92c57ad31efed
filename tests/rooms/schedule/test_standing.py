"""A circle's open room: its days over changes of the clock, who may come, and when it is over."""

import asyncio
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm.exc import StaleDataError

from config.settings import Settings
from rooms.messages.records import Message
from rooms.people.records.circles import Circle
from rooms.people.rules.roles import GuestRole
from rooms.people.service.circles import CircleFacts, keep_circle
from rooms.schedule.records import Invitation, Session
from rooms.schedule.rules.standing import AHEAD, EMPTY_FOR, Renewal, days_to_lay_out, renewal_due
from rooms.schedule.service.sessions import invite, session_of
from rooms.schedule.service.standing import (
    StandingFacts,
    keep_standing_room,
    lay_out_days,
    standing_room_of,
    stop_standing_room,
)
from rooms.store.unit_of_work import Store
from tests.support.town import Town, make_town

OSLO = ZoneInfo("Europe/Oslo")
HOUR = timedelta(hours=1)
moments = st.integers(0, 2 * 365 * 24 * 60).map(lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + minutes * HOUR / 60)
weekdays = st.sets(st.integers(1, 7), min_size=1)


@given(now=moments, days=weekdays, opens=st.times(), closes=st.times())
def test_days_are_of_the_wall_clock_and_near(now: datetime, days: set[int], opens: time, closes: time) -> None:
    opens, closes = sorted((opens.replace(microsecond=0, second=0), closes.replace(microsecond=0, second=0)))
    found = days_to_lay_out(days, opens, closes, OSLO, now)
    assert len({start for start, _ in found}) == len(found)
    for start, end in found:
        assert now < end
        assert start <= now + AHEAD
        wall = start.astimezone(OSLO)
        assert wall.isoweekday() in days
        assert wall.time() == opens or wall.utcoffset() != (start - HOUR).astimezone(OSLO).utcoffset()


@pytest.mark.parametrize(
    ("day", "opens_utc", "lasts"),
    [
        (date(2026, 3, 28), 9, 5 * HOUR),  # the day before summer time
        (date(2026, 3, 29), 8, 5 * HOUR),
        (date(2026, 10, 25), 9, 5 * HOUR),
    ],
)
def test_ten_at_the_wall_is_ten_at_the_wall(day: date, opens_utc: int, lasts: timedelta) -> None:
    now = datetime(day.year, day.month, day.day, 0, 30, tzinfo=UTC)
    start, end = days_to_lay_out({day.isoweekday()}, time(10), time(15), OSLO, now)[0]
    assert (start.date(), start.hour, end - start) == (day, opens_utc, lasts)


@given(renewal=st.sampled_from(Renewal), used=st.integers(0, 600), empty=st.none() | st.integers(0, 600))
def test_renewal(renewal: Renewal, used: int, empty: int | None) -> None:
    now = datetime(2026, 11, 23, tzinfo=UTC)
    due = renewal_due(
        renewal,
        used_since=now - timedelta(minutes=used),
        empty_since=None if empty is None else now - timedelta(minutes=empty),
        now=now,
    )
    match renewal:
        case Renewal.EACH_DAY:
            assert not due
        case Renewal.AFTER_USE:
            assert due == (empty is not None and timedelta(minutes=empty) >= EMPTY_FOR)
        case Renewal.EVERY_HOUR:
            assert due == (used >= 60)
        case Renewal.EVERY_THREE_HOURS:
            assert due == (used >= 180)


@pytest.fixture
async def town(store: Store, settings: Settings, now: datetime) -> Town:
    return await make_town(store, settings, now)


ALWAYS = StandingFacts(range(1, 8), time(0, 0), time(23, 59), Renewal.AFTER_USE)


async def a_circle(town: Town, *members: object, circle: Circle | None = None) -> Circle:
    async with town.work() as work:
        return await keep_circle(
            work,
            CircleFacts("Kvinnegruppa", is_closed=True, on_stranger=None, person_ids=[m.id for m in members]),  # type: ignore[attr-defined]  # persons
            circle_id=circle.id if circle else None,
            version=circle.version if circle else 0,
            centre_id=town.centre_id,
            actor_id=(await town.person()).id,
            now=town.now,
        )


async def opened(town: Town, circle: Circle, facts: StandingFacts = ALWAYS, version: int = 0) -> None:
    actor = (await town.person()).id
    async with town.work() as work:
        await keep_standing_room(work, circle, facts, version=version, actor_id=actor, now=town.now)


async def days_of(town: Town) -> list[Session]:
    async with town.work() as work:
        return list(await work.session.scalars(select(Session).order_by(Session.starts_at)))


async def invited(town: Town) -> set[object]:
    async with town.work() as work:
        return set(await work.session.scalars(select(Invitation.person_id)))


async def test_members_may_come_each_day_and_nobody_is_written_to(town: Town) -> None:
    one, two = await town.person(), await town.person()
    circle = await a_circle(town, one, two)
    await opened(town, circle)
    days = await days_of(town)
    assert len(days) in {2, 3}
    assert {day.title for day in days} == {"Kvinnegruppa"}
    assert {day.opens_before_minutes for day in days} == {0}
    assert await invited(town) == {one.id, two.id}
    async with town.work() as work:
        assert (await work.session.scalars(select(Message))).all() == []

    async def again() -> int:
        async with town.work() as work:
            return await lay_out_days(work, town.now)

    assert set(await asyncio.gather(again(), again())) == {0}
    assert len(await days_of(town)) == len(days)


async def test_whoever_joins_or_leaves_the_circle_follows(town: Town) -> None:
    one, two = await town.person(), await town.person()
    circle = await a_circle(town, one)
    await opened(town, circle)
    await a_circle(town, two, circle=circle)
    async with town.work() as work:
        await lay_out_days(work, town.now)
    assert await invited(town) == {two.id}


async def test_who_was_asked_to_a_day_stays_invited(town: Town) -> None:
    guest = await town.person(guest_role=GuestRole.LECTURER, guest_until=town.now + timedelta(days=9))
    asked, was_member = await town.person(), await town.person()
    circle = await a_circle(town, was_member)
    await opened(town, circle)
    day, *_ = await days_of(town)
    async with town.work() as work:
        await invite(work, await session_of(work, day.id), [guest.id, asked.id], now=town.now)
    await a_circle(town, circle=circle)
    async with town.work() as work:
        await lay_out_days(work, town.now)
    assert await invited(town) == {guest.id, asked.id}


async def test_stopped_it_ends_for_all_and_no_day_is_left(town: Town) -> None:
    circle = await a_circle(town, await town.person())
    await opened(town, circle)
    for _ in range(2):
        async with town.work() as work:
            await stop_standing_room(work, circle.id, actor_id=circle.id, now=town.now)
    (today,) = await days_of(town)
    assert today.ended_at == town.now
    async with town.work() as work:
        assert await lay_out_days(work, town.now) == 0
        assert await standing_room_of(work, circle.id) is None
    # And it can be opened again.
    await opened(town, circle)
    assert len([day for day in await days_of(town) if day.ended_at is None]) >= 2


async def test_other_hours_move_the_days_that_have_not_begun(town: Town) -> None:
    circle = await a_circle(town, await town.person())
    await opened(town, circle)
    async with town.work() as work:
        room = await standing_room_of(work, circle.id)
    assert room is not None
    with pytest.raises(StaleDataError):
        await opened(town, circle, version=room.version + 1)
    await opened(town, circle, StandingFacts(range(1, 8), time(0, 0), time(12, 0), Renewal.EACH_DAY), room.version)
    ahead = [day for day in await days_of(town) if day.starts_at > town.now]
    assert ahead
    assert {day.ends_at.astimezone(OSLO).time() for day in ahead} == {time(12, 0)}
