"""/sessions/{id}: the board of one session, and what can be done with it."""

from aiohttp import web

from config import clock
from rooms.dashboard.views.frame import done, id_in, show
from rooms.dashboard.views.invite import session_in
from rooms.schedule.service import sessions
from rooms.seating.service.board import board
from rooms.web.errors import NotFound
from rooms.web.guard import COORDINATORS, Route
from rooms.web.keys import IDENTITY
from rooms.web.respond import go_to
from rooms.web.work import work_of


async def look(request: web.Request) -> web.StreamResponse:
    """GET /sessions/{id}: each invited person and how far they have come."""
    try:
        found = await board(work_of(request), id_in(request), clock.now())
    except LookupError as error:
        raise NotFound from error
    return await show(request, "dashboard/session.html", board=found, session=found.session, state=found.state)


async def confirm_cancel(request: web.Request) -> web.StreamResponse:
    """GET /sessions/{id}/cancel: what will happen, before it does."""
    session = await session_in(request)
    if session.state_at(clock.now()).is_past:
        return go_to(f"/sessions/{session.id}")
    return await show(request, "dashboard/cancel.html", session=session)


async def cancel(request: web.Request) -> web.StreamResponse:
    """POST /sessions/{id}/cancel."""
    session = await session_in(request)
    if not session.state_at(clock.now()).is_past:
        await sessions.cancel_session(work_of(request), session.id, actor_id=request[IDENTITY].person, now=clock.now())
    return done(f"/sessions/{session.id}", "cancelled")


async def confirm_end(request: web.Request) -> web.StreamResponse:
    """GET /sessions/{id}/end: what will happen, before it does."""
    session = await session_in(request)
    if not session.state_at(clock.now()).lets_in:
        return go_to(f"/sessions/{session.id}")
    return await show(request, "dashboard/end.html", session=session)


async def end(request: web.Request) -> web.StreamResponse:
    """POST /sessions/{id}/end."""
    session = await session_in(request)
    if not session.state_at(clock.now()).lets_in:
        return go_to(f"/sessions/{session.id}")
    await sessions.end_session(work_of(request), session.id, actor_id=request[IDENTITY].person, now=clock.now())
    return done(f"/sessions/{session.id}", "ended")


async def send_again(request: web.Request) -> web.StreamResponse:
    """POST /sessions/{id}/people/{person_id}/send-again: after a link that did not arrive."""
    session_id = id_in(request)
    try:
        await sessions.send_again(work_of(request), session_id, id_in(request, "person_id"), now=clock.now())
    except LookupError as error:
        raise NotFound from error
    return done(f"/sessions/{session_id}", "sent-again")


ROUTES = (
    Route("GET", "/sessions/{id}", look, COORDINATORS),
    Route("GET", "/sessions/{id}/cancel", confirm_cancel, COORDINATORS),
    Route("POST", "/sessions/{id}/cancel", cancel, COORDINATORS),
    Route("GET", "/sessions/{id}/end", confirm_end, COORDINATORS),
    Route("POST", "/sessions/{id}/end", end, COORDINATORS),
    Route("POST", "/sessions/{id}/people/{person_id}/send-again", send_again, COORDINATORS),
)
