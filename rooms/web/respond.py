"""Answers of handlers: a page, a fragment, a way on."""

from aiohttp import web

from rooms.web import csrf
from rooms.web.keys import IDENTITY, LANGUAGE, PAGES


def page(request: web.Request, template: str, *, status: int = 200, **values: object) -> web.Response:
    """A page or htmx fragment in the reader's language, with a CSRF token for its forms."""
    text = request.app[PAGES].render(
        template,
        request[LANGUAGE],
        csrf_token=csrf.token(request),
        identity=request[IDENTITY],
        path=request.path,
        **values,
    )
    return web.Response(text=text, status=status, content_type="text/html")


def go_to(address: str) -> web.Response:
    """Have the browser fetch another page (after a form was posted)."""
    return web.Response(status=303, headers={"Location": address})
