"""An e-mail's bytes: what many readers share is made once, by Python's email package, and each reader's own put in.

The package takes some milliseconds for an e-mail with three parts; a mass sending is many times faster so
(`tests/bench/send.py`). A message's id makes its Message-ID, so that a mail store that drops repeats shows a message
once even when a worker died between sending it and writing that down.
"""

import uuid
from base64 import encodebytes
from binascii import b2a_qp
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import lru_cache
from urllib.parse import quote

from rooms.messages.rules import Composed, mail_address, one_line


@dataclass(frozen=True, slots=True)
class Sender:
    """In whose name: the centre's, from the service's address, with answers going to the centre."""

    name: str
    address: str
    reply_to: str


@dataclass(frozen=True, slots=True)
class CalendarPart:
    """What a calendar makes of the e-mail. `method`: REQUEST or CANCEL."""

    method: str
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Mail:
    """An e-mail, ready to be handed over: addresses and bytes, all of them ASCII."""

    sender: str
    to: str = field(repr=False)
    raw: bytes = field(repr=False)


def build(
    message_id: uuid.UUID,
    to: str,
    sender: Sender,
    composed: Composed,
    *,
    language: str,
    now: datetime,
    calendar: CalendarPart | None = None,
    can_decline: bool = True,
) -> Mail:
    """The e-mail. Raises ValueError for an address that cannot stand in a header.

    `can_decline`: that the reader can ask the centre for no more of such messages (RFC 2369).
    """
    address = mail_address(to)
    texts = [composed.text, composed.html, *([calendar.text] if calendar is not None else [])]
    bodies = [_encoded(text) for text in texts]
    frame = _frame(
        sender,
        one_line(composed.subject),
        tuple(encoding for encoding, _ in bodies),
        language=language,
        method=calendar.method if calendar is not None else None,
        can_decline=can_decline,
    )
    domain = sender.address.rpartition("@")[2]
    own = f"To: {address}\r\nDate: {format_datetime(now)}\r\nMessage-ID: <{message_id}@{domain}>\r\n"
    between, (*befores, end) = own.encode("ascii"), frame
    for before, (_, body) in zip(befores, bodies, strict=True):
        between += before + body
    return Mail(sender.address, address, between + end)


def build_with_calendars(
    message_id: uuid.UUID,
    to: str,
    sender: Sender,
    composed: Composed,
    calendars: Sequence[CalendarPart],
    *,
    language: str,
    now: datetime,
) -> Mail:
    """An e-mail about several meetings, with a calendar file for each. Raises ValueError as `build` does.

    Files, since calendars look at one alternative only, and one request speaks of one meeting only (RFC 5546, 3.2.2).
    """
    address = mail_address(to)
    email = _head(sender, one_line(composed.subject), can_decline=True)
    email["To"], email["Date"] = address, format_datetime(now)
    email["Message-ID"] = f"<{message_id}@{sender.address.rpartition('@')[2]}>"
    email.set_content(composed.text)
    email.add_alternative(composed.html, subtype="html")
    for number, calendar in enumerate(calendars, 1):
        name = f"{number}.ics"
        email.add_attachment(calendar.text, subtype="calendar", params={"method": calendar.method}, filename=name)
    email["Content-Language"] = language
    return Mail(sender.address, address, email.as_bytes())


def _head(sender: Sender, subject: str, *, can_decline: bool) -> EmailMessage:
    email = EmailMessage(policy=SMTP.clone(cte_type="7bit"))
    email["From"] = Address(one_line(sender.name), addr_spec=sender.address)
    with suppress(ValueError):  # without it answers go to the service, which is better than no message
        email["Reply-To"] = Address(one_line(sender.name), addr_spec=mail_address(sender.reply_to))
        if can_decline:
            email["List-Unsubscribe"] = f"<mailto:{quote(mail_address(sender.reply_to), safe='@')}?subject=unsubscribe>"
    email["Subject"] = subject
    email["Auto-Submitted"] = "auto-generated"
    return email


@lru_cache(maxsize=500)
def _frame(
    sender: Sender, subject: str, encodings: tuple[str, ...], *, language: str, method: str | None, can_decline: bool
) -> tuple[bytes, ...]:
    """What stands before each part's body, and after the last: an e-mail without its reader's own."""
    email = _head(sender, subject, can_decline=can_decline)
    # Calendars last: readers show the last part that they understand, and those know calendars.
    kinds = [("plain", {}), ("html", {}), *([("calendar", {"method": method})] if method is not None else [])]
    for (subtype, parameters), encoding in zip(kinds, encodings, strict=True):
        add = email.set_content if subtype == "plain" else email.add_alternative
        add(f"The body of {subtype}.", subtype=subtype, cte=encoding, params=parameters)
    email["Content-Language"] = language  # last: setting the content takes such headers for its own
    pieces, rest = [], email.as_bytes()
    for part in email.iter_parts():
        body = str(part.get_payload()).replace("\r\n", "\n").replace("\n", "\r\n").encode("ascii")
        before, _, rest = rest.partition(body)
        pieces.append(before)
    return (*pieces, rest)


_NOT_ASCII = bytes(range(0x80, 0x100))


def _encoded(text: str) -> tuple[str, bytes]:
    """The name of a transfer encoding and the text in it: whichever of the two is shorter, as the package chooses."""
    lines = b"\r\n".join(text.encode().splitlines()) + b"\r\n"
    foreign = len(lines) - len(lines.translate(None, _NOT_ASCII))
    if foreign * 6 < len(lines):  # three bytes for one, against four for three
        return "quoted-printable", b2a_qp(lines, istext=True)
    return "base64", encodebytes(lines).replace(b"\n", b"\r\n")
