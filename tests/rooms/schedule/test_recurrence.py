"""On which days a series comes: by RFC 5545's rules, in local time, without holidays."""

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.clock import OSLO
from rooms.schedule.rules.recurrence import FARTHEST, Every, days_of, public_holidays, starts_of

DAYS = st.dates(date(2024, 1, 1), date(2035, 12, 31))
STEP = {Every.WEEK: 7, Every.TWO_WEEKS: 14}


@given(DAYS, st.sampled_from(Every), st.integers(0, 366), st.sets(st.integers(0, 366), max_size=20))
def test_each_day_is_a_wished_one_and_none_is_lost(first: date, every: Every, length: int, off: set[int]) -> None:
    until = first + timedelta(days=length)
    free = {first + timedelta(days=number): "free" for number in off}
    days = days_of(first, every, until, free)
    assert first in days.kept
    assert not set(days.kept) & (set(free) - {first})
    both = sorted([*days.kept, *days.skipped])
    assert both == sorted(set(both))
    assert all(first <= day <= until and day.weekday() == first.weekday() for day in both)
    if every in STEP:
        expected = [first + timedelta(days=ahead) for ahead in range(0, length + 1, STEP[every])]
        assert both == expected
    else:
        assert len({(day.year, day.month) for day in both}) == len(both)
        nth = (first.day - 1) // 7 + 1
        assert all((day.day - 1) // 7 + 1 == nth or nth == 5 for day in both)
    assert len(days.kept) <= 53


@pytest.mark.parametrize("ahead", [timedelta(days=-1), FARTHEST + timedelta(days=1)])
def test_a_series_has_an_end_that_makes_sense(ahead: timedelta) -> None:
    with pytest.raises(ValueError, match="within a year"):
        days_of(date(2027, 3, 11), Every.WEEK, date(2027, 3, 11) + ahead, {})


def test_easter_and_the_change_of_clocks() -> None:
    """Thursdays at six, over Maundy Thursday and 28 March 2027: six at the wall is five and then four in UTC."""
    first, until = date(2027, 3, 11), date(2027, 4, 8)
    days = days_of(first, Every.WEEK, until, public_holidays(first, until))
    assert days.kept == [date(2027, 3, 11), date(2027, 3, 18), date(2027, 4, 1), date(2027, 4, 8)]
    assert days.skipped == {date(2027, 3, 25): "Skjærtorsdag"}
    starts = starts_of(days.kept, time(18), OSLO)
    assert [start.hour for start in starts] == [17, 17, 16, 16]
    assert [start.astimezone(OSLO).time() for start in starts] == [time(18)] * 4


def test_ordinary_sundays_are_no_holidays() -> None:
    found = public_holidays(date(2027, 1, 1), date(2027, 12, 31))
    assert date(2027, 1, 3) not in found
    assert {date(2027, 1, 1), date(2027, 5, 17), date(2027, 3, 26), date(2027, 12, 25)} <= set(found)


@given(DAYS, st.times())
def test_the_wall_shows_the_time_wherever_it_exists(day: date, wall: time) -> None:
    [start] = starts_of([day], wall, OSLO)
    there = start.astimezone(OSLO)
    ordinary = datetime.combine(day, wall, OSLO).utcoffset() == there.utcoffset()
    assert there.date() == day or not ordinary
    assert not ordinary or there.time() == wall
