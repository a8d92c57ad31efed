"""When people are reminded: over all starts of a year, and by hand around the changes of clocks."""

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.clock import OSLO
from rooms.messages.rules import Kind, reminder_at, reminder_holds, reminder_version

HOUR = timedelta(hours=1)
#: Every five minutes of 2027.
starts = st.integers(0, 365 * 24 * 12 - 1).map(lambda number: datetime(2027, 1, 1, tzinfo=UTC) + number * HOUR / 12)
kinds = st.sampled_from([Kind.REMINDER_DAY, Kind.REMINDER_HOUR, Kind.GUIDE_BRIEFING])


def at(kind: Kind, starts_at: datetime) -> datetime | None:
    return reminder_at(kind, starts_at, starts_at - timedelta(minutes=10), OSLO)


def wall(text: str, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=OSLO, fold=fold)


@given(kind=kinds, starts_at=starts)
def test_nobody_is_reminded_at_night_or_too_late(kind: Kind, starts_at: datetime) -> None:
    moment = at(kind, starts_at)
    if moment is not None:
        assert time(8) <= moment.astimezone(OSLO).time() < time(21)
        assert moment <= starts_at - timedelta(minutes=20)
        assert moment.tzinfo is UTC


@given(kind=kinds, starts_at=starts)
def test_a_reminder_is_missing_only_where_the_night_takes_it(kind: Kind, starts_at: datetime) -> None:
    if at(kind, starts_at) is None:
        assert kind is not Kind.REMINDER_DAY
        assert starts_at.astimezone(OSLO).time() < time(8, 20) or starts_at.astimezone(OSLO).time() >= time(22)


@given(starts_at=starts)
def test_the_day_before_is_at_the_same_time_of_the_wall_or_at_eight(starts_at: datetime) -> None:
    moment = at(Kind.REMINDER_DAY, starts_at)
    assert moment is not None
    start, local = starts_at.astimezone(OSLO), moment.astimezone(OSLO)
    if time(8) <= start.time() < time(21):
        assert (local.date(), local.time()) == (start.date() - timedelta(days=1), start.time())
    else:
        assert local.time() == time(8)
        assert local.date() == start.date() - timedelta(days=start.time() < time(8))


@given(starts_at=starts)
def test_an_hour_before_is_a_real_hour_or_at_eight(starts_at: datetime) -> None:
    moment = at(Kind.REMINDER_HOUR, starts_at)
    if moment is not None and moment != starts_at - HOUR:
        assert moment.astimezone(OSLO).time() == time(8)
        assert starts_at - HOUR < moment


@pytest.mark.parametrize(
    ("kind", "starts_at", "moment"),
    [
        # Summer time begins on 28 March 2027 at 02:00, and ends on 31 October at 03:00.
        (Kind.REMINDER_DAY, wall("2027-03-28T18:00"), datetime(2027, 3, 27, 17, tzinfo=UTC)),
        (Kind.REMINDER_DAY, wall("2027-03-29T18:00"), datetime(2027, 3, 28, 16, tzinfo=UTC)),
        (Kind.REMINDER_DAY, wall("2027-10-31T18:00"), datetime(2027, 10, 30, 16, tzinfo=UTC)),
        (Kind.REMINDER_HOUR, wall("2027-03-28T09:30"), datetime(2027, 3, 28, 6, 30, tzinfo=UTC)),
        (Kind.REMINDER_HOUR, wall("2027-10-31T09:30"), datetime(2027, 10, 31, 7, 30, tzinfo=UTC)),
        (Kind.REMINDER_HOUR, wall("2027-10-31T02:30", fold=1), None),
        (Kind.REMINDER_HOUR, wall("2027-06-01T08:20"), datetime(2027, 6, 1, 6, tzinfo=UTC)),
        (Kind.REMINDER_HOUR, wall("2027-06-01T08:19"), None),
        (Kind.REMINDER_HOUR, wall("2027-06-01T21:59"), datetime(2027, 6, 1, 18, 59, tzinfo=UTC)),
        (Kind.REMINDER_HOUR, wall("2027-06-01T22:00"), None),
        (Kind.REMINDER_DAY, wall("2027-06-02T21:00"), datetime(2027, 6, 2, 6, tzinfo=UTC)),
        (Kind.REMINDER_DAY, wall("2027-06-02T03:00"), datetime(2027, 6, 1, 6, tzinfo=UTC)),
    ],
)
def test_by_hand(kind: Kind, starts_at: datetime, moment: datetime | None) -> None:
    assert at(kind, starts_at) == moment


@given(starts_at=starts, minutes=st.integers(0, 120))
def test_that_the_room_is_open_is_told_when_it_opens_at_whatever_hour(starts_at: datetime, minutes: int) -> None:
    opens_at = starts_at - timedelta(minutes=minutes)
    assert reminder_at(Kind.OPEN_NOW, starts_at, opens_at, OSLO) == opens_at
    assert reminder_holds(Kind.OPEN_NOW, starts_at, starts_at)
    assert not reminder_holds(Kind.OPEN_NOW, starts_at, starts_at + HOUR / 2)


@given(kind=kinds, starts_at=starts)
def test_it_holds_when_its_moment_comes(kind: Kind, starts_at: datetime) -> None:
    moment = at(kind, starts_at)
    if moment is not None:
        assert reminder_holds(kind, starts_at, moment)
    assert not reminder_holds(kind, starts_at, starts_at)


@given(one=starts, other=starts)
def test_another_start_is_another_reminder(one: datetime, other: datetime) -> None:
    assert (reminder_version(one) == reminder_version(other)) == (one == other)
    assert reminder_version(one.astimezone(OSLO)) == reminder_version(one)
