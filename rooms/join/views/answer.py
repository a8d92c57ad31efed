"""What is now, as texts in the reader's language: the same for the page from the server and for its script."""

from datetime import datetime
from functools import lru_cache
from typing import Any

import phonenumbers

from config import i18n
from config.clock import local
from config.i18n import marked as _
from rooms.people.rules.roles import GuestRole
from rooms.schedule.rules.formats import Answer
from rooms.seating.rules.seat import Place
from rooms.seating.service.now import Found, SessionNow

_ROLES = {
    GuestRole.LECTURER: _("lecturer"),
    GuestRole.HEALTH_WORKER: _("health worker"),
    GuestRole.INTERPRETER: _("interpreter"),
    GuestRole.VISITOR: _("visitor"),
}

_SAID = {
    Answer.COMING: _("You said that you are coming."),
    Answer.LATE: _("You said that you come a little late."),
    Answer.ABSENT: _("You said that you cannot come."),
}

#: The parts of the page, of which one is shown. `check` and `lost` are the script's own.
PARTS = tuple(place.value for place in Place)


def texts(found: Found, language: str, now: datetime) -> dict[str, str]:
    """The values of the page's `fill` places."""
    who, session, following = found.who, found.session, found.following
    return {
        "name": first_name(who.name),
        "centre": who.centre_name,
        **phone_texts(who.centre_phone),
        "email": who.centre_email,
        "said": i18n.gettext(language, _SAID[session.answer]) if session is not None and session.answer else "",
        **_session_texts("", session, language, now),
        **_session_texts("next_", following, language, now),
    }


def as_json(found: Found, language: str, now: datetime) -> dict[str, Any]:
    """The answer to "what is now?". Times are spans from now, since old phones' clocks are wrong.

    It holds no room's address: that is added by whoever has checked that this browser may enter.
    """
    session = found.session
    return {
        "state": found.now.place.value,
        "texts": texts(found, language, now),
        "following": found.following is not None,
        "guide": found.who.is_guide,
        "session": str(session.planned.session_id) if session is not None else None,
        "opens_in": _seconds(found.now.session.opens_at if found.now.session is not None else None, now),
        "changes_in": _seconds(found.now.changes_at, now),
        "opened": session is None or session.opened,
        "answer": session.answer if session is not None else None,
        "checked": session.device_check if session is not None else None,
        "version": session.seat_version if session is not None else 0,
        "at": round(now.timestamp() * 1000),
    }


@lru_cache(maxsize=1024)
def phone_texts(number: str) -> dict[str, str]:
    """A number to dial, and as people read it: `+47 51 00 00 00`."""
    try:
        known = phonenumbers.parse(number, "NO")
    except phonenumbers.NumberParseException:
        return {"phone": number, "phone_text": number}
    shown = phonenumbers.format_number(known, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    return {"phone": phonenumbers.format_number(known, phonenumbers.PhoneNumberFormat.E164), "phone_text": shown}


def first_name(name: str) -> str:
    """What somebody is called on their own page and in the room."""
    return name.split(maxsplit=1)[0] if name.split() else name


def name_of(name: str, role: GuestRole | None) -> str:
    """What the others see. A guest's role is said in bokmål, the language that the room has in common."""
    first = first_name(name)
    return f"{first} ({i18n.gettext('nb', _ROLES[role])})" if role is not None else first


def _session_texts(prefix: str, session: SessionNow | None, language: str, now: datetime) -> dict[str, str]:
    if session is None:
        return dict.fromkeys((f"{prefix}title", f"{prefix}day", f"{prefix}time", f"{prefix}opens"), "")
    planned = session.planned
    return {
        f"{prefix}title": session.title,
        f"{prefix}day": _day(planned.starts_at, _days_ahead(planned.starts_at, now), language),
        f"{prefix}time": _time(planned.starts_at, planned.ends_at, language),
        f"{prefix}opens": _clock_time(planned.opens_at, language),
    }


def _days_ahead(moment: datetime, now: datetime) -> int:
    return (local(moment).date() - local(now).date()).days


# A session's texts are the same for all its people, and Babel takes 40 µs for each.
@lru_cache(maxsize=4096)
def _day(moment: datetime, days_ahead: int, language: str) -> str:
    day = i18n.day(moment, language)
    if days_ahead == 0:
        return i18n.gettext(language, "today, %(day)s", day=day)
    if days_ahead == 1:
        return i18n.gettext(language, "tomorrow, %(day)s", day=day)
    return day


@lru_cache(maxsize=4096)
def _time(starts_at: datetime, ends_at: datetime, language: str) -> str:
    start, end = i18n.clock_time(starts_at, language), i18n.clock_time(ends_at, language)
    # A sentence of its own: «18:00–19:00» is read backwards in a text that runs from right to left.
    return i18n.gettext(language, "%(start)s to %(end)s", start=start, end=end)


@lru_cache(maxsize=4096)
def _clock_time(moment: datetime, language: str) -> str:
    return i18n.clock_time(moment, language)


def _seconds(moment: datetime | None, now: datetime) -> float | None:
    return round((moment - now).total_seconds(), 1) if moment is not None else None
