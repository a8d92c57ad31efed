"""A room's page without a browser: its signalling connection, message by message."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from tests.support.room_server import RoomServer


class Talker:
    """One connection to a room. `seen` is the number of the last message that came."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket
        self.seen = 0

    async def say(self, kind: str, **facts: Any) -> None:
        await self.socket.send_str(json.dumps({"t": kind, **facts}))

    async def hear(self, kind: str) -> dict[str, Any]:
        """The next message, which has to be of this kind."""
        async with asyncio.timeout(10):
            frame = await self.socket.receive()
        assert frame.type is aiohttp.WSMsgType.TEXT, frame
        message: dict[str, Any] = json.loads(frame.data)
        assert message["t"] == kind, message
        self.seen = message.get("n", self.seen)
        return message

    async def is_hung_up_on(self) -> bool:
        async with asyncio.timeout(10):
            frame = await self.socket.receive()
        return frame.type in {aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED}


@asynccontextmanager
async def at_the_door(server: RoomServer, room: dict[str, str], *, origin: str | None = None) -> AsyncIterator[Talker]:
    """A connection that has not said hello."""
    name = room["roomName"].strip("/")
    async with (
        aiohttp.ClientSession(headers={"Origin": origin or server.url}) as http,
        http.ws_connect(f"{server.url}/ws/{name}") as socket,
    ):
        yield Talker(socket)


@asynccontextmanager
async def talking(server: RoomServer, room: dict[str, str], **hello: Any) -> AsyncIterator[Talker]:
    """A connection that has said hello."""
    async with at_the_door(server, room) as talker:
        await talker.say("hello", **hello)
        yield talker


def host_key(room: dict[str, str]) -> str:
    return room["hostRoomUrl"].partition("roomKey=")[2]
