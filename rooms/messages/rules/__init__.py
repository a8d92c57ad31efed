"""Pure decisions about messages: kinds, channels, when to try again, and the key that makes one cause one message."""

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from rooms.people.rules.contact import PreferredWay


class Kind(StrEnum):
    """What a message is for. Its texts are in `texts/<kind>/`."""

    INVITATION = "invitation"
    CANCELLATION = "cancellation"
    #: That the session has another time now.
    CHANGE = "change"
    REMINDER_DAY = "reminder_day"
    REMINDER_HOUR = "reminder_hour"
    #: Instead of the hour's reminder, to guides: who comes.
    GUIDE_BRIEFING = "guide_briefing"
    #: That the room is open, to those who wish to know.
    OPEN_NOW = "open_now"
    NEW_LINK = "new_link"
    SIGN_IN = "sign_in"
    #: To coordinators: the month's budget is about to run out.
    USAGE_WARNING = "usage_warning"
    #: To coordinators, on working mornings: their sessions of today and tomorrow.
    DIGEST = "digest"
    #: What a coordinator writes to many.
    POST = "post"


#: Those whose e-mail also tells the reader's calendar.
IN_CALENDAR = frozenset({Kind.INVITATION, Kind.CANCELLATION, Kind.CHANGE})
#: What is new about meetings: several at once to one person go as one.
TOGETHER = (Kind.INVITATION, Kind.CHANGE, Kind.CANCELLATION)
#: To staff, who sign in with their address.
BY_EMAIL_ONLY = frozenset({Kind.SIGN_IN, Kind.USAGE_WARNING, Kind.DIGEST})
#: Those that the clock causes.
REMINDERS = (Kind.REMINDER_DAY, Kind.REMINDER_HOUR, Kind.GUIDE_BRIEFING, Kind.OPEN_NOW)
#: Those that carry the person's own link.
WITH_LINK = frozenset({Kind.INVITATION, Kind.CHANGE, Kind.NEW_LINK, Kind.POST, *REMINDERS})


class Channel(StrEnum):
    """The way a message goes."""

    EMAIL = "email"
    SMS = "sms"


def ways(kind: Kind, preferred: PreferredWay, *, has_email: bool, has_phone: bool) -> tuple[Channel, ...]:
    """The ways to somebody, the one to try first before the other. None to those who said no, but for sign-ins.

    `has_phone`: a number, and somebody who carries SMS to it. What staff alone get goes by e-mail.
    """
    if preferred is PreferredWay.NONE and kind is not Kind.SIGN_IN:
        return ()
    if kind in BY_EMAIL_ONLY:
        return (Channel.EMAIL,) if has_email else ()
    found = [*([Channel.EMAIL] if has_email else []), *([Channel.SMS] if has_phone else [])]
    return tuple(reversed(found)) if preferred is PreferredWay.SMS else tuple(found)


class Audience(StrEnum):
    """To whom a coordinator writes."""

    EVERYBODY = "everybody"
    CIRCLE = "circle"
    SESSION = "session"


@dataclass(frozen=True, slots=True)
class PostText:
    """What a coordinator writes, in one language: a line, and paragraphs with an empty line between them."""

    subject: str
    words: str


def text_for(texts: Mapping[str, PostText], language: str) -> PostText:
    """What the reader of `language` gets: their own language's, else bokmål's, else the first one written."""
    return texts.get(language) or texts.get("nb") or next(iter(texts.values()))


class MessageState(StrEnum):
    """due → sending → sent, or back to due after a temporary error; failed when trying again is of no use.

    dropped: what it was about no longer holds when it was to be sent.
    """

    DUE = "due"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class Composed:
    """A message in words, ready for a channel. `subject` is one line; `html` is a whole document."""

    subject: str
    text: str
    html: str


def idempotency_key(kind: Kind, cause_id: uuid.UUID, person_id: uuid.UUID, version: int = 1) -> str:
    """One cause, one person, one message: the unique key of an outbox row."""
    return f"{kind}:{cause_id}:{person_id}:{version}"


_HOUR = timedelta(hours=1)
#: On the centre's own clock: nobody is reminded of anything from the first until the second.
_QUIET_FROM, _QUIET_UNTIL = time(21), time(8)
#: A reminder that comes later than that before the start helps nobody.
_TOO_LATE = timedelta(minutes=20)
#: So long after the start it is no news that the room is open.
OPEN_IS_NEWS = timedelta(minutes=30)


def reminder_at(kind: Kind, starts_at: datetime, opens_at: datetime, zone: ZoneInfo) -> datetime | None:
    """When to remind of what opens at `opens_at` and starts at `starts_at`; in UTC. None when no reminder can help.

    The day before is at the same time of the wall in `zone`, an hour before is a real hour. What falls into the quiet
    hours waits until they end; but who wishes to know that the room is open is told at once.
    """
    if kind is Kind.OPEN_NOW:
        return opens_at
    if kind is Kind.REMINDER_DAY:
        moment = (starts_at.astimezone(zone) - timedelta(days=1)).astimezone(UTC)
    else:
        moment = starts_at.astimezone(UTC) - _HOUR
    moment = _after_quiet_hours(moment, zone)
    return moment if moment <= starts_at - _TOO_LATE else None


def waits_until(kind: Kind, now: datetime, starts_at: object, zone: ZoneInfo) -> datetime | None:
    """Until when a message waits for the end of the quiet hours; None when it goes now.

    What coordinators write to people does, but for what is of a session that starts within an hour of that end, or
    earlier. `starts_at`: the session's; no datetime when it is of none.
    """
    awake = _after_quiet_hours(now, zone)
    if awake == now or kind not in {*TOGETHER, Kind.POST}:
        return None
    return None if isinstance(starts_at, datetime) and starts_at < awake + _HOUR else awake


def _after_quiet_hours(moment: datetime, zone: ZoneInfo) -> datetime:
    wall = moment.astimezone(zone)
    if _QUIET_UNTIL <= wall.time() < _QUIET_FROM:
        return moment
    day = wall.date() + timedelta(days=wall.time() >= _QUIET_FROM)
    return datetime.combine(day, _QUIET_UNTIL, zone).astimezone(UTC)


_DIGEST_FROM, _DIGEST_UNTIL = time(7, 30), time(12)
_SATURDAY = 5


def digest_day(now: datetime, zone: ZoneInfo) -> date | None:
    """The day of which coordinators are told now: on weekdays from half past seven until noon."""
    wall = now.astimezone(zone)
    is_time = wall.weekday() < _SATURDAY and _DIGEST_FROM <= wall.time() < _DIGEST_UNTIL
    return wall.date() if is_time else None


def digest_span(now: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """From now until the end of tomorrow; before a weekend until the end of Monday. In UTC, right over DST."""
    today = now.astimezone(zone).date()
    days = 4 if today.weekday() == _SATURDAY - 1 else 2
    return now, datetime.combine(today + timedelta(days=days), time.min, zone).astimezone(UTC)


def reminder_holds(kind: Kind, starts_at: datetime, now: datetime) -> bool:
    """Whether a late reminder still helps: the day before's until the hour before's turn, the others until the start.

    That the room is open is news for a while longer.
    """
    until = {Kind.REMINDER_DAY: starts_at - _HOUR, Kind.OPEN_NOW: starts_at + OPEN_IS_NEWS}.get(kind, starts_at)
    return now < until


def reminder_version(starts_at: datetime) -> int:
    """For the reminder's idempotency key: a session that is moved reminds anew, and of its new time only."""
    return int(starts_at.timestamp())


_BREAKS = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_HIDDEN_MARKS = re.compile(r"[\u202a-\u202e\u2066-\u2069]")


def one_line(text: str) -> str:
    """`text` for a header: one line, no control characters, none of the marks that turn the reading direction."""
    if text.isprintable() and "  " not in text:  # nearly always: none of them is printable
        return text.strip()
    return _BREAKS.sub(" ", _HIDDEN_MARKS.sub("", text)).strip()


def mail_address(text: str) -> str:
    """The address as headers and SMTP commands take it, its domain in ASCII. Raises ValueError.

    Nothing that could end the address and say something else gets through: no space, bracket, quote or line break.
    """
    name, _, domain = text.partition("@")
    if not re.fullmatch(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}", name) or not re.fullmatch(r"[\w.-]{1,253}", domain):
        raise ValueError("not an address")
    return f"{name}@{domain.encode('idna').decode()}"


#: A centre's messages of one priority stand so far apart in the queue, beginning now. Whoever sends faster than that
#: has sent one centre's five thousand when they like, and another centre's ten, put a moment later, stand before nearly
#: all of them: virtual clocks, as in Zhang, "VirtualClock" (SIGCOMM 1990).
PLACE_APART = timedelta(seconds=1)

#: After this many tries, some nine hours, somebody has to look.
MOST_ATTEMPTS = 10
_FIRST_PAUSE = timedelta(seconds=30)
_LONGEST_PAUSE = timedelta(hours=2)


def next_try(attempts: int, now: datetime, luck: float) -> datetime | None:
    """When to send again after a temporary error; None when it is time to give up.

    `attempts`: how often it was tried, 1 or more. The pause doubles from half a minute to two hours; `luck` (0–1)
    spreads it by a quarter either way, so that a mail server that comes back is not stormed.
    """
    if attempts >= MOST_ATTEMPTS:
        return None
    return now + _doubled(_FIRST_PAUSE, attempts, _LONGEST_PAUSE, luck)


_FIRST_REST = timedelta(seconds=15)
_LONGEST_REST = timedelta(minutes=5)


def rest(failures: int, luck: float) -> timedelta:
    """How long to leave a channel alone of which nobody was there `failures` times in a row, 1 or more.

    Doubles from a quarter of a minute to five minutes; `luck` as in `next_try`.
    """
    return _doubled(_FIRST_REST, failures, _LONGEST_REST, luck)


def _doubled(first: timedelta, count: int, longest: timedelta, luck: float) -> timedelta:
    pause: timedelta = min(first * int(2 ** min(count - 1, 20)), longest)
    return pause * (0.75 + luck / 2)
