"""POST /devices/{id}/let-in: somebody stands outside with a second device."""

from aiohttp import web

from config import clock
from rooms.access.service.devices import NotAllowed, let_in
from rooms.dashboard.views.frame import done, id_in, session_in_query, way_back
from rooms.web.errors import NotFound
from rooms.web.guard import COORDINATORS, Route
from rooms.web.keys import IDENTITY
from rooms.web.work import work_of


async def open_door(request: web.Request) -> web.StreamResponse:
    """POST /devices/{id}/let-in: let it in, and go back to where the coordinator was."""
    try:
        await let_in(work_of(request), id_in(request), actor_id=request[IDENTITY].person, now=clock.now())
    except (LookupError, NotAllowed) as error:
        raise NotFound from error
    return done(way_back(session_in_query(request), "/today"), "let-in")


ROUTES = (Route("POST", "/devices/{id}/let-in", open_door, COORDINATORS),)
