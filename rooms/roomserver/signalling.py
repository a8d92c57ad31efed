"""The WebSocket of a room's page: messages in, the state machine's answers out."""

import asyncio
import json
import secrets
import time
from collections import deque
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import structlog
from aiohttp import WSMsgType, web

from config import clock
from rooms.roomserver import wire
from rooms.roomserver.auth import role_of
from rooms.roomserver.hall import Hall, OpenRoom, shown
from rooms.roomserver.ice import ice_servers
from rooms.roomserver.keys import HALL, SETTINGS
from rooms.roomserver.room import Arrival, Client

log = structlog.get_logger(__name__)

#: Seconds. A phone that lost its network is noticed after at most twice this.
_HEARTBEAT = 8
_SEND_TIMEOUT = 5


class SocketLine:
    """A page's WebSocket. A page that does not read is hung up on."""

    def __init__(self, socket: web.WebSocketResponse) -> None:
        self._socket = socket

    async def send(self, message: Mapping[str, Any]) -> None:
        """Send, or hang up when that takes too long."""
        try:
            async with asyncio.timeout(_SEND_TIMEOUT):
                await self._socket.send_str(json.dumps(message))
        except (ConnectionError, TimeoutError, RuntimeError):
            await self.hang_up()

    async def hang_up(self) -> None:
        """Close it, without waiting for the page's good-bye."""
        try:
            async with asyncio.timeout(1):
                await self._socket.close(code=1001)
        except (TimeoutError, ConnectionError):
            return


async def signalling(request: web.Request) -> web.StreamResponse:
    """GET /ws/{name}: one page's connection to its room, from its hello to its good-bye."""
    origin = urlsplit(request.app[SETTINGS].room_server_url)
    if request.headers.get("Origin", "") != f"{origin.scheme}://{origin.netloc}":
        return web.Response(status=403)
    socket = web.WebSocketResponse(heartbeat=_HEARTBEAT, max_msg_size=wire.MOST_BYTES, compress=False)
    await socket.prepare(request)
    talk = _Talk(request, SocketLine(socket))
    try:
        await talk.listen(socket)
    finally:
        await talk.lost()
    return socket


class _Talk:
    """What is said on one connection."""

    def __init__(self, request: web.Request, line: SocketLine) -> None:
        self._hall: Hall = request.app[HALL]
        self._settings = request.app[SETTINGS]
        self._name = request.match_info["name"]
        self._line = line
        self._place: OpenRoom | None = None
        self._client: Client | None = None
        self._times: deque[float] = deque(maxlen=wire.MOST_IN_TEN_SECONDS)

    async def listen(self, socket: web.WebSocketResponse) -> None:
        async for frame in socket:
            if frame.type is not WSMsgType.TEXT or self._too_fast():
                return
            try:
                message = wire.read(frame.data)
            except wire.BadMessage:
                log.info("bad message")
                return
            await self._on(message)

    def _too_fast(self) -> bool:
        now = time.monotonic()
        full = len(self._times) == self._times.maxlen
        self._times.append(now)
        return full and now - self._times[0] < 10

    async def _on(self, message: wire.ClientMessage) -> None:
        if isinstance(message, wire.Hello):
            await self._hello(message)
            return
        place, client = self._place, self._client
        if place is None or client is None:
            return
        match message:
            case wire.Signal(to=to, data=data):
                if client.id in place.room.inside and to in place.room.inside:
                    await self._hall.send(place, to, {"t": "signal", "from": client.id, "data": data})
            case wire.Media(audio=audio, video=video):
                client.audio, client.video = audio, video
                if client.id in place.room.inside:
                    told = {"t": "media", "id": client.id, "audio": audio, "video": video}
                    await self._hall.tell_others(place, client.id, told)
            case wire.Knock(t=kind):
                await self._knock(place, client, cancelled=kind == "cancel_knock")
            case wire.Decide(t=kind, id=client_id):
                await self._decide(place, client, client_id, admit=kind == "admit")
            case wire.Go(t=kind):
                await self._go(place, client, for_all=kind == "end")

    async def _hello(self, hello: wire.Hello) -> None:
        meeting = await self._hall.meetings.by_name(self._name)
        if meeting is None or self._client is not None:
            await self._line.send({"t": "removed", "reason": "deleted"})
            return
        place = self._hall.open(meeting)
        back = place.room.resume(hello.resume) if hello.resume else None
        if back is not None:
            await self._come_back(place, back)
            return
        client = Client(
            id=secrets.token_hex(8),
            resume=secrets.token_urlsafe(24),
            name=hello.name,
            external_id=hello.external_id,
            metadata=hello.metadata,
            role=role_of(meeting, hello.key),
            audio=hello.audio,
            video=hello.video,
        )
        self._place, self._client = place, client
        place.lines[client.id] = self._line
        arrival = place.room.arrive(client)
        if arrival is Arrival.WELCOME:
            await self._welcome(place, client)
        else:
            await self._line.send({"t": arrival.value, "capacity": place.room.capacity})

    async def _come_back(self, place: OpenRoom, client: Client) -> None:
        old = place.lines.get(client.id)
        self._place, self._client = place, client
        place.lines[client.id] = self._line
        if old is not None:
            await old.hang_up()
        await self._line.send(self._scene("resumed", place, client))
        for message in place.kept.pop(client.id, []):
            await self._line.send(message)

    async def _welcome(self, place: OpenRoom, client: Client) -> None:
        await self._hall.send(place, client.id, self._scene("welcome", place, client))
        await self._hall.came_in(place, client)
        if place.room.is_host(client.id):
            for knocker in place.room.knocking.values():
                await self._line.send({"t": "knocker", "id": knocker.id, "name": knocker.name})

    def _scene(self, kind: str, place: OpenRoom, client: Client) -> dict[str, Any]:
        secret = self._settings.room_server_turn_secret
        return {
            "t": kind,
            "you": client.id,
            "resume": client.resume,
            "host": place.room.is_host(client.id),
            "capacity": place.room.capacity,
            "peers": [shown(other) for other in place.room.inside.values() if other.id != client.id],
            "ice": ice_servers(
                self._settings.room_server_ice_servers,
                secret.get_secret_value() if secret is not None else None,
                client.id,
                clock.now(),
            ),
        }

    async def _knock(self, place: OpenRoom, client: Client, *, cancelled: bool) -> None:
        if cancelled:
            if client.id in place.room.knocking:
                place.room.leave(client.id)
                await self._hall.knocked(place, client, cancelled=True)
        elif client.id not in place.room.inside and place.room.knock(client):
            await self._line.send({"t": "waiting"})
            await self._hall.knocked(place, client)

    async def _decide(self, place: OpenRoom, host: Client, client_id: str, *, admit: bool) -> None:
        client = place.room.knocking.get(client_id)
        if client is None:
            return
        if not admit:
            if place.room.reject(host.id, client_id):
                await self._hall.send(place, client_id, {"t": "rejected"})
                await self._hall.knocked(place, client, cancelled=True)
            return
        arrival = place.room.admit(host.id, client_id)
        if arrival is Arrival.WELCOME:
            await self._hall.send(place, client_id, self._scene("welcome", place, client))
            await self._hall.came_in(place, client)
        elif arrival is not None:
            await self._line.send({"t": "full", "capacity": place.room.capacity})

    async def _go(self, place: OpenRoom, client: Client, *, for_all: bool) -> None:
        if for_all and place.room.is_host(client.id):
            await self._hall.end(place, "ended")
            return
        self._place = self._client = None
        place.lines.pop(client.id, None)
        if place.room.leave(client.id) is not None:
            await self._hall.went_out(place, client)

    async def lost(self) -> None:
        """The connection is gone: keep the place for a while, unless another connection has taken over."""
        place, client = self._place, self._client
        if place is None or client is None or place.lines.get(client.id) is not self._line:
            return
        del place.lines[client.id]
        if client.id in place.room.knocking:
            place.room.leave(client.id)
            await self._hall.knocked(place, client, cancelled=True)
        place.room.lose(client.id, clock.now())
        self._hall.forget_if_empty(place)
