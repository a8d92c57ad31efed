"""/strangers: who is in a room without a place there, and deciding about them. Other pages load it into themselves."""

import uuid

from aiohttp import web

from config import clock
from rooms.dashboard.views.frame import done, id_in, session_in_query, show, way_back
from rooms.seating.service import decisions
from rooms.seating.service.alerts import alerts
from rooms.seating.service.rotation import Rotation
from rooms.web.errors import NotFound
from rooms.web.forms import Form
from rooms.web.guard import COORDINATORS, Route
from rooms.web.keys import IDENTITY, SETTINGS
from rooms.web.work import work_of

#: What came of a rotation → what the page then says: a key of `words.DONE`.
ROTATED = {
    Rotation.MOVED: "rotated",
    Rotation.WAITS: "rotation-waits",
    Rotation.NOTHING: "nothing-to-rotate",
}


async def look(request: web.Request) -> web.StreamResponse:
    """GET /strangers: all of the centre; `?session=` those of one session."""
    session_id = session_in_query(request)
    found = await alerts(work_of(request), clock.now(), session_id=session_id)
    return await show(request, "dashboard/strangers.html", alerts=found, from_session=session_id)


async def decide(request: web.Request) -> web.StreamResponse:
    """POST /strangers/{stranger_id}/{decision}: let-in (with a person), rotate, or fine."""
    try:
        what = await decision(request)
    except decisions.NotAllowed as error:
        raise NotFound from error
    return done(way_back(session_in_query(request), "/today"), what)


async def decision(request: web.Request) -> str:
    """Do what the address says; the answer is a key of `words.DONE`. Raises NotFound, and NotAllowed."""
    work, now, actor_id = work_of(request), clock.now(), request[IDENTITY].person
    stranger_id = id_in(request, "stranger_id")
    try:
        match request.match_info["decision"]:
            case "let-in":
                person_id = uuid.UUID(Form(await request.post()).typed("person"))
                await decisions.let_in_as(work, stranger_id, person_id, actor_id=actor_id, now=now)
                return "stranger-let-in"
            case "rotate":
                installation = request.app[SETTINGS].installation
                return ROTATED[
                    await decisions.rotate_away(
                        work, stranger_id, installation=installation, actor_id=actor_id, now=now
                    )
                ]
            case "fine":
                await decisions.find_fine(work, stranger_id, actor_id=actor_id, now=now)
                return "stranger-fine"
    except LookupError as error:
        raise NotFound from error
    except decisions.AlreadyDecided:
        return "decided-already"
    except (decisions.NotToChoose, ValueError):
        return "not-to-choose"
    raise NotFound


ROUTES = (
    Route("GET", "/strangers", look, COORDINATORS),
    Route("POST", "/strangers/{stranger_id}/{decision}", decide, COORDINATORS),
)
