"""Calendar months as a centre's people know them. Pure."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from rooms.schedule.rules.times import start_of_day


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A calendar month on a centre's wall: its first day, its first moment, and the first moment after it (UTC)."""

    first: date
    begin: datetime
    end: datetime


def month_of(day: date, zone: ZoneInfo) -> Month:
    """The month that holds a day."""
    first = day.replace(day=1)
    return Month(first, start_of_day(first, zone), start_of_day(_next(first), zone))


def last_months(day: date, count: int, zone: ZoneInfo) -> list[Month]:
    """The month that holds a day and those before it, the newest first."""
    found = [month_of(day, zone)]
    while len(found) < count:
        found.append(month_of(found[-1].first - timedelta(days=1), zone))
    return found


def _next(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1)
