"""GET /live: the WebSocket of a page. The messages are written down in `docs/live-protocol.md`."""

import asyncio
import contextlib
import json
import uuid
from typing import Any
from urllib.parse import urlsplit

from aiohttp import WSMsgType, web

from config import clock
from config.metrics import SOCKETS
from rooms.seating.service.topics import topics_of_coordinator, topics_of_person
from rooms.seating.views.hub import HEARTBEAT, HUB, Page, Socket
from rooms.store.scope import OneCentre
from rooms.web.errors import Forbidden
from rooms.web.keys import IDENTITY, LANGUAGE, SETTINGS, STORE, Identity, Who

_LARGEST_MESSAGE = 4096
_MOST_SESSIONS = 100
NOT_ANY_MORE = 4401


async def live(request: web.Request) -> web.StreamResponse:
    """Tell a page when to ask again, and hear from it that it is there."""
    _check_origin(request)
    identity = request[IDENTITY]
    hub = request.app[HUB]
    ws = web.WebSocketResponse(heartbeat=HEARTBEAT, compress=False, max_msg_size=_LARGEST_MESSAGE)
    await ws.prepare(request)
    socket = Socket(ws, Page(identity.person, identity.link_id, request[LANGUAGE]))
    hub.add(socket)
    SOCKETS.inc()
    writer = asyncio.create_task(socket.write())
    try:
        if await _follow(request, socket, identity, ()):
            await hub.until_listening()
            await socket.answer({"type": "hello"})
            await _read(request, ws, socket, identity)
    finally:
        writer.cancel()
        hub.remove(socket)
        SOCKETS.dec()
        with contextlib.suppress(asyncio.CancelledError):
            await writer
    return ws


async def _read(request: web.Request, ws: web.WebSocketResponse, socket: Socket, identity: Identity) -> None:
    async for frame in ws:
        if frame.type is not WSMsgType.TEXT:
            continue
        message = _message(frame.data)
        match message.get("type"):
            case "ping":
                await socket.answer({"type": "pong"})
            case "here":
                socket.stay = _uuid(message.get("stay"))
            case "gone":
                socket.stay = None
            case "follow":
                sessions = message.get("sessions")
                wished = [_uuid(one) for one in sessions[:_MOST_SESSIONS]] if isinstance(sessions, list) else []
                if not await _follow(request, socket, identity, [one for one in wished if one is not None]):
                    return


async def _follow(
    request: web.Request, socket: Socket, identity: Identity, session_ids: list[uuid.UUID] | tuple[()]
) -> bool:
    """Look up what the page may follow. A page whose link was replaced is closed; then False."""
    async with request.app[STORE].work(OneCentre(identity.centre)) as work:
        if identity.who is Who.COORDINATOR:
            topics: set[str] | None = await topics_of_coordinator(work, identity.centre, session_ids)
        else:
            topics = await topics_of_person(work, identity.person, identity.link_id, clock.now())
    if topics is None:
        await socket.close(NOT_ANY_MORE)
        return False
    request.app[HUB].follow(socket, topics)
    return True


def _check_origin(request: web.Request) -> None:
    """Raise Forbidden unless a page of ours asks: browsers send our cookies with any site's WebSocket."""
    asking = urlsplit(request.headers.get("Origin", "")).netloc
    if not asking or asking not in {urlsplit(request.app[SETTINGS].public_url).netloc, request.host}:
        raise Forbidden


def _message(text: str) -> dict[str, Any]:
    try:
        message = json.loads(text)
    except ValueError:
        return {}
    return message if isinstance(message, dict) else {}


def _uuid(text: object) -> uuid.UUID | None:
    try:
        return uuid.UUID(text) if isinstance(text, str) else None
    except ValueError:
        return None
