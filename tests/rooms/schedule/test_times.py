"""Wall clocks in Norway, with both nights in which they change."""

from datetime import UTC, date, datetime, timedelta
from datetime import time as datetime_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.clock import OSLO, local
from rooms.schedule.rules.times import end_of, next_full_hour, seven_days, start_of_day
from rooms.web.forms import Form

SPRING_NIGHT = date(2027, 3, 28)  # 02:00 → 03:00
AUTUMN_NIGHT = date(2026, 10, 25)  # 03:00 → 02:00

moments = st.integers(0, 20 * 365 * 24 * 3600).map(lambda s: datetime(2020, 1, 1, tzinfo=UTC) + timedelta(seconds=s))
days = st.dates(date(2020, 1, 1), date(2040, 1, 1))


@given(moments)
def test_the_next_full_hour_is_full_and_soon(now: datetime) -> None:
    start = next_full_hour(now)
    assert (start.minute, start.second, start.microsecond) == (0, 0, 0)
    assert timedelta(minutes=5) <= start - now < timedelta(minutes=65)


@pytest.mark.parametrize(
    ("now", "hour"),
    [
        (datetime(2026, 11, 23, 9, 30, tzinfo=OSLO), 10),
        (datetime(2026, 11, 23, 9, 54, 59, tzinfo=OSLO), 10),
        (datetime(2026, 11, 23, 9, 55, tzinfo=OSLO), 10),
        (datetime(2026, 11, 23, 9, 55, 1, tzinfo=OSLO), 11),
        (datetime(2026, 11, 23, 10, 0, tzinfo=OSLO), 11),
        (datetime(2027, 3, 28, 1, 30, tzinfo=OSLO), 3),  # the spring night: there is no two o'clock
        (datetime(2026, 10, 25, 2, 30, tzinfo=OSLO), 2),  # the autumn night: two o'clock comes again
    ],
)
def test_the_next_full_hour_on_the_wall(now: datetime, hour: int) -> None:
    assert local(next_full_hour(now)).hour == hour


@given(moments, st.integers(10, 480))
def test_a_length_is_real_minutes(start: datetime, minutes: int) -> None:
    assert end_of(start.astimezone(OSLO), minutes) - start == timedelta(minutes=minutes)


def test_an_hour_in_the_spring_night_ends_an_hour_later_than_the_wall_says() -> None:
    end = end_of(datetime(2027, 3, 28, 1, 30, tzinfo=OSLO), 60)
    assert f"{local(end):%H:%M}" == "03:30"


def test_an_hour_in_the_autumn_night_ends_at_the_same_wall_time() -> None:
    end = end_of(datetime(2026, 10, 25, 2, 30, tzinfo=OSLO), 60)
    assert f"{local(end):%H:%M}" == "02:30"


@given(days)
def test_a_day_begins_at_midnight_on_the_wall(day: date) -> None:
    begin = local(start_of_day(day))
    assert (begin.date(), begin.hour, begin.minute) == (day, 0, 0)


@given(days)
def test_weeks_follow_one_another_without_a_gap(day: date) -> None:
    since, until = seven_days(day)
    assert until == seven_days(day + timedelta(days=7))[0]
    assert until - since in {timedelta(days=7, hours=hours) for hours in (-1, 0, 1)}


@pytest.mark.parametrize(("first", "hours"), [(SPRING_NIGHT, 7 * 24 - 1), (AUTUMN_NIGHT, 7 * 24 + 1)])
def test_the_week_with_a_change_of_clocks(first: date, hours: int) -> None:
    since, until = seven_days(first)
    assert until - since == timedelta(hours=hours)


def _moment(day: str, time: str) -> tuple[datetime | None, dict[str, str]]:
    form = Form({"day": day, "time": time})
    return form.moment("day", "time", OSLO), form.errors


@given(days, st.times())
def test_a_form_means_what_the_wall_shows_or_says_why_not(day: date, time: datetime_time) -> None:
    typed = f"{time:%H:%M}"
    found, errors = _moment(day.isoformat(), typed)
    if found is None:
        assert set(errors) == {"time"}
        assert f"{local(start_of_day(day) + timedelta(hours=2)):%H:%M}" == "03:00"  # only in the spring night
        assert typed.startswith("02:")
    else:
        assert (local(found).date(), f"{local(found):%H:%M}") == (day, typed)


def test_a_time_that_the_spring_night_skips_is_refused() -> None:
    assert _moment("2027-03-28", "02:30")[1].keys() == {"time"}


def test_a_time_that_the_autumn_night_repeats_is_the_first_one() -> None:
    found, _ = _moment("2026-10-25", "02:30")
    assert found is not None
    assert found.astimezone(UTC) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "", "i morgen", "2026-02-30"])
def test_a_day_at_the_end_of_calendars_is_none(day: str) -> None:
    assert _moment(day, "10:00")[1].keys() == {"day"}
