"""The room server inside this process, with faults on demand: for whoever calls the provider."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import web
from aiohttp.test_utils import TestServer
from pydantic import SecretStr

from config.settings import DEMO_SECRET, RoomServerSettings
from rooms.roomserver.app import make_app

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
#: Sees a call of the API and the way on; may answer otherwise, later, or not at all.
Fault = Callable[[web.Request, Handler], Awaitable[web.StreamResponse]]


@dataclass
class Provider:
    """A provider that notes what it was asked. `fault` may be changed at any moment."""

    url: str = ""
    fault: Fault | None = None
    #: Method and path of each call, in turn.
    calls: list[tuple[str, str]] = field(default_factory=list)
    #: Rooms that were made and deleted, by the prefixes of their names.
    made: list[str] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)

    def count(self, method: str) -> int:
        """How often it was called so."""
        return sum(1 for called, _path in self.calls if called == method)

    async def answer(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Note a call of the API, then let it through or to the fault."""
        if not request.path.startswith("/v1/"):
            return await handler(request)
        self.calls.append((request.method, request.path))
        if request.method == "POST":
            prefix = (await request.json())["roomNamePrefix"]

            async def note(request: web.Request) -> web.StreamResponse:
                response = await handler(request)
                if response.status == 201:
                    self.made.append(prefix)
                return response

            return await (self.fault(request, note) if self.fault else note(request))
        response = await (self.fault(request, handler) if self.fault else handler(request))
        if request.method == "DELETE" and response.status == 204:
            self.deleted.append(request.match_info["id"])
        return response


@asynccontextmanager
async def provider_with_faults(folder: Path, *, points: int = 10_000) -> AsyncIterator[Provider]:
    """A running provider with its data in `folder`."""
    provider = Provider()
    app = make_app(
        RoomServerSettings(
            room_server_url="http://localhost:8081",
            room_server_api_keys=SecretStr(DEMO_SECRET),
            room_server_webhook_secret=SecretStr(DEMO_SECRET),
            room_server_allowed_origins=("http://localhost:8080",),
            room_server_data=folder,
            room_server_points_per_minute=points,
        )
    )

    @web.middleware
    async def watch(request: web.Request, handler: Handler) -> web.StreamResponse:
        return await provider.answer(request, handler)

    app.middlewares.append(watch)
    async with TestServer(app) as server:
        provider.url = str(server.make_url("/v1"))
        yield provider


async def away(_request: web.Request, _handler: Handler) -> web.StreamResponse:
    """A fault: nothing works."""
    return web.Response(status=503)


async def loses_answers(request: web.Request, handler: Handler) -> web.StreamResponse:
    """A fault: what was asked is done, but nobody hears of it."""
    await handler(request)
    if request.transport is not None:
        request.transport.close()
    await asyncio.Event().wait()
    raise AssertionError("the connection is closed")
