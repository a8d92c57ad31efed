"""A gateway for SMS on this machine, reached as `json://` by Apprise: keeps what it takes once for each key."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web


@dataclass(slots=True)
class Gateway:
    """`taken`: (number, text) by idempotency key; `asked` counts requests. `answers`: statuses to give first."""

    url: str = ""
    taken: dict[str, tuple[str, str]] = field(default_factory=dict)
    asked: int = 0
    answers: list[int] = field(default_factory=list)
    #: While not set, a request is taken and its answer does not come.
    answering: asyncio.Event = field(default_factory=asyncio.Event)


@asynccontextmanager
async def sms_gateway() -> AsyncIterator[Gateway]:
    gateway = Gateway()
    gateway.answering.set()

    async def take(request: web.Request) -> web.Response:
        gateway.asked += 1
        status = gateway.answers.pop(0) if gateway.answers else 200
        if status == 200:
            body = await request.json()
            gateway.taken.setdefault(
                request.headers["Idempotency-Key"], (request.match_info["number"], body["message"])
            )
        await gateway.answering.wait()
        return web.Response(status=status)

    app = web.Application()
    app.router.add_post("/send/{number}", take)
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        gateway.url = f"json://127.0.0.1:{runner.addresses[0][1]}/send/{{to}}?+Idempotency-Key={{id}}"
        yield gateway
    finally:
        gateway.answering.set()
        await runner.cleanup()
