"""The page of the mailbox, for developers and demonstrations: no sign-in, loopback only, scripts nowhere."""

from pathlib import Path

from aiohttp import web
from markupsafe import Markup

from config import i18n
from rooms.embedded.mailbox.links import with_links
from rooms.embedded.mailbox.store import MailStore, Message
from rooms.web.assets import Assets
from rooms.web.pages import Pages

_HERE = Path(__file__).parent
_TEMPLATES = [_HERE / "templates", _HERE.parents[1] / "web" / "templates"]
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self' data:; frame-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
#: A message's own HTML: no script, nothing loaded from anywhere, links open in a new tab as ordinary pages.
_MESSAGE_POLICY = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; "
    "img-src data:; frame-ancestors 'self'"
)
_STORE = web.AppKey("mail", MailStore)
_PAGES = web.AppKey("pages", Pages)
_LANGUAGE_COOKIE = "mailbox_language"


def make_page(store: MailStore) -> web.Application:
    """The web application of the mailbox."""
    assets = Assets()
    app = web.Application()
    app[_STORE] = store
    app[_PAGES] = Pages(_TEMPLATES, assets)
    app.add_routes(
        [
            web.get("/", _list),
            web.get("/health", _health),
            web.get("/favicon.ico", _no_icon),
            web.get("/messages.json", _json),
            web.get("/messages/{id}", _message),
            web.get("/messages/{id}/html", _message_html),
            web.get("/messages/{id}/calendar.ics", _calendar),
            web.get("/mailbox.css", _style),
            web.get("/static/{hash}/{name:.+}", assets.serve),
        ]
    )
    app.on_response_prepare.append(_add_headers)
    return app


async def _add_headers(_request: web.Request, response: web.StreamResponse) -> None:
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)


async def _list(request: web.Request) -> web.Response:
    wanted = request.query.get("to", "")
    return _render(request, "mailbox/list.html", messages=request.app[_STORE].newest_first(wanted), wanted=wanted)


async def _json(request: web.Request) -> web.Response:
    messages = request.app[_STORE].newest_first(request.query.get("to", ""))
    return web.json_response([message.as_json() for message in messages])


async def _message(request: web.Request) -> web.Response:
    message = _found(request)
    return _render(request, "mailbox/message.html", message=message, text=with_links(message.text))


async def _message_html(request: web.Request) -> web.Response:
    body = Markup('<!doctype html><base target="_blank">') + Markup(_found(request).html)  # noqa: S704 - sandboxed
    return web.Response(text=body, content_type="text/html", headers={"Content-Security-Policy": _MESSAGE_POLICY})


async def _calendar(request: web.Request) -> web.Response:
    return web.Response(text=_found(request).calendar, content_type="text/calendar")


async def _style(_request: web.Request) -> web.FileResponse:
    return web.FileResponse(_HERE / "mailbox.css")


async def _health(_request: web.Request) -> web.Response:
    return web.Response(text="ok")


async def _no_icon(_request: web.Request) -> web.Response:
    return web.Response(status=204)  # browsers ask, and complain about a 404


def _found(request: web.Request) -> Message:
    message = request.app[_STORE].get(request.match_info["id"])
    if message is None:
        raise web.HTTPNotFound
    return message


def _render(request: web.Request, template: str, **values: object) -> web.Response:
    asked = i18n.known(request.query.get("lang"))
    language = i18n.choose(
        asked, request.cookies.get(_LANGUAGE_COOKIE), accept=request.headers.get("Accept-Language", "")
    )
    response = web.Response(
        text=request.app[_PAGES].render(template, language, **values), content_type="text/html", charset="utf-8"
    )
    if asked:
        response.set_cookie(_LANGUAGE_COOKIE, asked, httponly=True, samesite="Lax")
    return response
