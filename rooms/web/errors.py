"""Errors to answers, in one table: our exception → status and what the reader is told.

    WebError                something to tell the caller
    ├── NotFound            404, also for what belongs to somebody else
    ├── SignInNeeded        303 to the sign-in page (401 for scripts)
    ├── Forbidden           403, a missing or wrong CSRF token
    └── TooManyRequests     429, `seconds` until the next try

A page or JSON, whichever the caller asks for. A 500 shows an id that is also in the log, and never its cause.
"""

import structlog
from aiohttp import web
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm.exc import StaleDataError

from config.i18n import marked as _
from rooms.web.keys import LANGUAGE, PAGES, REQUEST_ID

log = structlog.get_logger(__name__)


class WebError(Exception):
    """Something to tell the caller."""


class NotFound(WebError):
    """There is no such thing, or none that this caller may know of."""


class SignInNeeded(WebError):
    """A coordinators' page, and nobody is signed in."""


class Forbidden(WebError):
    """The request did not come from a page of ours, or the page was too old."""


class TooManyRequests(WebError):
    """Too many tries. `seconds` until the next one."""

    def __init__(self, seconds: int) -> None:
        super().__init__()
        self.seconds = seconds


#: exception → (status, heading, what to do)
_ANSWERS: tuple[tuple[type[Exception], int, str, str], ...] = (
    (NotFound, 404, _("There is nothing here"), _("The address may be old or mistyped.")),
    (Forbidden, 403, _("The page was too old"), _("Go back, reload the page and try again.")),
    (web.HTTPRequestEntityTooLarge, 413, _("This is too large"), _("Send less at once. A list may have 2 megabytes.")),
    (TooManyRequests, 429, _("Too many tries"), _("Wait a few minutes and try again.")),
    (StaleDataError, 409, _("Somebody else changed this"), _("Reload the page to see the newest, then try again.")),
    (OperationalError, 503, _("Please wait a moment"), _("The service is very busy. Try again in a minute.")),
    (PoolTimeout, 503, _("Please wait a moment"), _("The service is very busy. Try again in a minute.")),
    (OSError, 503, _("Please wait a moment"), _("The service is very busy. Try again in a minute.")),
)
_UNKNOWN = (500, _("Something went wrong"), _("We have been told. Try again in a moment."))


def wants_json(request: web.Request) -> bool:
    """Whether a script of ours asks rather than a person's browser."""
    return "application/json" in request.headers.get("Accept", "")


def answer(request: web.Request, error: Exception) -> web.Response:
    """The response for an exception that a handler let through."""
    if isinstance(error, SignInNeeded):
        if wants_json(request):
            return web.json_response({"error": "sign_in_needed"}, status=401)
        return web.Response(status=303, headers={"Location": "/sign-in"})
    if isinstance(error, web.HTTPException):
        found: tuple[int, str, str] = next(
            ((status, heading, text) for _kind, status, heading, text in _ANSWERS if status == error.status),
            (error.status, _UNKNOWN[1], _ANSWERS[0][3] if error.status < 500 else _UNKNOWN[2]),
        )
    else:
        found = next(
            ((status, heading, text) for kind, status, heading, text in _ANSWERS if isinstance(error, kind)), _UNKNOWN
        )
    status, heading, text = found
    if status >= 500:
        log.error("request failed", error=type(error).__name__, exc_info=error)
    headers = {"Retry-After": str(error.seconds)} if isinstance(error, TooManyRequests) else {}
    if wants_json(request):
        return web.json_response({"error": status, "id": request[REQUEST_ID]}, status=status, headers=headers)
    page = request.app[PAGES].render(
        "error.html",
        request.get(LANGUAGE, "nb"),
        heading=heading,
        text=text,
        request_id=request[REQUEST_ID] if status >= 500 else None,
    )
    return web.Response(text=page, status=status, content_type="text/html", headers=headers)
