"""E-mail by SMTP: a few connections that are kept and reused, and errors sorted into «later» and «never».

A message's id makes its Message-ID, so that a mail store that drops repeats shows a message once even when a worker
died between sending it and writing that down.
"""

import asyncio
import uuid
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from types import TracebackType
from typing import Self
from urllib.parse import unquote, urlsplit

import aiosmtplib
from pydantic import SecretStr

from rooms.messages.rules import Composed

#: More are refused by many providers; also the most that can be sent twice when a worker is killed.
CONNECTIONS = 5
_TIMEOUT = 20


class NotSent(Exception):
    """A message that was not taken. `code`: the SMTP status, or a name of ours; `permanent`: never will be."""

    def __init__(self, code: str, *, permanent: bool) -> None:
        super().__init__(code)
        self.code = code
        self.permanent = permanent


@dataclass(frozen=True, slots=True)
class Sender:
    """In whose name: the centre's, from the service's address, with answers going to the centre."""

    name: str
    address: str
    reply_to: str


def build(message_id: uuid.UUID, to: str, sender: Sender, composed: Composed, now: datetime) -> EmailMessage:
    """The e-mail. Raises NotSent (permanent) for an address that cannot stand in a header."""
    email = EmailMessage(policy=SMTP)
    try:
        email["From"] = Address(sender.name, addr_spec=sender.address)
        email["To"] = Address(addr_spec=to)
        email["Reply-To"] = Address(addr_spec=sender.reply_to)
    except (ValueError, IndexError) as error:
        raise NotSent("bad_address", permanent=True) from error
    email["Subject"] = composed.subject
    email["Date"] = format_datetime(now)
    email["Message-ID"] = f"<{message_id}@{sender.address.rpartition('@')[2]}>"
    email["Auto-Submitted"] = "auto-generated"
    email.set_content(composed.text)
    email.add_alternative(composed.html, subtype="html")
    return email


class Mailer:
    """A pool of SMTP connections of one event loop; use as an async context manager."""

    def __init__(self, url: SecretStr) -> None:
        self._url = urlsplit(url.get_secret_value())
        self._free: list[aiosmtplib.SMTP] = []
        self._places = asyncio.Semaphore(CONNECTIONS)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        connections, self._free = self._free, []
        for connection in connections:
            with suppress(aiosmtplib.SMTPException, OSError):
                await connection.quit(timeout=2)

    async def send(self, email: EmailMessage) -> None:
        """Hand the e-mail to the server. Raises NotSent."""
        async with self._places:
            connection = self._free.pop() if self._free else None
            try:
                if connection is None or not connection.is_connected:
                    connection = await self._connect()
                await connection.send_message(email)
            except aiosmtplib.SMTPServerDisconnected as error:
                raise NotSent("disconnected", permanent=False) from error
            except aiosmtplib.SMTPRecipientsRefused as error:
                codes = [refused.code for refused in error.recipients]
                raise _answered(codes[0] if codes else 550, connection, self._free) from error
            except aiosmtplib.SMTPResponseException as error:
                raise _answered(error.code, connection, self._free) from error
            except (aiosmtplib.SMTPException, OSError) as error:
                raise NotSent(type(error).__name__, permanent=False) from error
            self._free.append(connection)

    async def _connect(self) -> aiosmtplib.SMTP:
        tls = self._url.scheme == "smtps"
        connection = aiosmtplib.SMTP(
            hostname=self._url.hostname,
            port=self._url.port or (465 if tls else 587),
            username=unquote(self._url.username) if self._url.username else None,
            password=unquote(self._url.password) if self._url.password else None,
            use_tls=tls,
            # None: STARTTLS when the server offers it. With a password it has to.
            start_tls=None if tls or not self._url.password else True,
            timeout=_TIMEOUT,
        )
        await connection.connect()
        return connection


def _answered(code: int, connection: aiosmtplib.SMTP | None, free: list[aiosmtplib.SMTP]) -> NotSent:
    """What the server's answer means (RFC 5321: 4xx later, 5xx never). The connection is still good.

    Refused credentials (530, 535) are the installation's fault and get better; they are no fault of the message.
    """
    if connection is not None and connection.is_connected:
        free.append(connection)
    return NotSent(str(code), permanent=code >= 500 and code not in {530, 535})
