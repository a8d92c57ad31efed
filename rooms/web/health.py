"""Is this process alive, can it do its work, and what has it counted."""

import asyncio
import hmac
import time

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from redis.exceptions import RedisError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from rooms.store.redis import HEARTBEAT
from rooms.web.errors import NotFound
from rooms.web.guard import ANYONE, Route
from rooms.web.keys import REDIS, SETTINGS, STORE

#: Seconds. Beat sets a worker's heart beating every ten; the provider is asked every minute.
_WORKER_SILENCE = 45
_PROVIDER_SILENCE = 180


async def alive(_request: web.Request) -> web.Response:
    """GET /healthz: this process answers."""
    return web.Response(text="ok")


async def ready(request: web.Request) -> web.Response:
    """GET /readyz: 200 when database, Redis, worker and provider are there, else 503; which are, as JSON."""
    database, parts = await asyncio.gather(_database(request), _redis_and_beyond(request))
    found = {"database": database, **parts}
    return web.json_response(found, status=200 if all(found.values()) else 503)


async def _database(request: web.Request) -> bool:
    try:
        async with asyncio.timeout(3), request.app[STORE].engine.connect() as connection:
            await connection.execute(text("select 1"))
    except (SQLAlchemyError, OSError, TimeoutError):
        return False
    return True


async def _redis_and_beyond(request: web.Request) -> dict[str, bool]:
    try:
        beats = await request.app[REDIS].hgetall(HEARTBEAT)
    except (RedisError, OSError):
        return {"redis": False, "worker": False, "provider": False}
    now = time.time()
    return {
        "redis": True,
        "worker": now - float(beats.get("worker", 0)) < _WORKER_SILENCE,
        "provider": now - float(beats.get("provider", 0)) < _PROVIDER_SILENCE,
    }


async def metrics(request: web.Request) -> web.Response:
    """GET /metrics for Prometheus, behind a bearer token when one is set."""
    token = request.app[SETTINGS].metrics_token
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if token is not None and not hmac.compare_digest(token.get_secret_value().encode(), given.encode()):
        raise NotFound
    return web.Response(body=generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})


ROUTES = (
    Route("GET", "/healthz", alive, ANYONE),
    Route("GET", "/readyz", ready, ANYONE),
    Route("GET", "/metrics", metrics, ANYONE),
)
