"""The coordinators' morning: once a day, what is coming, and nothing when there is nothing to tell."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update

from config import clock
from rooms.embedded.mailbox.serve import Mailbox
from rooms.messages.records import Message
from rooms.messages.rules import Kind, MessageState, digest_day, digest_span
from rooms.people.records.persons import Person
from rooms.people.rules.contact import PreferredWay
from rooms.schedule.service.digest import write_digests
from rooms.store.scope import AllCentres
from rooms.store.unit_of_work import Store
from tests.support.cast import Cast
from tests.support.factories import make_person, make_session
from tests.workers.test_messages import send_all
from workers.loop import Resources

OSLO = ZoneInfo("Europe/Oslo")
ALL = AllCentres("tests look at every centre")
#: A Monday.
MORNING = datetime(2026, 11, 23, 7, 31, tzinfo=OSLO)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
year = st.integers(0, 365 * 24 * 60).map(lambda minutes: datetime(2027, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes))


@given(year)
def test_it_is_time_on_weekday_mornings_of_the_centre(now: datetime) -> None:
    wall = now.astimezone(OSLO)
    day = digest_day(now, OSLO)
    if day is not None:
        assert (day, wall.weekday() < 5) == (wall.date(), True)
    assert (day is not None) == (wall.weekday() < 5 and (7, 30) <= (wall.hour, wall.minute) < (12, 0))


@given(year)
def test_it_tells_until_the_end_of_the_next_working_day(now: datetime) -> None:
    first, last = digest_span(now, OSLO)
    wall = last.astimezone(OSLO)
    assert (first, wall.hour, wall.minute) == (now, 0, 0)
    days = (wall.date() - now.astimezone(OSLO).date()).days
    assert days == (4 if now.astimezone(OSLO).weekday() == 4 else 2)


@pytest.fixture
def morning(monkeypatch: pytest.MonkeyPatch) -> datetime:
    monkeypatch.setattr(clock, "now", lambda: MORNING)
    return MORNING


async def write(store: Store, now: datetime) -> int:
    async with store.work(ALL) as work:
        return await write_digests(work, now)


async def states(store: Store) -> list[MessageState]:
    async with store.work(ALL) as work:
        return list(await work.session.scalars(select(Message.state).where(Message.kind == Kind.DIGEST)))


async def test_coordinators_are_told_once_of_what_is_coming(
    resources: Resources, store: Store, cast: Cast, mailbox: Mailbox, morning: datetime
) -> None:
    async with store.work(ALL) as work:
        lost = make_person(work, cast.klepp.id, morning, name="Lost Person")
        await work.session.flush()
        session = await make_session(
            work, cast.klepp.id, morning, title="Språktrening", starts_at=morning + DAY, ends_at=morning + DAY + HOUR,
            invited=[cast.amina, cast.yusuf, lost],
        )  # fmt: skip
        await make_session(
            work,
            cast.klepp.id,
            morning,
            title="Om en uke",
            starts_at=morning + 7 * DAY,
            ends_at=morning + 7 * DAY + HOUR,
        )
        work.session.add(
            Message(
                centre_id=cast.klepp.id, person_id=lost.id, session_id=session.id, kind=Kind.INVITATION,
                channel="email", idempotency_key="x", cause_id=session.id, state=MessageState.FAILED, error="550",
                created_at=morning, next_try_at=morning,
            )
        )  # fmt: skip
    assert await write(store, morning) == 2  # Klepp and Kvam
    assert await write(store, morning + HOUR) == 0
    await send_all(resources)
    (mail,) = mailbox.store.newest_first("kari@klepp.example")
    assert "Språktrening" in mail.text
    assert "Om en uke" not in mail.text
    assert "invit" in mail.text
    assert ": 3" in mail.text
    assert mail.text.count(": 1") == 2  # not reached, and not sent
    assert "Lost Person" not in mail.text
    assert "/today" in mail.text
    # Kvam has nothing to tell.
    assert sorted(await states(store)) == [MessageState.DROPPED, MessageState.SENT]
    assert await write(store, morning + DAY) == 2


@pytest.mark.parametrize("moment", [MORNING - 2 * HOUR, MORNING + 5 * HOUR, MORNING - DAY, MORNING - 2 * DAY])
async def test_not_at_other_times(store: Store, cast: Cast, moment: datetime) -> None:
    assert await write(store, moment) == 0


async def test_not_to_those_who_want_none_or_have_left(store: Store, cast: Cast, morning: datetime) -> None:
    async with store.work(ALL) as work:
        await work.session.execute(
            update(Person).where(Person.id == cast.coordinator.id).values(preferred_way=PreferredWay.NONE)
        )
        await work.session.execute(update(Person).where(Person.id == cast.kvam_coordinator.id).values(left_at=morning))
    assert await write(store, morning) == 0


async def test_one_that_waited_too_long_tells_of_nothing(
    resources: Resources, store: Store, cast: Cast, mailbox: Mailbox, morning: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with store.work(ALL) as work:
        await make_session(work, cast.klepp.id, morning, starts_at=morning + DAY, ends_at=morning + DAY + HOUR)
    await write(store, morning)
    monkeypatch.setattr(clock, "now", lambda: morning + 13 * HOUR)
    await send_all(resources)
    assert mailbox.store.newest_first() == []
    assert set(await states(store)) == {MessageState.DROPPED}
    assert date(2026, 11, 23) == digest_day(morning, OSLO)
