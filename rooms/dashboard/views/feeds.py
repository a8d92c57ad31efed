"""/circles/{id}/feed: the address at which calendars read a group's sessions."""

from aiohttp import web

from config import clock
from rooms.access.service.feeds import feed_address, feed_code
from rooms.dashboard.views.frame import id_in, show
from rooms.people.records.circles import Circle
from rooms.people.service.circles import circle_of
from rooms.web.errors import NotFound
from rooms.web.guard import COORDINATORS, Route
from rooms.web.keys import IDENTITY, SETTINGS
from rooms.web.work import work_of


async def ask(request: web.Request) -> web.StreamResponse:
    """GET /circles/{id}/feed: what it is for. It is not shown before somebody wants to see it."""
    return await show(request, "dashboard/feed.html", circle=await _circle(request), address=None)


async def reveal(request: web.Request) -> web.StreamResponse:
    """POST /circles/{id}/feed: the address."""
    return await _show(request, anew=False)


async def make_new(request: web.Request) -> web.StreamResponse:
    """POST /circles/{id}/new-feed: another address. Whoever has the old one sees nothing any more."""
    return await _show(request, anew=True)


async def _show(request: web.Request, *, anew: bool) -> web.Response:
    circle, settings = await _circle(request), request.app[SETTINGS]
    code = await feed_code(
        work_of(request),
        circle,
        settings.key_ring,
        actor_id=request[IDENTITY].person,
        now=clock.now(),
        anew=anew,
    )
    address = feed_address(settings.public_url, code)
    return await show(request, "dashboard/feed.html", circle=circle, address=address, is_new=anew)


async def _circle(request: web.Request) -> Circle:
    try:
        return await circle_of(work_of(request), id_in(request))
    except LookupError as error:
        raise NotFound from error


ROUTES = (
    Route("GET", "/circles/{id}/feed", ask, COORDINATORS),
    Route("POST", "/circles/{id}/feed", reveal, COORDINATORS),
    Route("POST", "/circles/{id}/new-feed", make_new, COORDINATORS),
)
