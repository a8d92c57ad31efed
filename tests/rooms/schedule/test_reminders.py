"""Reminders are written once, when their moment has come, for whoever was invited before it."""

from collections import Counter
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from rooms.messages.records import Message
from rooms.messages.rules import Kind, idempotency_key, reminder_version
from rooms.people.records.circles import Circle
from rooms.people.records.persons import Person
from rooms.people.rules.contact import PreferredWay
from rooms.schedule.records import Invitation, Session, StandingRoom
from rooms.schedule.rules.standing import Renewal
from rooms.schedule.service.reminders import write_due_reminders
from rooms.store.scope import AllCentres
from rooms.store.unit_of_work import Store
from tests.support.cast import Cast
from tests.support.factories import make_person, make_session

ALL = AllCentres("reminders of every centre")
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
#: 18:00 in Oslo, on the day on which summer time ends.
START = datetime(2027, 10, 31, 17, tzinfo=UTC)
DAY_BEFORE, HOUR_BEFORE = datetime(2027, 10, 30, 16, tzinfo=UTC), START - HOUR


async def planned(store: Store, cast: Cast, *invited: Person, at: datetime = START - 5 * DAY, **facts: Any) -> Session:
    async with store.work(ALL) as work:
        facts = {"starts_at": START, "ends_at": START + HOUR} | facts
        return await make_session(work, cast.klepp.id, at, invited=invited, **facts)


async def look(store: Store, now: datetime) -> int:
    async with store.work(ALL) as work:
        return await write_due_reminders(work, now)


async def written(store: Store) -> Counter[Kind]:
    async with store.work(ALL) as work:
        return Counter(await work.session.scalars(select(Message.kind)))


async def test_each_comes_at_its_moment_and_once(store: Store, cast: Cast) -> None:
    session = await planned(store, cast, cast.amina, cast.yusuf)
    assert await look(store, DAY_BEFORE - MINUTE) == 0
    assert await look(store, DAY_BEFORE) == 2
    assert await look(store, DAY_BEFORE + MINUTE) == 0
    assert await look(store, HOUR_BEFORE - MINUTE) == 0
    assert await look(store, HOUR_BEFORE + 10 * MINUTE) == 2  # looks that were missed are caught up
    assert await look(store, START - MINUTE) == 0
    assert await written(store) == {Kind.REMINDER_DAY: 2, Kind.REMINDER_HOUR: 2}
    async with store.work(ALL) as work:
        rows = (await work.session.scalars(select(Message).where(Message.person_id == cast.amina.id))).all()
    assert {row.idempotency_key for row in rows} == {
        idempotency_key(kind, session.id, cast.amina.id, reminder_version(START))
        for kind in (Kind.REMINDER_DAY, Kind.REMINDER_HOUR)
    }
    for row in rows:
        assert (row.centre_id, row.session_id, row.cause_id) == (cast.klepp.id, session.id, session.id)
        assert row.next_try_at == row.created_at


@pytest.mark.parametrize("moment", [START, START + MINUTE, DAY_BEFORE + 7 * HOUR])
async def test_nobody_is_reminded_too_late(store: Store, cast: Cast, moment: datetime) -> None:
    await planned(store, cast, cast.amina)
    assert await look(store, moment) == 0


@pytest.mark.parametrize(
    "facts",
    [
        {"cancelled_at": START - 2 * DAY},
        {"ended_at": START - 2 * DAY},
        {"remind_day_before": False},
        {"moved_at": DAY_BEFORE},
    ],
)
async def test_what_needs_no_reminder_gets_none(store: Store, cast: Cast, facts: dict[str, Any]) -> None:
    await planned(store, cast, cast.amina, **facts)
    assert await look(store, DAY_BEFORE) == 0


async def test_the_hour_s_is_chosen_on_its_own(store: Store, cast: Cast) -> None:
    await planned(store, cast, cast.amina, remind_hour_before=False)
    assert await look(store, DAY_BEFORE) == 1
    assert await look(store, HOUR_BEFORE) == 0


async def test_days_of_standing_rooms_remind_nobody(store: Store, cast: Cast, now: datetime) -> None:
    async with store.work(ALL) as work:
        circle = Circle(centre_id=cast.klepp.id, name="Kvinnegruppa", created_at=now)
        work.session.add(circle)
        await work.session.flush()
        standing = StandingRoom(
            centre_id=cast.klepp.id, circle_id=circle.id, opens=time(9),
            closes=time(15), weekdays=[1], renewal=Renewal.EACH_DAY, created_at=now,
        )  # fmt: skip
        work.session.add(standing)
    await planned(store, cast, cast.amina, standing_room_id=standing.id)
    assert await look(store, DAY_BEFORE) == 0


async def test_whoever_was_invited_since_has_left_or_wants_none_is_passed_over(store: Store, cast: Cast) -> None:
    session = await planned(store, cast, cast.amina, cast.yusuf, cast.guide)
    async with store.work(ALL) as work:
        unasked = make_person(work, cast.klepp.id, START - 5 * DAY, preferred_way=PreferredWay.NONE)
        await work.session.execute(
            update(Invitation).where(Invitation.person_id == cast.amina.id).values(invited_at=DAY_BEFORE)
        )
        await work.session.execute(update(Person).where(Person.id == cast.yusuf.id).values(left_at=DAY_BEFORE - DAY))
        await make_session(
            work, cast.klepp.id, START - 5 * DAY, invited=[unasked], starts_at=START, ends_at=START + HOUR
        )
    assert await look(store, DAY_BEFORE) == 1
    assert await look(store, HOUR_BEFORE) == 2
    assert session.starts_at == START


async def test_a_moved_session_reminds_anew(store: Store, cast: Cast) -> None:
    session = await planned(store, cast, cast.amina)
    assert await look(store, DAY_BEFORE) == 1
    async with store.work(ALL) as work:
        await work.session.execute(
            update(Session)
            .where(Session.id == session.id)
            .values(starts_at=START + DAY, ends_at=START + DAY + HOUR, moved_at=DAY_BEFORE + HOUR)
        )
    assert await look(store, HOUR_BEFORE) == 0
    assert await look(store, START) == 1
    assert await written(store) == {Kind.REMINDER_DAY: 2}


async def test_guides_are_briefed_instead(store: Store, cast: Cast) -> None:
    await planned(store, cast, cast.amina, cast.guide, remind_day_before=False)
    assert await look(store, HOUR_BEFORE) == 2
    async with store.work(ALL) as work:
        found = await work.session.execute(select(Message.person_id, Message.kind))
        assert {tuple(row) for row in found} == {
            (cast.amina.id, Kind.REMINDER_HOUR),
            (cast.guide.id, Kind.GUIDE_BRIEFING),
        }


async def test_guides_are_briefed_even_where_nobody_is_reminded(store: Store, cast: Cast) -> None:
    await planned(store, cast, cast.amina, cast.guide, remind_day_before=False, remind_hour_before=False)
    await look(store, HOUR_BEFORE)
    assert await written(store) == {Kind.GUIDE_BRIEFING: 1}


async def test_whoever_wishes_is_told_that_the_room_opens_even_at_night(store: Store, cast: Cast) -> None:
    start = START + 5 * HOUR  # 23:00 in Oslo
    await planned(store, cast, cast.amina, cast.yusuf, starts_at=start, ends_at=start + HOUR, remind_day_before=False)
    async with store.work(ALL) as work:
        await work.session.execute(update(Person).where(Person.id == cast.amina.id).values(wants_open_now=True))
    assert await look(store, start - 11 * MINUTE) == 0
    assert await look(store, start + 5 * MINUTE) == 1  # a look that was missed is caught up
    async with store.work(ALL) as work:
        (message,) = await work.session.scalars(select(Message))
    assert (message.person_id, message.kind, message.priority) == (cast.amina.id, Kind.OPEN_NOW, 10)


async def test_long_after_the_start_it_is_no_news_that_the_room_is_open(store: Store, cast: Cast) -> None:
    await planned(store, cast, cast.amina)
    async with store.work(ALL) as work:
        await work.session.execute(update(Person).where(Person.id == cast.amina.id).values(wants_open_now=True))
    assert await look(store, START + 30 * MINUTE) == 0
