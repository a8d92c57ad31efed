"""On which days does a session come again? Days are the centre's own; RFC 5545's rules, by dateutil.

A day carries no time: the time of the wall is put to each day afterwards, so that six in the evening stays six in the
evening when the clocks change.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from dateutil.rrule import MONTHLY, WEEKLY, rrule, weekday
from holidays import country_holidays

_WEEK = 7
_FIFTH = 5
#: No series lasts longer, so none has more than 53 days.
FARTHEST = timedelta(days=366)


class Every(StrEnum):
    """How often."""

    WEEK = "week"
    TWO_WEEKS = "two_weeks"
    #: The same weekday of the month: its second Tuesday. What is a month's fifth is each month's last.
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Days:
    """The days of a series; and those that were left out, with the reason."""

    kept: Sequence[date]
    skipped: Mapping[date, str]


def days_of(first: date, every: Every, until: date, free: Mapping[date, str]) -> Days:
    """The days from `first` to `until`, both included, without the `free` ones.

    The first day is wished for by name and always kept. Raises ValueError when `until` lies before it, or more than
    FARTHEST after it.
    """
    if not first <= until <= first + FARTHEST:
        raise ValueError("a series ends within a year after it begins")
    kept: list[date] = []
    skipped: dict[date, str] = {}
    for day in _days(first, every, until):
        if day in free and day != first:
            skipped[day] = free[day]
        else:
            kept.append(day)
    return Days(kept, skipped)


def _days(first: date, every: Every, until: date) -> Iterator[date]:
    # dateutil counts in times; midnight of UTC stands for the whole day.
    begin, end = (datetime.combine(day, time.min, UTC) for day in (first, until))
    if every is Every.MONTH:
        nth = (first.day - 1) // _WEEK + 1
        which = weekday(first.weekday(), -1 if nth == _FIFTH else nth)
        rule = rrule(MONTHLY, dtstart=begin, until=end, byweekday=which)
    else:
        rule = rrule(WEEKLY, dtstart=begin, until=end, interval=2 if every is Every.TWO_WEEKS else 1)
    for moment in rule:
        yield moment.date()


def public_holidays(first: date, last: date) -> dict[date, str]:
    """Norway's public holidays in this span but for ordinary Sundays, with their Norwegian names."""
    known = country_holidays("NO", years=range(first.year, last.year + 1), language="no")
    return {day: name for day, name in known.items() if first <= day <= last}


def starts_of(days: Sequence[date], wall: time, zone: ZoneInfo) -> list[datetime]:
    """The moments at which the wall in `zone` shows this time on these days; in UTC."""
    return [datetime.combine(day, wall, zone).astimezone(UTC) for day in days]
