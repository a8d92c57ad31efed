"""Strangers in the sessions of a guide. A page of its own; the guide's page shows it over the room."""

from aiohttp import web

from config import clock
from rooms.dashboard.views import words
from rooms.dashboard.views.strangers import decision
from rooms.join.views.me import found_of
from rooms.seating.service.alerts import alerts
from rooms.seating.service.decisions import NotAllowed
from rooms.web.guard import PARTICIPANTS, Route
from rooms.web.respond import go_to, page
from rooms.web.work import work_of

_HERE = "/help/strangers"


async def look(request: web.Request) -> web.StreamResponse:
    """GET /help/strangers: those in the guide's own sessions; nobody for whoever is no guide."""
    found = await found_of(request)
    guide_id = found.who.person_id
    shown = await alerts(work_of(request), clock.now(), guide_id=guide_id) if found.who.is_guide else []
    return page(request, "help/strangers.html", alerts=shown, done=words.DONE.get(request.query.get("done", "")))


async def decide(request: web.Request) -> web.StreamResponse:
    """POST /help/strangers/{id}/{decision}: as coordinators do; whoever may not sees their own page of strangers."""
    await found_of(request)
    try:
        what = await decision(request)
    except NotAllowed:
        return go_to(_HERE)
    return go_to(f"{_HERE}?done={what}")


ROUTES = (
    Route("GET", _HERE, look, PARTICIPANTS),
    Route("POST", f"{_HERE}/{{stranger_id}}/{{decision}}", decide, PARTICIPANTS),
)
