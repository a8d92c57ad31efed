"""The connection to Janus: one WebSocket, one Janus session, requests and their answers, events. Heals itself.

When the connection goes, Janus hangs up on everybody of the session at once, so there is nothing to take up again: a
new connection begins with nothing.
"""

import asyncio
import itertools
import json
import random
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

import structlog
from aiohttp import (
    BaseConnector,
    ClientError,
    ClientSession,
    ClientWebSocketResponse,
    TCPConnector,
    UnixConnector,
    WSMsgType,
)

from rooms.roomserver.sfu.adapter import Refused

log = structlog.get_logger(__name__)

#: Seconds that Janus may take to answer one request, or to accept the connection.
_TIMEOUT = 10
#: Seconds between signs of life; Janus gives a session up after 60.
_KEEPALIVE = 20
_FIRST_PAUSE = 0.2
_LONGEST_PAUSE = 5.0
#: Begins the transactions of questions to the plugin, whose first answer may only be that it has got them.
_SLOW = "plugin-"
_PLUGIN = "janus.plugin.videoroom"

Message = dict[str, Any]


class JanusRefused(Refused):
    """Janus's own word: `code` says which."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(f"Janus says {code}: {reason}")
        self.code = code


class Link:
    """`address` is `ws://host:port` or `unix:///path/of/socket`; `secret` is Janus's api_secret.

    `began` is awaited when a new session stands and before anything else is asked of it; what it raises ends the
    session. `lost` follows when a session that had begun is gone. `told` gets each event.
    """

    def __init__(
        self,
        address: str,
        secret: str,
        *,
        began: Callable[[], Awaitable[None]],
        lost: Callable[[str], None],
        told: Callable[[Message], None],
    ) -> None:
        self._address = urlsplit(address)
        self._secret = secret
        self._began = began
        self._lost = lost
        self._told = told
        self._socket: ClientWebSocketResponse | None = None
        self._session: int | None = None
        self._waiting: dict[str, asyncio.Future[Message]] = {}
        self._numbers = itertools.count(1)
        self._pause = _FIRST_PAUSE

    async def run(self) -> None:
        """Connect, and connect again, for ever: also when what answers is no Janus. Cancel it to stop."""
        while True:
            try:
                await self._connected()
            except (OSError, ClientError, Refused, LookupError, ValueError) as error:
                self._lost(str(error) or type(error).__name__)
            await asyncio.sleep(self._pause * random.uniform(0.75, 1.25))  # noqa: S311 - jitter, no secret
            self._pause = min(self._pause * 2, _LONGEST_PAUSE)

    async def _connected(self) -> None:
        """One connection from its beginning to its end. Raises OSError or ClientError when there is none."""
        async with (
            ClientSession(connector=self._connector()) as http,
            asyncio.timeout(_TIMEOUT) as patience,
            http.ws_connect(self._url(), protocols=["janus-protocol"], heartbeat=_KEEPALIVE) as socket,
        ):
            patience.reschedule(None)
            self._socket = socket
            reading = asyncio.create_task(self._read(socket))
            living = asyncio.create_task(self._live())
            try:
                await asyncio.wait({reading, living}, return_when=asyncio.FIRST_COMPLETED)
                for task in (living, reading):
                    if task.done():
                        task.result()
            finally:
                self._socket = self._session = None
                for task in (reading, living):
                    task.cancel()
                await asyncio.gather(reading, living, return_exceptions=True)
                for future in self._waiting.values():
                    if not future.done():
                        future.set_exception(ConnectionResetError("Janus has gone"))
                self._waiting.clear()

    def _connector(self) -> BaseConnector:
        return UnixConnector(self._address.path) if self._address.scheme == "unix" else TCPConnector()

    def _url(self) -> str:
        return "ws://janus/" if self._address.scheme == "unix" else self._address.geturl()

    async def _read(self, socket: ClientWebSocketResponse) -> None:
        async for frame in socket:
            if frame.type is WSMsgType.TEXT:
                self._take(json.loads(frame.data))
        raise ConnectionResetError("Janus closed the connection")

    def _take(self, message: Message) -> None:
        number = message.get("transaction", "")
        if message["janus"] == "ack" and number.startswith(_SLOW):
            return  # the plugin has got the question, and answers later
        future = self._waiting.get(number)
        if future is None:
            self._told(message)
        elif not future.done():
            future.set_result(message)

    async def _live(self) -> None:
        self._session = (await self._ask("create"))["data"]["id"]
        await self._began()
        self._pause = _FIRST_PAUSE
        while True:
            await asyncio.sleep(_KEEPALIVE)
            await self._ask("keepalive")

    async def attach(self) -> int:
        """A new handle of the VideoRoom plugin."""
        return int((await self._ask("attach", plugin=_PLUGIN))["data"]["id"])

    async def detach(self, handle: int) -> None:
        """Give a handle up, and the connection on it. Harmless when it is gone."""
        with suppress(Refused):
            await self._ask("detach", handle_id=handle)

    async def trickle(self, handle: int, candidate: Mapping[str, Any]) -> None:
        """Hand on a candidate."""
        await self._ask("trickle", handle_id=handle, candidate=dict(candidate))

    async def message(self, handle: int, body: Message, jsep: Mapping[str, Any] | None = None) -> Message:
        """Ask the plugin; the whole answer, with `jsep` when it has one. Raises JanusRefused and OSError."""
        more = {"jsep": dict(jsep)} if jsep is not None else {}
        answer = await self._ask("message", handle_id=handle, body=body, **more)
        data = answer.get("plugindata", {}).get("data", {})
        if "error_code" in data:
            raise JanusRefused(data["error_code"], data.get("error", ""))
        return answer | {"data": data}

    async def _ask(self, kind: str, **fields: Any) -> Message:
        socket = self._socket
        if socket is None:
            raise ConnectionResetError("Janus is away")
        number = f"{_SLOW if kind == 'message' else ''}{next(self._numbers)}"
        session = {"session_id": self._session} if self._session is not None else {}
        future: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        self._waiting[number] = future
        asked = {"janus": kind, "transaction": number, "apisecret": self._secret, **session, **fields}
        try:
            async with asyncio.timeout(_TIMEOUT):
                await socket.send_str(json.dumps(asked))
                answer = await future
        finally:
            self._waiting.pop(number, None)
        if answer["janus"] == "error":
            error = answer["error"]
            raise JanusRefused(error["code"], error["reason"])
        return answer
