"""SMS through whichever gateway Apprise speaks to; what it answers is sorted into «later», «never» and «nobody there».

Apprise says in its log why a gateway refused, and nowhere else. It is read here and goes nowhere: it may name people.
"""

import asyncio
import logging
import re
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Self

from apprise import Apprise, AppriseAsset, NotifyBase
from pydantic import SecretStr

from rooms.messages.channels.email import CONNECTIONS, NotSent

#: Seconds to find the gateway, and for its answer. A message's lease has to outlast both.
_CONNECT, _ANSWER = 4, 12
_STATUS = re.compile(r"error=(\d{3})")
#: Of these the gateway says that the number or the text is wrong; all other refusals are about us.
_OF_THE_MESSAGE = frozenset({400, 404, 406, 410, 413, 422})


class _Told(logging.Handler):
    """The status codes that Apprise's log tells of, by thread."""

    def __init__(self) -> None:
        super().__init__()
        self.codes: dict[int | None, str] = {}

    def emit(self, record: logging.LogRecord) -> None:
        if found := _STATUS.search(record.getMessage()):
            self.codes[record.thread] = found[1]


class Texter:
    """The way to a gateway; use as an async context manager. Without an address nothing can be sent."""

    def __init__(self, url: SecretStr | None) -> None:
        self._url = url
        self._asset = AppriseAsset(async_mode=False)
        self._told = _Told()
        self._threads = ThreadPoolExecutor(CONNECTIONS, "sms")

    @property
    def is_on(self) -> bool:
        """Whether there is a gateway."""
        return self._url is not None

    async def __aenter__(self) -> Self:
        log = logging.getLogger("apprise")
        log.propagate = False
        log.setLevel(logging.WARNING)
        log.addHandler(self._told)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        logging.getLogger("apprise").removeHandler(self._told)
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def send(self, message_id: uuid.UUID, number: str, text: str) -> None:
        """Hand the text to the gateway. Raises NotSent.

        A gateway that is given `{id}` (an idempotency key) sends a message once however often it is handed over.
        """
        if self._url is None:
            raise NotSent("no_gateway", permanent=True)
        address = self._url.get_secret_value().replace("{to}", number).replace("{id}", str(message_id))
        loop = asyncio.get_running_loop()
        code = await loop.run_in_executor(self._threads, self._send, address, text)
        if code is None:
            return
        if not code:
            raise NotSent("no_connection", outage=True)  # perhaps taken: it may have been the answer that got lost
        if int(code) in _OF_THE_MESSAGE:
            raise NotSent(f"sms_{code}", permanent=True)
        raise NotSent(f"sms_{code}", outage=True, untried=True)

    def _send(self, address: str, text: str) -> str | None:
        """None when it was taken, else the gateway's status, or nothing when there was no answer."""
        gateway = Apprise.instantiate(address, asset=self._asset, suppress_exceptions=True)
        if not isinstance(gateway, NotifyBase):
            return "400"  # no number that this gateway knows
        gateway.socket_connect_timeout, gateway.socket_read_timeout = _CONNECT, _ANSWER
        thread = threading.get_ident()
        self._told.codes.pop(thread, None)
        taken = gateway.notify(body=text)
        return None if taken else self._told.codes.pop(thread, "")
