"""Messages as files: one a recipient and message, and beside it a line for each time that it was delivered.

A message that comes again for the same recipient with the same Message-ID is kept once, as mail stores with duplicate
suppression do; how often it really came stays visible.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from uuid import uuid4


@dataclass(frozen=True, slots=True)
class Message:
    """A message as its recipient would see it. `deliveries` counts how often it came; `received` is the first time."""

    id: str
    recipient: str
    sender: str
    subject: str
    text: str
    html: str
    calendar: str
    message_id: str
    received: datetime
    deliveries: int

    def as_json(self) -> dict[str, str | int | bool]:
        """For `/messages.json`."""
        return {
            "id": self.id,
            "recipient": self.recipient,
            "sender": self.sender,
            "subject": self.subject,
            "text": self.text,
            "html": self.html,
            "has_calendar": bool(self.calendar),
            "message_id": self.message_id,
            "received": self.received.isoformat(),
            "deliveries": self.deliveries,
        }


class MailStore:
    """The messages in a folder. One process may use it at a time."""

    def __init__(self, folder: Path, now: Callable[[], datetime]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
        self._folder = folder
        self._now = now
        self._messages = {path.stem: self._read(path) for path in sorted(folder.glob("*.eml"))}

    def add(self, recipient: str, raw: bytes) -> None:
        """Keep a message, or count it once more when it is there already. It is on disk when this returns."""
        message_id = str(message_from_bytes(raw, policy=policy.default).get("Message-ID", "")).strip() or uuid4().hex
        key = hashlib.sha256(f"{recipient.lower()}\0{message_id}".encode()).hexdigest()[:24]
        path = self._folder / f"{key}.eml"
        if key not in self._messages:
            unfinished = path.with_suffix(".unfinished")
            unfinished.write_bytes(b"Delivered-To: " + recipient.encode() + b"\r\n" + raw)
            unfinished.replace(path)
        with path.with_suffix(".deliveries").open("a") as file:
            file.write(f"{self._now().isoformat()}\n")
        self._messages[key] = self._read(path)

    def newest_first(self, recipient: str = "") -> list[Message]:
        """All messages, or those whose recipient's address holds `recipient`."""
        wanted = recipient.strip().lower()
        found = [message for message in self._messages.values() if wanted in message.recipient.lower()]
        return sorted(found, key=lambda message: message.received, reverse=True)

    def get(self, key: str) -> Message | None:
        """One message by its id."""
        return self._messages.get(key)

    def _read(self, path: Path) -> Message:
        message = message_from_bytes(path.read_bytes(), policy=policy.default)
        deliveries = path.with_suffix(".deliveries")
        # A process that was killed between the two files leaves a message without its line: it came once, about now.
        times = deliveries.read_text().split() if deliveries.exists() else [self._now().isoformat()]
        return Message(
            id=path.stem,
            recipient=str(message["Delivered-To"]),
            sender=str(message.get("From", "")),
            subject=str(message.get("Subject", "")),
            text=_part(message, "text/plain"),
            html=_part(message, "text/html"),
            calendar=_part(message, "text/calendar"),
            message_id=str(message.get("Message-ID", "")).strip(),
            received=datetime.fromisoformat(times[0]),
            deliveries=len(times),
        )


def _part(message: EmailMessage, content_type: str) -> str:
    for part in message.walk():
        if part.get_content_type() == content_type:
            raw = part.get_payload(decode=True)
            return raw.decode(part.get_content_charset() or "utf-8", "replace") if isinstance(raw, bytes) else ""
    return ""
