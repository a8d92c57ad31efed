"""Months begin and end at a centre's own midnight."""

from datetime import UTC, date, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from rooms.usage.rules.months import Month, last_months, month_of

OSLO = ZoneInfo("Europe/Oslo")


def test_a_month_begins_and_ends_at_the_centre_s_midnight() -> None:
    """October has the night of 25 hours, and ends in winter time."""
    month = month_of(date(2026, 10, 14), OSLO)
    assert month == Month(
        date(2026, 10, 1), datetime(2026, 9, 30, 22, tzinfo=UTC), datetime(2026, 10, 31, 23, tzinfo=UTC)
    )
    assert month_of(date(2026, 10, 14), ZoneInfo("America/Sao_Paulo")).begin == datetime(2026, 10, 1, 3, tzinfo=UTC)


@given(st.dates(date(2003, 1, 31), date(2100, 1, 1)), st.integers(1, 30))
def test_months_follow_one_another_without_a_gap(day: date, count: int) -> None:
    months = last_months(day, count, OSLO)
    assert len(months) == count
    assert months[0].first == day.replace(day=1)
    assert all(later.begin == earlier.end for later, earlier in pairwise(months))
    assert all(month.first.day == 1 for month in months)
