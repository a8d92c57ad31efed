"""The provider's events: is it really the provider's, and what does it say. Pure.

Signature: `Whereby-Signature: t=<unix seconds>,v1=<hex>`, HMAC-SHA-256 with the webhook's secret over `<t>.<raw body>`.
"""

import hashlib
import hmac
import re
from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, Field, ValidationError

from rooms.whereby.protocol import LENIENT, ProviderTime

HEADER = "Whereby-Signature"
#: Seconds that a signature's time may lie before or after ours. Retries come within seconds; clocks differ a little.
TOLERANCE = 300
JOINED, LEFT, KNOCKED = "room.client.joined", "room.client.left", "room.client.knocked"
#: Fewer than two have been in the room for a while.
SESSION_ENDED = "room.session.ended"
#: Roles that are machines. Unknown roles count as people: better a stranger too many than one unseen.
_MACHINES = {"recorder", "streamer", "captioner"}


class BadSignature(Exception):
    """Not the provider's, or too old. Says nothing of what was wrong."""


class BadEvent(Exception):
    """Signed, but not an event."""


def _count(told: object) -> object:
    return told if isinstance(told, int) and told >= 0 else None


def _counts(told: object) -> object:
    """Counts by role; nothing at all when one of them is none: part of the people is worse than not knowing."""
    if not isinstance(told, dict) or any(_count(count) is None for count in told.values()):
        return None
    return told


class EventData(BaseModel):
    """What an event is about, as far as we care.

    `display_name` is of no use to us unless its bearer is a stranger: those who decide about them have to see it.
    """

    model_config = LENIENT

    meeting_id: str | None = Field(None, alias="meetingId")
    room_name: str | None = Field(None, alias="roomName")
    external_id: str | None = Field(None, alias="externalId")
    participant_id: str | None = Field(None, alias="participantId")
    display_name: str | None = Field(None, alias="displayName", repr=False)
    role: str | None = Field(None, alias="roleName")
    #: After the event, machines included.
    clients: Annotated[int | None, BeforeValidator(_count)] = Field(None, alias="numClients")
    clients_by_role: Annotated[dict[str, int] | None, BeforeValidator(_counts)] = Field(
        None, alias="numClientsByRoleName"
    )

    @property
    def people(self) -> int | None:
        """How many people were in the room after the event; None when the provider does not tell."""
        if self.clients_by_role is not None:
            return sum(count for role, count in self.clients_by_role.items() if role not in _MACHINES)
        return self.clients

    @property
    def is_person(self) -> bool:
        """Whether it speaks of somebody rather than of a recorder."""
        return self.role not in _MACHINES


class ProviderEvent(BaseModel):
    """An event's envelope. Unknown types and fields are fine."""

    model_config = LENIENT

    # PostgreSQL takes no text with a null sign in it, and one such event would keep a whole group out.
    id: str = Field(min_length=1, max_length=200, pattern=r"^[^\x00]*$")
    type: str = Field(min_length=1, max_length=100, pattern=r"^[^\x00]*$")
    created_at: ProviderTime = Field(alias="createdAt")
    #: Empty for events that tell nothing of a room.
    data: Annotated[EventData, BeforeValidator(lambda told: told or {})] = EventData()


def verify(secret: str, header: str | None, raw: bytes, now: datetime) -> None:
    """Raise BadSignature unless the header signs these very bytes, lately. Constant time."""
    if not secret or not header:
        raise BadSignature
    parts = dict(part.strip().partition("=")[::2] for part in header.split(","))
    stamp, given = parts.get("t", ""), parts.get("v1", "")
    expected = hmac.new(secret.encode(), _bytes(stamp) + b"." + raw, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected.encode(), _bytes(given)):
        raise BadSignature
    if not re.fullmatch(r"[0-9]{1,12}", stamp) or abs(now.timestamp() - int(stamp)) > TOLERANCE:
        raise BadSignature


def _bytes(text: str) -> bytes:
    return text.encode(errors="surrogatepass")  # a header that was not UTF-8 arrives with surrogates in it


def parse(raw: bytes | str) -> ProviderEvent:
    """The event in verified bytes. Raises BadEvent."""
    try:
        return ProviderEvent.model_validate_json(raw)
    except ValidationError:
        raise BadEvent from None
