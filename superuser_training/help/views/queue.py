"""Who waits for a coordinator. A page of its own; the dashboard's pages load it into themselves and keep it fresh."""

from aiohttp import web

from config import clock
from rooms.dashboard.views.frame import done, id_in, session_in_query, show, way_back
from rooms.web.errors import NotFound
from rooms.web.guard import COORDINATORS, Route
from rooms.web.keys import IDENTITY
from rooms.web.work import work_of
from superuser_training.help.service import calls
from superuser_training.help.service.queue import who_waits


async def queue(request: web.Request) -> web.StreamResponse:
    """GET /help/queue: everybody who waits; `?session=` those of one session."""
    now = clock.now()
    session_id = session_in_query(request)
    waiting = await who_waits(work_of(request), now, session_id=session_id)
    return await show(request, "help/queue.html", waiting=waiting, now=now, from_session=session_id)


async def answer(request: web.Request) -> web.StreamResponse:
    """POST /help/{id}/answer: I take this one."""
    try:
        await calls.answer(work_of(request), id_in(request), actor_id=request[IDENTITY].person, now=clock.now())
    except LookupError as error:
        raise NotFound from error
    return done(way_back(session_in_query(request), "/today"), "answered")


ROUTES = (
    Route("GET", "/help/queue", queue, COORDINATORS),
    Route("POST", "/help/{id}/answer", answer, COORDINATORS),
)
