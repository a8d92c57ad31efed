"""The calendar part of an e-mail (RFC 5545, 5546): a calendar that reads it adds, moves or takes away the meeting."""

import uuid
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, Timezone, TimezoneDaylight, TimezoneStandard, vCalAddress

from config.i18n import gettext
from rooms.messages.channels.email import CalendarPart, Sender
from rooms.messages.rules import mail_address, one_line

_HOUR = timedelta(hours=1)


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
    method = "REQUEST" if appointment.link is not None else "CANCEL"
    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", "-//Sammen//Sammen pa nett//NO")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", method)
    calendar.add_component(_time_zone(appointment.zone, appointment.starts_at, appointment.ends_at))
    event = Event()
    event.add("uid", f"{appointment.session_id}@{urlsplit(public_url).hostname}")
    event.add("sequence", appointment.version)
    event.add("dtstamp", now.astimezone(UTC))
    event.add("dtstart", appointment.starts_at.astimezone(appointment.zone))
    event.add("dtend", appointment.ends_at.astimezone(appointment.zone))
    event.add("summary", one_line(appointment.title))
    event.add("status", "CONFIRMED" if appointment.link is not None else "CANCELLED")
    event.add("organizer", _address(sender.address, sender.name))
    attendee = _address(mail_address(to), name)
    attendee.params.update({"ROLE": "REQ-PARTICIPANT", "PARTSTAT": "NEEDS-ACTION", "RSVP": "FALSE"})
    event.add("attendee", attendee)
    if appointment.link is not None:
        words = gettext(language, "This is your link. Tap it a few minutes before we start:")
        event.add("description", f"{words}\n{appointment.link}")
        event.add("url", appointment.link)
    else:
        words = gettext(language, "You do not need to do anything. We will write to you when we meet again.")
        event.add("description", words)
    calendar.add_component(event)
    return CalendarPart(method, calendar.to_ical().decode())


def _address(address: str, name: str) -> vCalAddress:
    found = vCalAddress(f"mailto:{address}")
    found.params["CN"] = one_line(name)
    return found


def _time_zone(zone: ZoneInfo, starts_at: datetime, ends_at: datetime) -> Timezone:
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
