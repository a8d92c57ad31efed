"""A calendar feed (RFC 5545, RFC 7986): what a calendar that subscribes to a private address reads every few hours."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event

from rooms.messages.channels.calendar import time_zone
from rooms.messages.rules import one_line

#: How often calendars are asked to look.
_EVERY = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Entry:
    """A session in a feed. Times are aware; `version` grows with each change; `link`: the person's own, if any."""

    session_id: uuid.UUID
    version: int
    title: str
    starts_at: datetime
    ends_at: datetime
    cancelled: bool
    changed_at: datetime
    link: str | None = field(default=None, repr=False)


def feed_text(name: str, entries: Sequence[Entry], zone: ZoneInfo, host: str | None) -> bytes:
    """The feed under the name that calendars show. UIDs are those of the e-mails' calendar parts."""
    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", "-//Sammen//Sammen pa nett//NO")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add("name", one_line(name))
    calendar.add("x-wr-calname", one_line(name))
    calendar.add("refresh-interval", _EVERY, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")
    if entries:
        first, last = min(each.starts_at for each in entries), max(each.ends_at for each in entries)
        calendar.add_component(time_zone(zone, first, last))
    for entry in entries:
        event = Event()
        event.add("uid", f"{entry.session_id}@{host}")
        event.add("sequence", entry.version)
        event.add("dtstamp", entry.changed_at.astimezone(UTC))
        event.add("dtstart", entry.starts_at.astimezone(zone))
        event.add("dtend", entry.ends_at.astimezone(zone))
        event.add("summary", one_line(entry.title))
        event.add("status", "CANCELLED" if entry.cancelled else "CONFIRMED")
        if entry.link is not None and not entry.cancelled:
            event.add("url", entry.link)
            event.add("description", entry.link)
        calendar.add_component(event)
    found: bytes = calendar.to_ical()
    return found
