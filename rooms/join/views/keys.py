"""What the person's pages need of the application."""

from collections.abc import AsyncIterator
from functools import partial

from aiohttp import web

from rooms.join.views.push import seats_of
from rooms.join.views.shell import Shells
from rooms.seating.views.hub import HUB
from rooms.store.reader import Reader
from rooms.web.keys import PAGES, SETTINGS

READER = web.AppKey("reader", Reader)
SHELLS = web.AppKey("shells", Shells)


def install(app: web.Application) -> None:
    """Open the reader, and render the shells once, when the application starts. After `seating`'s: it needs the hub."""
    app.cleanup_ctx.append(_resources)


async def _resources(app: web.Application) -> AsyncIterator[None]:
    app[SHELLS] = Shells(app[PAGES])
    app[READER] = reader = Reader(app[SETTINGS].database_url)
    await reader.open()
    app[HUB].seats_of = partial(seats_of, reader, app[SETTINGS].room_hosts)
    yield
    await reader.close()
