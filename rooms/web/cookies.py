"""Cookies: httpOnly, SameSite=Lax, and on https with the `__Host-` prefix, which no other host can set."""

from aiohttp import web

from rooms.web.keys import SETTINGS


def _name(request: web.Request, name: str) -> str:
    return f"__Host-{name}" if request.app[SETTINGS].secure_cookies else name


def read(request: web.Request, name: str) -> str | None:
    """The value the browser sent, unverified."""
    return request.cookies.get(_name(request, name))


def write(request: web.Request, response: web.StreamResponse, name: str, value: str, seconds: int) -> None:
    """Set a cookie for so many seconds."""
    response.set_cookie(
        _name(request, name),
        value,
        max_age=seconds,
        path="/",
        httponly=True,
        secure=request.app[SETTINGS].secure_cookies,
        samesite="Lax",
    )


def drop(request: web.Request, response: web.StreamResponse, name: str) -> None:
    """Have the browser forget it."""
    response.del_cookie(
        _name(request, name), path="/", secure=request.app[SETTINGS].secure_cookies, httponly=True, samesite="Lax"
    )
