"""A page's WebSocket as something to send to without waiting: a queue, and one task that empties it."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any

from aiohttp import web

#: Messages that wait for a page that reads slowly. What does not fit is sent again when the page comes back.
_MOST_WAITING = 500
_SEND_TIMEOUT = 5


class SocketLine:
    """Sends in order. A page that takes nothing for five seconds is hung up on, and comes back by itself."""

    def __init__(self, socket: web.WebSocketResponse) -> None:
        self._socket = socket
        self._waiting: asyncio.Queue[str | None] = asyncio.Queue()

    def send(self, message: Mapping[str, Any]) -> None:
        """Send soon."""
        if self._waiting.qsize() < _MOST_WAITING:
            self._waiting.put_nowait(json.dumps(message))

    def hang_up(self) -> None:
        """Close when everything before is sent."""
        self._waiting.put_nowait(None)

    async def write(self) -> None:
        """Send until hung up or broken, then close. Run as one task beside the reading."""
        try:
            while (text := await self._waiting.get()) is not None:
                async with asyncio.timeout(_SEND_TIMEOUT):
                    await self._socket.send_str(text)
        except (ConnectionError, TimeoutError):
            pass
        finally:
            await self._socket.close(code=1001)
