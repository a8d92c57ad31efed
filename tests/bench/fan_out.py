"""Raw WebSocket clients that only note when a frame came, and a bare fan-out from Redis to them to compare with.

python -m tests.bench.fan_out PORT REDIS_URL     the bare server
"""

import asyncio
import base64
import os
import secrets
import statistics
import sys
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from functools import partial
from typing import Any, cast

import uvloop
from aiohttp import web
from redis.asyncio import Redis

from tests.bench.join import free_port, served

ROUNDS = 3
BARE_CHANNEL = "bench-bare"


class Page(asyncio.Protocol):
    """A raw WebSocket client: shakes hands, says that it is there, notes when a frame with `wanted` in it came."""

    def __init__(self, request: bytes, hello: bytes | None, wanted: bytes) -> None:
        self._request, self._hello, self.wanted = request, hello, wanted
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.came: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        self._upgraded = False
        self.size = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        if not self._upgraded:
            if b" 101 " not in data[:20]:
                raise SystemExit(data.decode(errors="replace")[:300])
            self._upgraded = True
            if self._hello is not None:
                self.transport.write(self._hello)
            self.ready.set_result(None)
        elif data[0] == 0x89:  # a ping; without its pong the server lets a page go
            self.transport.write(bytes([0x8A, 0x80, 0, 0, 0, 0]))
        if self.wanted in data and not self.came.done():
            self.size = len(data)
            self.came.set_result(time.perf_counter())

    def again(self, wanted: bytes) -> None:
        """Wait for the next such frame."""
        self.wanted = wanted
        self.came = asyncio.get_running_loop().create_future()


def handshake(path: str, port: int, cookie: str = "") -> bytes:
    """The request for a WebSocket."""
    key = base64.b64encode(secrets.token_bytes(16)).decode()
    lines = [
        f"GET {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", "Upgrade: websocket", "Connection: Upgrade",
        f"Sec-WebSocket-Key: {key}", "Sec-WebSocket-Version: 13", f"Origin: http://127.0.0.1:{port}",
        *([f"Cookie: {cookie}"] if cookie else []), "", "",
    ]  # fmt: skip
    return "\r\n".join(lines).encode()


def masked(text: str) -> bytes:
    """A client's text frame of less than 126 bytes; the mask is nought."""
    payload = text.encode()
    return bytes([0x81, 0x80 | len(payload), 0, 0, 0, 0]) + payload


async def connected(pages: Sequence[tuple[int, bytes, bytes | None]], wanted: bytes) -> list[Page]:
    """Open a socket for each, some at a time."""
    loop = asyncio.get_running_loop()
    found: list[Page] = []
    for begin in range(0, len(pages), 50):
        some = [
            (await loop.create_connection(partial(Page, request, hello, wanted), "127.0.0.1", port))[1]
            for port, request, hello in pages[begin : begin + 50]
        ]
        async with asyncio.timeout(60):
            await asyncio.gather(*(page.ready for page in some))
        found += some
    return found


@dataclass
class Took:
    """Seconds from the click to each page."""

    pages: list[float] = field(default_factory=list)

    def __str__(self) -> str:
        ordered = sorted(self.pages)
        p99 = ordered[max(0, round(len(ordered) * 0.99) - 1)]
        return f"median {statistics.median(ordered):.3f} s, p99 {p99:.3f} s, last {ordered[-1]:.3f} s"

    @property
    def last(self) -> float:
        """The last page."""
        return max(self.pages)


async def all_told(pages: Sequence[Page], began: float) -> Took:
    """Wait for every page."""
    async with asyncio.timeout(120):
        return Took([came - began for came in await asyncio.gather(*(page.came for page in pages))])


async def bare_fan_out(count: int, redis_url: str, size: int) -> Took:
    """The best of some rounds."""
    ports = [free_port(), free_port()]
    async with AsyncExitStack() as stack:
        for port in ports:
            command = [sys.executable, "-m", "tests.bench.fan_out", str(port), redis_url]
            await stack.enter_async_context(served(command, port, "/", dict(os.environ)))
        pages = await connected(
            [(ports[number % 2], handshake("/ws", ports[number % 2]), None) for number in range(count)], b"tick"
        )
        redis = Redis.from_url(redis_url)
        best: Took | None = None
        for _ in range(ROUNDS):
            for page in pages:
                page.again(b"tick")
            began = time.perf_counter()
            await redis.publish(BARE_CHANNEL, "tick" + "x" * (size - 4))
            took = await all_told(pages, began)
            best = took if best is None or took.last < best.last else best
        await redis.aclose()
        for page in pages:
            page.transport.abort()
    assert best is not None
    return best


def bare(port: int, redis_url: str) -> None:
    """The bare server: whatever Redis publishes goes to every socket."""
    sockets: set[web.WebSocketResponse] = set()

    async def ws(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(compress=False)
        await socket.prepare(request)
        sockets.add(socket)
        async for _ in socket:
            pass
        sockets.discard(socket)
        return socket

    async def listen(_app: web.Application) -> Any:
        async def pass_on() -> None:
            async with Redis.from_url(redis_url).pubsub() as pubsub:
                await pubsub.subscribe(BARE_CHANNEL)
                async for message in pubsub.listen():
                    if message["type"] == "message":
                        text = message["data"].decode()
                        await asyncio.gather(*(socket.send_str(text) for socket in list(sockets)))

        task = asyncio.create_task(pass_on())
        yield
        task.cancel()

    async def root(_request: web.Request) -> web.Response:
        return web.Response()

    app = web.Application()
    app.router.add_get("/ws", ws)
    app.router.add_get("/", root)
    app.cleanup_ctx.append(listen)
    uvloop.install()
    web.run_app(app, host="127.0.0.1", port=port, print=None, access_log=None)


if __name__ == "__main__":
    bare(int(sys.argv[1]), sys.argv[2])
