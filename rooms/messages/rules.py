"""Pure decisions about messages: kinds, channels, when to try again, and the key that makes one cause one message."""

import uuid
from datetime import datetime, timedelta
from enum import StrEnum


class Kind(StrEnum):
    """What a message is for. Its texts are in `texts/<kind>/`."""

    INVITATION = "invitation"
    CANCELLATION = "cancellation"
    SIGN_IN = "sign_in"


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


def idempotency_key(kind: Kind, cause_id: uuid.UUID, person_id: uuid.UUID, version: int = 1) -> str:
    """One cause, one person, one message: the unique key of an outbox row."""
    return f"{kind}:{cause_id}:{person_id}:{version}"


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
