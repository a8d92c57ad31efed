"""The calendar part of an e-mail (RFC 5545, 5546): a calendar that reads it adds, moves or takes away the meeting."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from secrets import token_hex
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, Timezone, TimezoneDaylight, TimezoneStandard, vCalAddress, vText
from icalendar.parser import Contentline

from config.i18n import gettext
from rooms.messages.channels.mime import CalendarPart, Sender
from rooms.messages.rules import mail_address, one_line

_HOUR = timedelta(hours=1)
#: Of a line, without its break (RFC 5545, 3.1). By hand below: icalendar takes a third of a millisecond a line.
_MOST_OCTETS = 75


@dataclass(frozen=True, slots=True)
class Appointment:
    """A session as a calendar keeps it. `version` grows with each change; times are aware, shown in `zone`.

    `link`: the person's own; None when it is cancelled.
    """

    session_id: uuid.UUID
    version: int
    title: str
    starts_at: datetime
    ends_at: datetime
    zone: ZoneInfo
    link: str | None = field(repr=False)


def calendar_part(
    appointment: Appointment, to: str, name: str, sender: Sender, *, language: str, public_url: str, now: datetime
) -> CalendarPart:
    """The request to come, or (without a link) the cancellation, to the person `name` at the address `to`.

    The UID is the session's, so that an update replaces what the calendar holds. Raises ValueError for an address that
    is none.
    """
    if appointment.link is not None:
        method, words = "REQUEST", gettext(language, "This is your link. Tap it a few minutes before we start:")
    else:
        method = "CANCEL"
        words = gettext(language, "You do not need to do anything. We will write to you when we meet again.")
    shared = replace(appointment, link=_LINK if appointment.link is not None else None)
    own = {
        _STAMP: f"{now.astimezone(UTC):%Y%m%dT%H%M%SZ}",
        _TO: mail_address(to),
        _NAME: one_line(name).replace('"', "'"),  # which no parameter may hold
        _LINK: appointment.link or "",
    }
    lines = _lines(shared, method, sender, words, host=urlsplit(public_url).hostname)
    text = "".join(_filled(line, own) if isinstance(line, Contentline) else line for line in lines)
    return CalendarPart(method, text)


#: In the place of what is a person's own. The name's makes the library put it between quotation marks.
_STAMP, _TO, _NAME, _LINK = (token_hex(8) + end for end in ("", "", ";", ""))


def _filled(line: Contentline, own: Mapping[str, str]) -> str:
    filled = str(line)
    for mark, value in own.items():
        filled = filled.replace(mark, value)
    return _folded(filled)


def _folded(line: str) -> str:
    """The line as it is sent: no more octets in a row than every reader takes, no letter cut in two."""
    octets = line.encode()
    pieces, start, room = [], 0, _MOST_OCTETS
    while len(octets) - start > room:
        end = start + room
        while octets[end] & 0xC0 == 0x80:  # within a letter of UTF-8
            end -= 1
        pieces.append(octets[start:end])
        start, room = end, _MOST_OCTETS - 1  # the space that begins each further one counts
    return b"\r\n ".join([*pieces, octets[start:]]).decode() + "\r\n"


@lru_cache(maxsize=500)
def _lines(
    appointment: Appointment, method: str, sender: Sender, words: str, *, host: str | None
) -> tuple[str | Contentline, ...]:
    """The calendar that all who are invited have in common; lines with something of their own wait to be filled."""
    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", "-//Sammen//Sammen pa nett//NO")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", method)
    calendar.add_component(time_zone(appointment.zone, appointment.starts_at, appointment.ends_at))
    event = Event()
    event.add("uid", f"{appointment.session_id}@{host}")
    event.add("sequence", appointment.version)
    event["dtstamp"] = vText(_STAMP)
    event.add("dtstart", appointment.starts_at.astimezone(appointment.zone))
    event.add("dtend", appointment.ends_at.astimezone(appointment.zone))
    event.add("summary", one_line(appointment.title))
    event.add("status", "CONFIRMED" if method == "REQUEST" else "CANCELLED")
    event.add("organizer", _address(sender.address, sender.name))
    attendee = _address(_TO, _NAME)
    attendee.params.update({"ROLE": "REQ-PARTICIPANT", "PARTSTAT": "NEEDS-ACTION", "RSVP": "FALSE"})
    event.add("attendee", attendee)
    event.add("description", words if appointment.link is None else f"{words}\n{appointment.link}")
    if appointment.link is not None:
        event.add("url", appointment.link)
    calendar.add_component(event)
    return tuple(
        line if any(mark in line for mark in (_STAMP, _TO, _NAME, _LINK)) else _folded(line)
        for line in calendar.content_lines()
        if line
    )


def _address(address: str, name: str) -> vCalAddress:
    found = vCalAddress(f"mailto:{address}")
    found.params["CN"] = one_line(name)
    return found


def time_zone(zone: ZoneInfo, starts_at: datetime, ends_at: datetime) -> Timezone:
    """The zone's clock changes from half a year before the meeting until after it.

    By hand: icalendar's `Timezone.from_tzinfo` lets summer time begin an hour late, at 03:00 of the old time.
    """
    component = Timezone()
    component.add("tzid", zone.key)
    first = datetime.combine(starts_at.astimezone(UTC), time.min, UTC) - timedelta(days=200)
    component.add_component(_observance(first, zone, _offset(first, zone)))
    for onset in _changes(zone, first, ends_at.astimezone(UTC).date()):
        component.add_component(_observance(onset, zone, _offset(onset - _HOUR, zone)))
    return component


@lru_cache(maxsize=1000)
def _changes(zone: ZoneInfo, first: datetime, last: date) -> tuple[datetime, ...]:
    """The hours after `first` until the end of the day `last` at which the zone's clocks change; in UTC."""
    hours = ((last - first.date()).days + 1) * 24
    return tuple(
        moment
        for moment in (first + ahead * _HOUR for ahead in range(1, hours + 1))  # zones change at full hours of UTC
        if _offset(moment, zone) != _offset(moment - _HOUR, zone)
    )


def _observance(onset: datetime, zone: ZoneInfo, before: timedelta) -> TimezoneStandard | TimezoneDaylight:
    """What holds from `onset` on. Its start is written in the time that held until then."""
    local = onset.astimezone(zone)
    observance = TimezoneDaylight() if local.dst() else TimezoneStandard()
    observance.add("dtstart", (onset + before).replace(tzinfo=None))
    observance.add("tzoffsetfrom", before)
    observance.add("tzoffsetto", _offset(onset, zone))
    observance.add("tzname", str(local.tzname()))
    return observance


def _offset(moment: datetime, zone: ZoneInfo) -> timedelta:
    return moment.astimezone(zone).utcoffset() or timedelta()
