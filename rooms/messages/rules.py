"""Pure decisions about messages: kinds, channels, when to try again, and the key that makes one cause one message."""

import re
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Kind(StrEnum):
    """What a message is for. Its texts are in `texts/<kind>/`."""

    INVITATION = "invitation"
    CANCELLATION = "cancellation"
    SIGN_IN = "sign_in"
    #: To coordinators: the month's budget is about to run out.
    USAGE_WARNING = "usage_warning"


class Channel(StrEnum):
    """The way a message goes."""

    EMAIL = "email"


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


_BREAKS = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_HIDDEN_MARKS = re.compile(r"[\u202a-\u202e\u2066-\u2069]")


def one_line(text: str) -> str:
    """`text` for a header: one line, no control characters, none of the marks that turn the reading direction."""
    return _BREAKS.sub(" ", _HIDDEN_MARKS.sub("", text)).strip()


def mail_address(text: str) -> str:
    """The address as headers and SMTP commands take it, its domain in ASCII. Raises ValueError.

    Nothing that could end the address and say something else gets through: no space, bracket, quote or line break.
    """
    name, _, domain = text.partition("@")
    if not re.fullmatch(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}", name) or not re.fullmatch(r"[\w.-]{1,253}", domain):
        raise ValueError("not an address")
    return f"{name}@{domain.encode('idna').decode()}"


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
    pause: timedelta = min(_FIRST_PAUSE * int(2 ** (attempts - 1)), _LONGEST_PAUSE)
    return now + pause * (0.75 + luck / 2)
