"""Wall clocks and lengths of time. Days are those of a centre's zone; lengths are real minutes, in DST nights too."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from config.clock import OSLO, local

_HOUR = timedelta(hours=1)
WEEK = 7


def next_full_hour(now: datetime, zone: ZoneInfo = OSLO) -> datetime:
    """The next full hour after `now` that is at least five minutes away, as the wall shows it; aware, in `zone`."""
    soon = local(now + timedelta(minutes=5), zone)
    past = timedelta(minutes=soon.minute, seconds=soon.second, microseconds=soon.microsecond)
    # In UTC: at the wall, the hour after 01:30 may be 03:00, or 02:00 twice. All offsets of today are whole hours.
    return (soon.astimezone(UTC) - past + (_HOUR if past else timedelta())).astimezone(zone)


def end_of(starts_at: datetime, minutes: int) -> datetime:
    """When something of so many real minutes ends; in UTC."""
    return starts_at.astimezone(UTC) + timedelta(minutes=minutes)


def start_of_day(day: date, zone: ZoneInfo = OSLO) -> datetime:
    """The first moment of a day in `zone`; in UTC."""
    return datetime.combine(day, time.min, zone).astimezone(UTC)


def seven_days(first: date, zone: ZoneInfo = OSLO) -> tuple[datetime, datetime]:
    """The first moment of seven days in a row, and the first one after them; in UTC.

    A week with a change of clocks lasts an hour less or more. Raises OverflowError where the calendar ends.
    """
    return start_of_day(first, zone), start_of_day(first + timedelta(days=WEEK), zone)
