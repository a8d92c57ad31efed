"""Pure decisions about messages: kinds, channels, when to try again, and the key that makes one cause one message."""

import uuid
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
