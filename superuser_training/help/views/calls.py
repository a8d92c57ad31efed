"""Calls that ring for a guide. A page of its own; the guide's page shows it over whatever is there."""

from aiohttp import web

from config import clock
from rooms.dashboard.views import words
from rooms.dashboard.views.frame import id_in
from rooms.join.views.me import found_of
from rooms.web.errors import NotFound
from rooms.web.guard import PARTICIPANTS, Route
from rooms.web.respond import go_to, page
from rooms.web.work import work_of
from superuser_training.help.service.calls import take
from superuser_training.help.service.ringing import calls_for
from superuser_training.help.service.taken import taken_by

_HERE = "/help/calls"


async def look(request: web.Request) -> web.StreamResponse:
    """GET /help/calls: what rings, and whom this guide is helping; nothing for whoever is no guide."""
    who, now, work = (await found_of(request)).who, clock.now(), work_of(request)
    return page(
        request,
        "help/calls.html",
        ringing=await calls_for(work, who.person_id, who.centre_id, now) if who.is_guide else [],
        taken=await taken_by(work, who.person_id, now) if who.is_guide else [],
        too_late=request.query.get("too-late") == "1",
        words=words,
    )


async def take_call(request: web.Request) -> web.StreamResponse:
    """POST /help/calls/{id}/take: the first one gets it; the others are told. Whoever is no guide gets nothing."""
    who = (await found_of(request)).who
    if not who.is_guide:
        return go_to(_HERE)
    try:
        is_mine = await take(work_of(request), id_in(request), actor_id=who.person_id, now=clock.now())
    except LookupError as error:
        raise NotFound from error
    return go_to(_HERE if is_mine else f"{_HERE}?too-late=1")


ROUTES = (
    Route("GET", _HERE, look, PARTICIPANTS),
    Route("POST", f"{_HERE}/{{id}}/take", take_call, PARTICIPANTS),
)
