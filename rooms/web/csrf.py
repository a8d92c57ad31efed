"""CSRF tokens: a random cookie, and its keyed hash in every form of ours (or the `X-CSRF-Token` header of a script).

Another site can make a browser send the cookie, but knows neither it nor the key (OWASP: signed double submit).
"""

import hashlib
import hmac
import secrets

from aiohttp import web

from rooms.web import cookies
from rooms.web.errors import Forbidden
from rooms.web.guard import Handler, rule_of
from rooms.web.keys import CSRF, SETTINGS

COOKIE = "csrf"
FIELD = "csrf_token"
HEADER = "X-CSRF-Token"
_YEAR = 365 * 24 * 3600
_SAFE = {"GET", "HEAD", "OPTIONS"}


def sign(key: str, cookie: str) -> str:
    """The token that goes with a cookie."""
    return hmac.new(key.encode(), b"csrf:" + cookie.encode(), hashlib.sha256).hexdigest()


def token(request: web.Request) -> str:
    """The token for the forms of the page that answers this request."""
    if CSRF not in request:
        request[CSRF] = cookies.read(request, COOKIE) or secrets.token_urlsafe(18)
    return sign(_keys(request)[0], request[CSRF])


def _keys(request: web.Request) -> list[str]:
    return list(request.app[SETTINGS].key_ring.values())


async def _is_ours(request: web.Request) -> bool:
    cookie = cookies.read(request, COOKIE)
    if not cookie:
        return False
    given = request.headers.get(HEADER) or str((await request.post()).get(FIELD, ""))
    return any(hmac.compare_digest(sign(key, cookie).encode(), given.encode()) for key in _keys(request))


@web.middleware
async def csrf(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse a change that did not come from a page of ours; give the browser its cookie when a page used a token."""
    rule = rule_of(request)
    if request.method not in _SAFE and rule is not None and rule.csrf and not await _is_ours(request):
        raise Forbidden
    response = await handler(request)
    if CSRF in request and cookies.read(request, COOKIE) != request[CSRF] and not response.prepared:
        cookies.write(request, response, COOKIE, request[CSRF], _YEAR)
    return response
