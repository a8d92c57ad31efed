"""What a centre has used, out of the stays that the database holds."""

import uuid
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import update

from rooms.people.records.centres import Centre
from rooms.people.records.circles import Circle
from rooms.schedule.records import StandingRoom
from rooms.schedule.rules.standing import Renewal
from rooms.seating.rules.presence import SILENT_AFTER
from rooms.store.scope import OneCentre
from rooms.supply.rules.demand import GRACE
from rooms.usage.records import UsageBudget
from rooms.usage.rules.budget import Alarm
from rooms.usage.service.usage import Report, Standing, report, standing
from tests.rooms.usage.conftest import NOW
from tests.support.cast import Cast
from tests.support.lively import circle_of
from tests.support.queries import counted
from tests.support.stays import was_there
from tests.support.town import Town

HOUR = timedelta(hours=1)


async def asked(town: Town, now: datetime = NOW, **options: int) -> Report:
    async with town.store.work(OneCentre(town.centre_id)) as work:
        return await report(work, town.centre_id, now, **options)


async def this_month(town: Town, now: datetime = NOW) -> Standing:
    async with town.store.work(OneCentre(town.centre_id)) as work:
        return await standing(work, town.centre_id, now)


async def has_budget(town: Town, **amounts: object) -> None:
    async with town.work() as work:
        work.session.add(UsageBudget(id=uuid.uuid4(), centre_id=town.centre_id, **amounts))


def rows(found: Report) -> list[tuple[str, str | None, int, int, int]]:
    return [
        (
            f"{found.months[one.place].first:%Y-%m}",
            found.circles[one.circle_id] if one.circle_id else None,
            one.minutes,
            one.sessions,
            one.people,
        )
        for one in sorted(found.used, key=lambda one: (one.place, one.circle_id is not None))
    ]


async def test_by_month_and_circle(klepp: Town, cast: Cast) -> None:
    circle = await circle_of(klepp, "Kvinnegruppa", cast.amina)
    today = await klepp.session(starts_in=-3 * HOUR, lasts=2 * HOUR, circle_id=circle.id)
    before = await klepp.session(starts_in=-timedelta(days=40), circle_id=circle.id)
    other = await klepp.session(starts_in=-timedelta(days=40))
    start = today.starts_at
    await was_there(klepp, today, cast.amina, start, start + HOUR)
    # Again in the same session, in another room, with half an hour of both.
    await was_there(klepp, today, cast.amina, start + HOUR / 2, start + 1.5 * HOUR)
    await was_there(klepp, today, cast.yusuf, start, start + HOUR / 2)
    await was_there(klepp, before, cast.amina, before.starts_at, before.starts_at + HOUR / 4)
    await was_there(klepp, other, cast.guide, other.starts_at, other.starts_at + HOUR / 3)
    found = await asked(klepp)
    assert rows(found) == [
        ("2026-11", "Kvinnegruppa", 120, 1, 2),
        ("2026-10", None, 20, 1, 1),
        ("2026-10", "Kvinnegruppa", 15, 1, 1),
    ]
    assert [f"{month.first:%Y-%m}" for month in (await asked(klepp, months=3)).months] == [
        "2026-11", "2026-10", "2026-09",
    ]  # fmt: skip


async def test_a_session_over_the_end_of_a_month_counts_in_both(klepp: Town, cast: Cast) -> None:
    midnight = datetime(2026, 10, 31, 23, tzinfo=UTC)
    session = await klepp.session(starts_in=midnight - HOUR - NOW, lasts=2 * HOUR)
    await was_there(klepp, session, cast.amina, midnight - HOUR / 2, midnight + HOUR / 3)
    assert rows(await asked(klepp)) == [("2026-11", None, 20, 1, 1), ("2026-10", None, 30, 1, 1)]
    async with klepp.work() as work:
        await work.session.execute(update(Centre).values(zone="Atlantic/Reykjavik"))
    assert rows(await asked(klepp)) == [("2026-10", None, 50, 1, 1)]


async def test_open_stays_count_as_far_as_they_are_known(klepp: Town, cast: Cast) -> None:
    session = await klepp.session(starts_in=-HOUR, lasts=2 * HOUR)
    begin = session.starts_at
    heard, silent = await klepp.device(cast.amina), await klepp.device(cast.yusuf)
    await was_there(klepp, session, cast.amina, begin, None, device_id=heard.id, last_seen_at=NOW - SILENT_AFTER / 3)
    await was_there(klepp, session, cast.yusuf, begin, None, device_id=silent.id, last_seen_at=begin + HOUR / 6)
    # Only the provider told of this one, and its goodbye never came.
    over = await klepp.session(starts_in=-timedelta(days=3))
    await was_there(klepp, over, cast.guide, over.starts_at, None)
    ended = await klepp.session(starts_in=-timedelta(days=4), ended_at=NOW - timedelta(days=4) + HOUR / 2)
    await was_there(klepp, ended, cast.guide, ended.starts_at, None)
    grace = GRACE // timedelta(minutes=1)
    assert rows(await asked(klepp)) == [("2026-11", None, 60 + 10 + (60 + grace) + (30 + grace), 3, 3)]


async def test_nothing_of_another_centre_is_counted(klepp: Town, cast: Cast) -> None:
    kvam = Town(klepp.store, klepp.settings, NOW, cast.kvam.id)
    session = await kvam.session(starts_in=-HOUR)
    await was_there(kvam, session, cast.kvam_participant, session.starts_at, NOW)
    await has_budget(klepp, minutes=5)
    assert rows(await asked(klepp)) == []
    assert rows(await asked(kvam)) == [("2026-11", None, 60, 1, 1)]
    async with klepp.work() as work:
        assert rows(await report(work, klepp.centre_id, NOW)) == []
        assert (await standing(work, klepp.centre_id, NOW)).used == 0


async def test_without_a_budget_there_is_nothing_to_say(klepp: Town, cast: Cast) -> None:
    session = await klepp.session(starts_in=-HOUR)
    await was_there(klepp, session, cast.amina, session.starts_at, NOW)
    with counted() as queries:
        found = await this_month(klepp)
    assert found.alarm is None
    assert len(queries) == 1
    assert (await asked(klepp)).standing.used == 60


async def test_the_plan_tells_that_it_will_not_last(klepp: Town, cast: Cast) -> None:
    """An hour each of two was half of what was invited; a week with 30 more invited hours is still to come."""
    await has_budget(klepp, minutes=600)
    past = await klepp.session(cast.amina, cast.yusuf, starts_in=-timedelta(days=2))
    await was_there(klepp, past, cast.amina, past.starts_at, past.ends_at)
    people = [cast.amina, cast.yusuf, cast.guide]
    for days in (1, 2, 3, 4, 5):
        await klepp.session(*people, starts_in=timedelta(days=days), lasts=2 * HOUR)
    await klepp.session(*people, starts_in=timedelta(days=2), lasts=9 * HOUR, cancelled_at=NOW)
    await klepp.session(*people, starts_in=timedelta(days=20), lasts=9 * HOUR)
    found = await this_month(klepp)
    assert (found.used, found.expected, found.alarm) == (60, 60 + 30 * 60 // 2, Alarm.WILL_NOT_LAST)
    assert found.lasts_until is not None
    assert NOW < found.lasts_until < found.month.end


async def test_a_budget_in_kroner_and_the_pace_across_months(klepp: Town, cast: Cast) -> None:
    """Used before this month began, which says how it goes on, but costs this month nothing."""
    await has_budget(klepp, kroner=1, kroner_per_minute=Decimal("0.01"))
    early = NOW - timedelta(days=25)
    assert early < datetime(2026, 10, 31, tzinfo=UTC)
    past = await klepp.session(starts_in=-timedelta(days=25), lasts=7 * HOUR)
    await was_there(klepp, past, cast.amina, past.starts_at, past.ends_at)
    found = await this_month(klepp)
    left = (datetime(2026, 11, 30, 23, tzinfo=UTC) - NOW) / timedelta(days=28)
    assert (found.used, found.budget.limit) == (0, 100)
    assert found.expected == round(7 * 60 * left)
    assert found.alarm is Alarm.WILL_NOT_LAST


async def test_an_open_room_goes_on_at_its_pace_however_many_are_invited(klepp: Town, cast: Cast) -> None:
    """Its members are invited all day, on each day; few come for an hour."""
    await has_budget(klepp, minutes=10_000)
    circle = await circle_of(klepp, "Åpent rom", cast.amina, cast.yusuf)
    async with klepp.work() as work:
        room = StandingRoom(
            id=uuid.uuid4(), centre_id=klepp.centre_id, circle_id=circle.id, opens=time(8), closes=time(20),
            weekdays=[1, 2, 3, 4, 5, 6, 7], renewal=Renewal.EACH_DAY, created_at=NOW,
        )  # fmt: skip
        work.session.add(room)
    open_room: dict[str, Any] = {"standing_room_id": room.id, "circle_id": circle.id, "lasts": 12 * HOUR}
    yesterday = await klepp.session(cast.amina, cast.yusuf, starts_in=-timedelta(days=1), **open_room)
    await was_there(klepp, yesterday, cast.amina, yesterday.starts_at, yesterday.starts_at + HOUR)
    for days in (1, 2):
        await klepp.session(cast.amina, cast.yusuf, starts_in=timedelta(days=days), **open_room)
    practice = await klepp.session(cast.yusuf, starts_in=-timedelta(days=2))
    await was_there(klepp, practice, cast.yusuf, practice.starts_at, practice.ends_at)
    await klepp.session(cast.yusuf, starts_in=timedelta(days=3), lasts=3 * HOUR)
    found = await this_month(klepp)
    pace = 60 * ((found.month.end - NOW) / timedelta(days=28))
    assert (found.used, found.expected) == (120, 120 + round(180 + pace))


async def test_a_year_takes_as_many_queries_as_a_day(klepp: Town, cast: Cast) -> None:
    await has_budget(klepp, minutes=5)
    session = await klepp.session(cast.amina, starts_in=-HOUR)
    await was_there(klepp, session, cast.amina, session.starts_at, NOW)

    async def count() -> int:
        with counted() as queries:
            await asked(klepp)
        return len(queries)

    few = await count()
    for days in range(1, 300, 30):
        one = await klepp.session(cast.amina, starts_in=-timedelta(days=days))
        await was_there(klepp, one, cast.amina, one.starts_at, one.ends_at)
    assert await count() == few == 4
    assert len((await asked(klepp)).used) == 10


async def test_circles_may_go(klepp: Town, cast: Cast) -> None:
    circle = await circle_of(klepp, "Borte", cast.amina)
    session = await klepp.session(starts_in=-HOUR, circle_id=circle.id)
    await was_there(klepp, session, cast.amina, session.starts_at, NOW)
    async with klepp.work() as work:
        await work.session.delete(await work.session.get_one(Circle, circle.id))
    assert rows(await asked(klepp)) == [("2026-11", None, 60, 1, 1)]
