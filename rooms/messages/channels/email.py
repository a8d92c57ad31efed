"""E-mail by SMTP: a few connections that are kept and reused, and errors sorted into «later» and «never»."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Self
from urllib.parse import unquote, urlsplit

import aiosmtplib
from aiosmtplib import SMTPDataError, SMTPException, SMTPRecipientsRefused, SMTPResponseException
from pydantic import SecretStr

from rooms.messages.channels.mime import Mail

#: More are refused by many providers; also the most that can be sent twice when a worker is killed.
CONNECTIONS = 5
#: Seconds for one message, connecting included. The outbox's lease has to outlast it.
SEND_TIMEOUT = 15
#: Seconds. Below the above: of a server that does not greet we know that it has taken nothing.
_CONNECT_TIMEOUT = 10
#: Seconds after which a connection is asked whether it still lives before it gets a message.
_DOUBTFUL_AFTER = 3
#: Many servers close a connection after a hundred messages; better to close it ourselves, between two.
_MOST_PER_CONNECTION = 50
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class NotSent(Exception):
    """A message that was not taken. `code`: the SMTP status, or a name of ours; `permanent`: never will be.

    `outage`: the next message would fare no better. `untried`: certainly not handed over.
    """

    def __init__(self, code: str, *, permanent: bool = False, outage: bool = False, untried: bool = False) -> None:
        super().__init__(code)
        self.code = code
        self.permanent = permanent
        self.outage = outage
        self.untried = untried


@dataclass(slots=True)
class _Connection:
    smtp: aiosmtplib.SMTP
    last_used: float
    messages: int = 0


class Mailer:
    """A pool of SMTP connections of one event loop; use as an async context manager."""

    def __init__(self, url: SecretStr) -> None:
        self._url = urlsplit(url.get_secret_value())
        self._free: list[_Connection] = []
        self._places = asyncio.Semaphore(CONNECTIONS)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        connections, self._free = self._free, []
        for connection in connections:
            await _say_goodbye(connection)

    async def send(self, mail: Mail) -> None:
        """Hand the e-mail to the server. Raises NotSent."""
        async with self._places:
            try:
                async with asyncio.timeout(SEND_TIMEOUT):
                    await self._send(mail)
            except TimeoutError as error:
                raise NotSent("timeout", outage=True) from error  # perhaps taken, perhaps not

    async def _send(self, mail: Mail) -> None:
        connection = await self._living() or await self._connect()
        try:
            await connection.smtp.sendmail(mail.sender, [mail.to], mail.raw)
        except SMTPRecipientsRefused as error:
            code = error.recipients[0].code if error.recipients else 550
            raise NotSent(str(code), permanent=code >= 500) from error
        except SMTPDataError as error:
            raise NotSent(str(error.code), permanent=error.code >= 500) from error
        except SMTPResponseException as error:
            # It refused us (the sender, the sign-in), not this message: that gets repaired.
            raise NotSent(str(error.code)) from error
        except (SMTPException, OSError) as error:
            # Perhaps taken, perhaps not: sent again later, with the same Message-ID.
            raise NotSent("disconnected") from error
        finally:
            await self._keep(connection)

    async def _keep(self, connection: _Connection) -> None:
        connection.messages += 1
        connection.last_used = asyncio.get_running_loop().time()
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            connection.smtp.close()  # in the middle of something: nobody knows what it would take a new message for
        elif connection.messages >= _MOST_PER_CONNECTION:
            await _say_goodbye(connection)
        elif connection.smtp.is_connected:
            self._free.append(connection)

    async def _living(self) -> _Connection | None:
        """A connection from before that still answers."""
        while self._free:
            connection = self._free.pop()
            if asyncio.get_running_loop().time() - connection.last_used < _DOUBTFUL_AFTER:
                if connection.smtp.is_connected:
                    return connection
                continue
            try:
                await connection.smtp.noop(timeout=3)
            except (SMTPException, OSError):
                connection.smtp.close()
            else:
                return connection
        return None

    async def _connect(self) -> _Connection:
        host = self._url.hostname or "localhost"
        tls = self._url.scheme == "smtps"
        needs_tls = self._url.password is not None and host not in _LOOPBACK
        smtp = aiosmtplib.SMTP(
            hostname=host,
            port=self._url.port or (465 if tls else 587 if self._url.username else 25),
            username=unquote(self._url.username) if self._url.username else None,
            password=unquote(self._url.password) if self._url.password else None,
            use_tls=tls,
            # None: STARTTLS when the server offers it. No password goes over the net in the clear.
            start_tls=True if needs_tls and not tls else None,
            timeout=SEND_TIMEOUT,
        )
        try:
            await smtp.connect(timeout=_CONNECT_TIMEOUT)
        except SMTPResponseException as error:
            smtp.close()
            raise NotSent(str(error.code), outage=True, untried=True) from error
        except (SMTPException, OSError) as error:
            smtp.close()
            raise NotSent("no_connection", outage=True, untried=True) from error
        return _Connection(smtp, asyncio.get_running_loop().time())


async def _say_goodbye(connection: _Connection) -> None:
    with suppress(SMTPException, OSError):
        await connection.smtp.quit(timeout=2)
    connection.smtp.close()
