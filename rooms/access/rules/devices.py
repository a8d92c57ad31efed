"""One link, several devices: whoever is inside stays; another device at the same time has to be let in by somebody.

A link that was passed on or stolen therefore never puts a second face in the room unseen, while changing from phone to
PC needs nobody: the one that left makes place.
"""

import hashlib
import uuid
from collections.abc import Collection
from datetime import datetime, timedelta
from enum import StrEnum

#: How long a guide's or coordinator's yes holds: for the day's session, not for ever.
LET_IN_FOR = timedelta(hours=12)
#: A waiting page asks again every few seconds. One that has been silent for so long is no longer waiting.
WAITS_FOR = timedelta(minutes=2)


class Entry(StrEnum):
    """What a device gets when it asks for its seat's address."""

    IN = "in"
    ASK = "ask"


def entry(
    device_id: uuid.UUID, let_in_at: datetime | None, present: Collection[uuid.UUID | None], now: datetime
) -> Entry:
    """Whether this device may enter, or has to ask.

    `present`: the devices that are inside with the same link at this moment. None among them is a stay that only the
    provider witnessed; which browser that is nobody knows, so it counts as another one.
    """
    others = [other for other in present if other != device_id]
    if not others or (let_in_at is not None and let_in_at <= now < let_in_at + LET_IN_FOR):
        return Entry.IN
    return Entry.ASK


def hash_device(token: str) -> bytes:
    """What is stored of a device's cookie. It is long and random, so a plain SHA-256 cannot be run backwards."""
    return hashlib.sha256(token.encode()).digest()


def device_id_of(link_id: uuid.UUID, token: str) -> uuid.UUID:
    """The id of the row of one browser with one link: always the same for the two, so nothing has to be looked up."""
    digest = hashlib.sha256(b"device:" + link_id.bytes + token.encode()).digest()
    return uuid.UUID(bytes=digest[:16], version=4)
