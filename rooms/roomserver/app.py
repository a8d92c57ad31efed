"""The room server put together: an application of its own that the orchestrator reaches only by HTTP."""

import asyncio
import itertools
import sqlite3
from collections.abc import AsyncIterator
from contextlib import suppress
from functools import partial

import structlog
from aiohttp import web

from config import clock, logging
from config.settings import RoomServerSettings
from rooms.roomserver import api, pages
from rooms.roomserver.conferences import Conferences
from rooms.roomserver.hall import Hall
from rooms.roomserver.keys import DATABASE, HALL, POINTS, SETTINGS, TEMPLATES
from rooms.roomserver.meetings import Database, Meetings
from rooms.roomserver.mesh import capacity
from rooms.roomserver.sfu.janus import JanusSfu
from rooms.roomserver.signalling import signalling
from rooms.roomserver.webhooks import Outbox

log = structlog.get_logger(__name__)


def make_app(settings: RoomServerSettings) -> web.Application:
    """The application, ready to run."""
    app = web.Application(middlewares=[api.api_rules])
    app[SETTINGS] = settings
    app[TEMPLATES] = pages.make_templates()
    app.cleanup_ctx.append(_resources)
    app.on_shutdown.append(_hang_up)
    app.on_response_prepare.append(_add_headers)
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
    database = app[DATABASE] = Database(settings.room_server_data)
    app[POINTS] = await api.kept_points(database, settings.room_server_points_per_minute)
    outbox = Outbox(database, settings.room_server_webhook_url, settings.room_server_webhook_secret.get_secret_value())
    conferences = _conferences(settings)
    hall = app[HALL] = Hall(Meetings(database), outbox, conferences)
    tasks = [asyncio.create_task(outbox.deliver()), asyncio.create_task(_tidy(hall))]
    if conferences is not None:
        tasks.append(asyncio.create_task(conferences.run()))
    yield
    if conferences is not None:
        await conferences.stop()
    for task in tasks:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
    database.close()


def _conferences(settings: RoomServerSettings) -> Conferences | None:
    """What XL rooms run on, if an SFU is set up."""
    if settings.room_server_janus_url is None:
        return None
    janus = partial(
        JanusSfu,
        settings.room_server_janus_url,
        settings.room_server_janus_secret.get_secret_value(),
        settings.room_server_janus_admin_key.get_secret_value(),
    )
    return Conferences(janus, settings.room_server_cameras)


async def _tidy(hall: Hall) -> None:
    """Every second give up kept places; every minute delete what has ended."""
    for second in itertools.count():
        try:
            await hall.expire(clock.now())
            if second % 60 == 0:
                await hall.delete_ended(clock.now())
        except sqlite3.Error:
            log.exception("rooms cannot be tidied")
        await asyncio.sleep(1)


async def _add_headers(_request: web.Request, response: web.StreamResponse) -> None:
    """For all that sets none of its own. Browsers ask each time whether a script has changed: all must fit together."""
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Cache-Control", "no-cache")


async def _hang_up(app: web.Application) -> None:
    app[HALL].hang_up_all()


async def _health(request: web.Request) -> web.Response:
    """GET /health: alive with its rooms readable, and how large `group` rooms really are here."""
    hall = request.app[HALL]
    try:
        await hall.meetings.page(0, 1)
    except sqlite3.Error:
        return web.json_response({"ok": False}, status=503)
    return web.json_response(
        {
            "ok": True,
            "sfu": hall.has_sfu,
            "sfu_problem": hall.sfu_problem,
            "group_capacity": capacity("group", has_sfu=hall.has_sfu),
        }
    )


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
