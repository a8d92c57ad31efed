"""The room server put together: an application of its own that the orchestrator reaches only by HTTP."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

from aiohttp import web

from config import logging
from config.settings import RoomServerSettings
from rooms.roomserver import api, pages
from rooms.roomserver.auth import Points
from rooms.roomserver.hall import Hall
from rooms.roomserver.keys import HALL, POINTS, SETTINGS, TEMPLATES
from rooms.roomserver.meetings import Database, Meetings
from rooms.roomserver.mesh import MOST_PEOPLE
from rooms.roomserver.signalling import signalling
from rooms.roomserver.webhooks import Outbox


def make_app(settings: RoomServerSettings) -> web.Application:
    """The application, ready to run."""
    app = web.Application(middlewares=[api.api_rules])
    app[SETTINGS] = settings
    app[POINTS] = Points(settings.room_server_points_per_minute)
    app[TEMPLATES] = pages.make_templates()
    app.cleanup_ctx.append(_resources)
    app.router.add_post("/v1/meetings", api.create)
    app.router.add_get("/v1/meetings", api.list_all)
    app.router.add_get("/v1/meetings/{id}", api.get)
    app.router.add_delete("/v1/meetings/{id}", api.delete)
    app.router.add_get("/health", _health)
    app.router.add_static("/static", pages.HERE / "static")
    app.router.add_get("/ws/{name}", signalling)
    app.router.add_get("/{name}", pages.room_page)
    return app


async def _resources(app: web.Application) -> AsyncIterator[None]:
    settings = app[SETTINGS]
    database = Database(settings.room_server_data)
    outbox = Outbox(database, settings.room_server_webhook_url, settings.room_server_webhook_secret.get_secret_value())
    hall = app[HALL] = Hall(Meetings(database), outbox)
    tasks = [asyncio.create_task(outbox.deliver()), asyncio.create_task(_expire(hall))]
    app.on_shutdown.append(_hang_up)
    yield
    for task in tasks:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
    database.close()


async def _expire(hall: Hall) -> None:
    while True:
        await asyncio.sleep(1)
        await hall.expire()


async def _hang_up(app: web.Application) -> None:
    await app[HALL].hang_up_all()


async def _health(_request: web.Request) -> web.Response:
    """GET /health: alive, and how large rooms really are without an SFU."""
    return web.json_response({"ok": True, "sfu": False, "group_capacity": MOST_PEOPLE})


def run(settings: RoomServerSettings) -> None:
    """Serve until SIGTERM."""
    logging.set_up(settings.log_level, "roomserver")
    web.run_app(
        make_app(settings),
        host=settings.room_server_host,
        port=settings.room_server_port,
        print=None,
        access_log=None,
        shutdown_timeout=3,
    )
