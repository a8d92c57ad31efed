"""The WebSocket of a room's page: messages in, the state machine's answers out. See `docs/room-protocol.md`."""

import asyncio
import secrets
import time
from collections import deque
from typing import Any
from urllib.parse import urlsplit

import structlog
from aiohttp import WSMsgType, web

from config import clock
from rooms.roomserver import wire
from rooms.roomserver.auth import role_of
from rooms.roomserver.hall import AFTER_END, Hall, OpenRoom, peer
from rooms.roomserver.ice import ice_servers
from rooms.roomserver.keys import HALL, SETTINGS
from rooms.roomserver.lines import SocketLine
from rooms.roomserver.room import Arrival, Client, Role

log = structlog.get_logger(__name__)

#: Seconds between pings. A phone that lost its network is noticed after at most one and a half of these.
_HEARTBEAT = 8
#: Seconds that a page may take to say hello.
_PATIENCE = 10
#: Seconds that a page may take to answer our closing.
_CLOSING = 2


async def signalling(request: web.Request) -> web.StreamResponse:
    """GET /ws/{name}: one page's connection to its room, from its hello to its good-bye."""
    origin = urlsplit(request.app[SETTINGS].room_server_url)
    if request.headers.get("Origin", "") != f"{origin.scheme}://{origin.netloc}":
        return web.Response(status=403)
    socket = web.WebSocketResponse(heartbeat=_HEARTBEAT, timeout=_CLOSING, max_msg_size=wire.MOST_BYTES, compress=False)
    await socket.prepare(request)
    line = SocketLine(socket)
    writing = asyncio.create_task(line.write())
    talk = _Talk(request, line)
    try:
        await talk.listen(socket)
    finally:
        await talk.lost()
        line.hang_up()
        await writing
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
        """Do what the page says until it stops, or says what it must not."""
        try:
            await self._on(await self._read(socket, _PATIENCE))
            while True:
                await self._on(await self._read(socket, None))
        except (wire.BadMessage, TimeoutError):
            return

    async def _read(self, socket: web.WebSocketResponse, patience: float | None) -> wire.ClientMessage:
        frame = await socket.receive(patience)
        if frame.type is not WSMsgType.TEXT:
            raise wire.BadMessage
        if self._is_too_fast():
            log.info("a page sends too much")
            raise wire.BadMessage
        return wire.read(frame.data)

    def _is_too_fast(self) -> bool:
        now = time.monotonic()
        full = len(self._times) == self._times.maxlen
        self._times.append(now)
        return full and now - self._times[0] < 10

    async def _on(self, message: wire.ClientMessage) -> None:
        if isinstance(message, wire.Hello):
            await self._hello(message)
            return
        if isinstance(message, wire.Ping):
            self._line.send({"t": "pong"})
            self._heard_all(message.seen)
            return
        place, client = self._place, self._client
        if place is None or client is None or not self._hall.is_open(place):
            return
        if message.n is not None:
            if message.n <= client.heard:
                return  # said before the connection broke, and heard
            client.heard = message.n
        if client.id in place.room.inside:
            await self._from_inside(place, client, message)
        elif isinstance(message, wire.Knock):
            await self._knock(place, client, cancelled=message.t == "cancel_knock")

    async def _from_inside(self, place: OpenRoom, client: Client, message: wire.ClientMessage) -> None:
        match message:
            case wire.Signal(to=to, data=data) if to in place.room.inside:
                self._hall.send(place, to, {"t": "signal", "from": client.id, "data": data})
            case wire.Media(audio=audio, video=video) if client.role is not Role.VIEWER:
                client.audio, client.video = audio, video
                told = {"t": "media", "id": client.id, "audio": audio, "video": video}
                self._hall.tell_others(place, client.id, told)
                if place.conference is not None:
                    place.conference.media(client)
            case wire.Decide(t=kind, id=client_id):
                await self._decide(place, client, client_id, admit=kind == "admit")
            case wire.Go(t="end") if client.role is Role.HOST:
                await self._hall.end(place, "ended")
            case wire.Go(t="leave"):
                self._place = self._client = None
                place.room.leave(client.id)
                await self._hall.went_out(place, client)
            case wire.Connect() | wire.Publish() | wire.Answer() | wire.Trickle() | wire.Watch() | wire.Renew() if (
                place.conference is not None
            ):
                place.conference.heard(client.id, message)
            case _:
                return

    def _heard_all(self, seen: int) -> None:
        """The page has what we said up to this number."""
        if self._place is not None and self._client is not None:
            replay = self._place.replays.get(self._client.id)
            if replay is not None:
                replay.forget(seen)

    async def _hello(self, hello: wire.Hello) -> None:
        if self._client is not None:
            return
        meeting = await self._hall.meetings.by_name(self._name)
        if meeting is None:
            self._line.send({"t": "removed", "reason": "deleted"})
            self._line.hang_up()
            return
        place = self._hall.open(meeting)
        if hello.resume and self._come_back(place, hello.resume, hello.seen):
            return
        host_rights = clock.now() <= meeting.end_date + AFTER_END
        role = role_of(meeting, hello.key if host_rights else None)
        client = self._client = Client(
            id=secrets.token_hex(8),
            resume=secrets.token_urlsafe(24),
            name=hello.name,
            external_id=hello.external_id,
            metadata=hello.metadata,
            role=role,
            audio=hello.audio and role is not Role.VIEWER,
            video=hello.video and role is not Role.VIEWER,
        )
        self._place = place
        place.lines[client.id] = self._line
        replaced = place.room.take_over(client)
        arrival = place.room.arrive(client)
        if arrival is Arrival.WELCOME:
            await self._hall.came_in(place, client, self._scene("welcome", place, client))
        else:
            self._line.send({"t": arrival.value, "capacity": place.room.capacity})
        if replaced:
            await self._hall.went_out(place, *replaced)

    def _come_back(self, place: OpenRoom, secret: str, seen: int) -> bool:
        """Take up a stay that a broken connection interrupted. False when that is too long ago."""
        client = place.room.resume(secret)
        if client is None:
            return False
        missed = place.replays[client.id].after(seen)
        old = place.lines.pop(client.id, None)
        if old is not None:
            old.hang_up()
        if missed is None:
            place.room.lose(client.id, clock.now())
            return False
        self._place, self._client = place, client
        place.lines[client.id] = self._line
        self._line.send(self._scene("resumed", place, client))
        for message in missed:
            self._line.send(message)
        return True

    def _scene(self, kind: str, place: OpenRoom, client: Client) -> dict[str, Any]:
        """What a page needs to know to begin, or to go on."""
        secret = self._settings.room_server_turn_secret
        return {
            "t": kind,
            "you": client.id,
            "resume": client.resume,
            "heard": client.heard,
            "role": client.role.value,
            "capacity": place.room.capacity,
            "sfu": place.conference.scene if place.conference is not None else None,
            "peers": [peer(other, client) for other in place.room.inside.values() if other.id != client.id],
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
        elif client.id not in place.room.knocking and place.room.knock(client):
            self._line.send({"t": "waiting"})
            await self._hall.knocked(place, client)

    async def _decide(self, place: OpenRoom, host: Client, client_id: str, *, admit: bool) -> None:
        client = place.room.knocking.get(client_id)
        if client is None:
            return
        if not admit:
            if place.room.reject(host.id, client_id):
                self._hall.send(place, client_id, {"t": "rejected"})
                await self._hall.knocked(place, client, cancelled=True)
            return
        arrival = place.room.admit(host.id, client_id)
        if arrival is Arrival.WELCOME:
            self._hall.tell_hosts(place, {"t": "knocker_gone", "id": client_id, "name": client.name})
            await self._hall.came_in(place, client, self._scene("welcome", place, client))
        elif arrival is Arrival.FULL:
            self._hall.send(place, host.id, {"t": "no_place", "id": client_id})

    async def lost(self) -> None:
        """The connection is gone: keep the place for a while, unless another connection has taken over."""
        place, client = self._place, self._client
        if place is None or client is None or place.lines.get(client.id) is not self._line:
            return
        del place.lines[client.id]
        was_knocking = client.id in place.room.knocking
        place.room.lose(client.id, clock.now())
        if was_knocking:
            await self._hall.knocked(place, client, cancelled=True)
        self._hall.forget_if_empty(place)
