"""Reading mail that came back: delivery reports as RFC 3464 describes them, by Python's own email package."""

import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message as Mail
from email.parser import BytesHeaderParser

#: What is read of a mail. The report stands before what came back, of which only the headers count.
MOST_BYTES = 200_000
_STATUS = re.compile(r"[45]\.[0-9]{1,3}\.[0-9]{1,3}(?![0-9])")
#: The Message-IDs that `channels` write.
_OURS = re.compile(r"<([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})@", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Bounce:
    """The outbox row's id of a message that did not arrive, and why: RFC 3463's code, for example 5.1.1."""

    message_id: uuid.UUID
    status: str


def read_bounce(raw: bytes) -> Bounce | None:
    """What a mail says about a message of ours that will not arrive any more. Takes any bytes.

    None for everything else: other mail, rubbish, that something is delayed or was delivered.
    """
    try:
        parts = list(message_from_bytes(raw[:MOST_BYTES]).walk())
        status = next(_statuses(parts), None)
        message_id = next(_message_ids(parts), None)
    except RecursionError:  # parts in parts in parts: nobody reports like that
        return None
    return Bounce(message_id, status) if status is not None and message_id is not None else None


def _statuses(parts: list[Mail]) -> Iterator[str]:
    """Why those messages failed that did. What a server gave up after days of temporary errors (4.…) has failed too."""
    for part in parts:
        blocks = part.get_payload()
        if part.get_content_type() != "message/delivery-status" or not isinstance(blocks, list):
            continue
        for block in blocks:
            if isinstance(block, Mail) and _field(block, "Action").lower() == "failed":
                found = _STATUS.match(_field(block, "Status"))
                yield found.group() if found is not None else "5.0.0"


def _message_ids(parts: list[Mail]) -> Iterator[uuid.UUID]:
    """Of what came back; else of what the report answers."""
    returned = [headers for part in parts if (headers := _returned(part)) is not None]
    texts = [_field(headers, "Message-ID") for headers in returned]
    texts += [_field(parts[0], "In-Reply-To"), _field(parts[0], "References")]
    return (uuid.UUID(found) for text in texts for found in _OURS.findall(text))


def _returned(part: Mail) -> Mail | None:
    if part.get_content_type() == "message/rfc822":
        payload = part.get_payload()
        return payload[0] if isinstance(payload, list) and payload and isinstance(payload[0], Mail) else None
    if part.get_content_type() == "text/rfc822-headers":
        payload = part.get_payload(decode=True)
        return BytesHeaderParser().parsebytes(payload) if isinstance(payload, bytes) else None
    return None


def _field(headers: Mail, name: str) -> str:
    return str(headers.get(name, "")).strip()
