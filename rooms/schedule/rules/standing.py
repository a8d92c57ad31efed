"""A circle's standing room: on which days it is open, and when it gets a new address."""

from collections.abc import Collection
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from config.clock import local

#: Days are laid out so far ahead.
AHEAD = timedelta(hours=48)
#: A room that everybody has left for so long has been used: the next people get another one.
EMPTY_FOR = timedelta(minutes=5)


class Renewal(StrEnum):
    """When a standing room gets a new room at the provider. Between two days it always does."""

    EACH_DAY = "each_day"
    #: Also when everybody has left.
    AFTER_USE = "after_use"
    #: Also every hour, or every third: whoever is inside is moved.
    EVERY_HOUR = "every_hour"
    EVERY_THREE_HOURS = "every_three_hours"


_SPANS = {Renewal.EVERY_HOUR: timedelta(hours=1), Renewal.EVERY_THREE_HOURS: timedelta(hours=3)}


def days_to_lay_out(
    weekdays: Collection[int], opens: time, closes: time, zone: ZoneInfo, now: datetime
) -> list[tuple[datetime, datetime]]:
    """Opening and closing, in UTC, of each day of these weekdays (1 is Monday) that is not over and begins in time.

    The hours are those of the wall in `zone`, whatever the clocks do that night: where they skip an hour, a time in it
    is the one after it (as `datetime` reads it). A day that would not last a minute is left out.
    """
    found = []
    first = local(now, zone).date()
    for ahead in range(-1, AHEAD.days + 1):
        day = first + timedelta(days=ahead)
        if day.isoweekday() not in weekdays:
            continue
        start, end = (datetime.combine(day, at, zone).astimezone(UTC) for at in (opens, closes))
        if now < end and start <= now + AHEAD and end - start >= timedelta(minutes=1):
            found.append((start, end))
    return found


def renewal_due(renewal: Renewal, *, used_since: datetime, empty_since: datetime | None, now: datetime) -> bool:
    """Whether a standing room that has been in use since `used_since` is to get a new address now.

    `empty_since`: when the last person left; None while somebody is inside. A room that nobody has used needs no other.
    """
    if renewal is Renewal.AFTER_USE:
        return empty_since is not None and empty_since <= now - EMPTY_FOR
    span = _SPANS.get(renewal)
    return span is not None and used_since <= now - span
