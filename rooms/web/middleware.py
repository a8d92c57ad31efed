"""The order in which a request passes: id, measure → headers → errors → who, language → guard → size → CSRF → work."""

import secrets
import time

import structlog
from aiohttp import web

from config import i18n
from config.metrics import REQUESTS
from rooms.web import cookies
from rooms.web.csrf import csrf
from rooms.web.errors import answer
from rooms.web.guard import Handler, guard, rule_of
from rooms.web.headers import security_headers
from rooms.web.keys import IDENTIFY, IDENTITY, LANGUAGE, REQUEST_ID, SETTINGS, WORK

LANGUAGE_COOKIE = "language"
_YEAR = 365 * 24 * 3600


def _route_pattern(request: web.Request) -> str:
    resource = request.match_info.route.resource
    return resource.canonical if resource is not None else "unknown"


@web.middleware
async def measured(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Give the request an id for the log and count its time under its route's pattern, never its address."""
    request[REQUEST_ID] = secrets.token_hex(8)
    structlog.contextvars.bind_contextvars(request_id=request[REQUEST_ID])
    started = time.perf_counter()
    response = await handler(request)
    if isinstance(response, web.WebSocketResponse):
        return response  # open for hours, which is no measure of how fast anything is
    REQUESTS.labels(request.method, _route_pattern(request), response.status).observe(time.perf_counter() - started)
    if not response.prepared:
        response.headers["X-Request-Id"] = request[REQUEST_ID]
    return response


@web.middleware
async def errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn whatever a handler lets through into an answer."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        return error if error.status < 400 else answer(request, error)
    except Exception as error:  # noqa: BLE001 - the last line: the answer table logs what it does not know
        return answer(request, error)


def choose_language(request: web.Request, own: str | None) -> None:
    """Set the request's language. `own`: the caller's, when known; a choice made in this browser comes before it."""
    chosen = i18n.known(request.query.get("lang")) or cookies.read(request, LANGUAGE_COOKIE)
    request[LANGUAGE] = i18n.choose(chosen, own, accept=request.headers.get("Accept-Language", ""))


@web.middleware
async def identity_and_language(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Find out who calls and which language they read.

    The language chosen by `?lang=` in this browser, now or before; else the person's own; else the browser's.
    """
    choose_language(request, None)
    identity = await request.app[IDENTIFY](request)
    request[IDENTITY] = identity
    choose_language(request, identity.language)
    response = await handler(request)
    asked = i18n.known(request.query.get("lang"))
    if asked and not response.prepared:
        cookies.write(request, response, LANGUAGE_COOKIE, asked, _YEAR)
    return response


@web.middleware
async def sized(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let a route that takes files be sent as much as it declares. Before the body is read, which CSRF does."""
    rule = rule_of(request)
    if rule is not None and rule.most_bytes is not None:
        # aiohttp's public way is a clone of the request, whose uploaded files nobody closes.
        request._client_max_size = rule.most_bytes  # noqa: SLF001
    return await handler(request)


@web.middleware
async def transaction(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Commit the request's unit of work once the handler has answered; roll back when it raised."""
    try:
        response = await handler(request)
        if WORK in request:
            await request[WORK].commit()
        return response
    finally:
        if WORK in request:
            await request[WORK].session.close()


MIDDLEWARES = (measured, errors, identity_and_language, guard, sized, csrf, transaction)


def add_security_headers(app: web.Application) -> None:
    """Add the headers of every answer when it is sent, WebSockets and static files included."""
    settings = app[SETTINGS]
    fixed = security_headers(settings.room_hosts, settings.public_url)

    async def add(_request: web.Request, response: web.StreamResponse) -> None:
        for name, value in fixed.items():
            if name not in response.headers:
                response.headers[name] = value

    app.on_response_prepare.append(add)
