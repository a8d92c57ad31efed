"""When a guide can be asked: by the clock on the wall, in winter and in summer."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.clock import OSLO
from superuser_training.guides.rules import Hours, Span

TUESDAY_EVENING = Span(2, time(18), time(20))
minutes = st.integers(0, 24 * 60 - 1).map(lambda minute: time(minute // 60, minute % 60))
spans = (
    st.tuples(st.integers(1, 7), minutes, minutes)
    .filter(lambda parts: parts[1] < parts[2])
    .map(lambda parts: Span(*parts))
)
plans = st.lists(spans, max_size=7).map(tuple)
instants = st.datetimes(datetime(2027, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis adds the zone


@pytest.mark.parametrize(
    ("day", "utc_hour"),
    [(date(2027, 3, 23), 17), (date(2027, 3, 30), 16), (date(2027, 10, 26), 16), (date(2027, 11, 2), 17)],
    ids=["before summer time", "in summer time", "its last week", "after it"],
)
def test_six_in_the_evening_stays_six_over_summer_time(day: date, utc_hour: int) -> None:
    starts = datetime(day.year, day.month, day.day, utc_hour, tzinfo=UTC)
    hours = Hours((TUESDAY_EVENING,))
    assert hours.at(starts, OSLO)
    assert not hours.at(starts - timedelta(seconds=1), OSLO)
    assert hours.at(starts + timedelta(hours=2, seconds=-1), OSLO)
    assert not hours.at(starts + timedelta(hours=2), OSLO)


@given(plans, instants)
def test_what_the_wall_clock_says_decides(plan: tuple[Span, ...], moment: datetime) -> None:
    local = moment.astimezone(OSLO)
    shown = (local.isoweekday(), local.time())
    inside = [(span.weekday, span.starts) <= shown < (span.weekday, span.ends) for span in plan]
    assert Hours(plan).at(moment, OSLO) == any(inside)


@given(plans, instants, st.integers(0, 10), st.integers(0, 10))
def test_nobody_is_asked_on_a_day_away(plan: tuple[Span, ...], moment: datetime, before: int, after: int) -> None:
    today = moment.astimezone(OSLO).date()
    away = (today - timedelta(days=before), today + timedelta(days=after))
    assert not Hours(plan, away).at(moment, OSLO)
    long_ago = (today - timedelta(days=9), today - timedelta(days=1))
    assert Hours(plan, long_ago).at(moment, OSLO) == Hours(plan).at(moment, OSLO)


@given(plans, instants, st.integers(1, 10_000))
def test_on_duty_holds_until_its_end_and_no_longer(plan: tuple[Span, ...], moment: datetime, seconds: int) -> None:
    end = moment + timedelta(seconds=seconds)
    away = (date(2027, 1, 1), date(2027, 12, 31))
    hours = Hours(plan, away, on_duty_until=end)
    assert hours.at(moment, OSLO)
    assert hours.at(end, OSLO) == Hours(plan, away).at(end, OSLO)


@given(spans)
def test_hours_are_read_as_they_were_written(span: Span) -> None:
    assert Span.read(str(span)) == span


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2",
        "2 18:00-",
        "2 -20:00",
        "0 18:00-20:00",
        "8 18:00-20:00",
        "2 20:00-18:00",
        "2 18:00-18:00",
        "x 18:00-19:00",
    ],
)
def test_what_is_no_hours_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - several kinds of mistakes, one answer to all
        Span.read(text)
