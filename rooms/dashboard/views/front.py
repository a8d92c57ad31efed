"""GET /: for whoever types the bare address."""

from aiohttp import web

from rooms.web.guard import ANYONE, Route
from rooms.web.keys import IDENTITY, Who
from rooms.web.respond import go_to, page


async def front(request: web.Request) -> web.StreamResponse:
    """GET /: coordinators go on to their week; others read what this is."""
    if request[IDENTITY].who is Who.COORDINATOR:
        return go_to("/today")
    return page(request, "dashboard/front.html")


ROUTES = (Route("GET", "/", front, ANYONE),)
