"""Limits on what can be guessed or flooded. Fixed windows in Redis; when Redis is away the answer is no."""

import hashlib
import hmac

from aiohttp import web
from redis.exceptions import RedisError

from rooms.store.redis import rate_key
from rooms.web.errors import TooManyRequests
from rooms.web.keys import REDIS, SETTINGS

_HIT = "local n = redis.call('incr', KEYS[1]) if n == 1 then redis.call('expire', KEYS[1], ARGV[1]) end return n"


def client_address(request: web.Request) -> str:
    """The caller's address: the peer, or what our own proxies say of it (`TRUSTED_PROXIES`, counted from the right)."""
    proxies = request.app[SETTINGS].trusted_proxies
    peer = request.remote or ""
    if not proxies:
        return peer
    hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",") if hop.strip()]
    return hops[-proxies] if len(hops) >= proxies else peer


def pseudonym(request: web.Request, value: str) -> str:
    """A keyed hash, so that Redis holds no address of a person."""
    key = next(iter(request.app[SETTINGS].key_ring.values()))
    return hmac.new(key.encode(), b"rate:" + value.encode(), hashlib.sha256).hexdigest()[:32]


async def hit(request: web.Request, purpose: str, who: str, *, tries: int, seconds: int) -> None:
    """Count one try of `who`. Raises TooManyRequests after `tries` within `seconds`, and when Redis does not answer."""
    key = rate_key(purpose, pseudonym(request, who))
    try:
        count = int(await request.app[REDIS].eval(_HIT, 1, key, seconds))
    except (RedisError, OSError) as error:
        raise TooManyRequests(60) from error
    if count > tries:
        raise TooManyRequests(seconds)
