"""What the person's pages need of the application."""

from collections.abc import AsyncIterator

from aiohttp import web

from rooms.join.views.shell import Shells
from rooms.store.reader import Reader
from rooms.web.keys import PAGES, SETTINGS

READER = web.AppKey("reader", Reader)
SHELLS = web.AppKey("shells", Shells)


def install(app: web.Application) -> None:
    """Open the reader, and render the shells once, when the application starts."""
    app.cleanup_ctx.append(_resources)


async def _resources(app: web.Application) -> AsyncIterator[None]:
    app[SHELLS] = Shells(app[PAGES])
    app[READER] = reader = Reader(app[SETTINGS].database_url)
    await reader.open()
    yield
    await reader.close()
