"""/sessions/{id}: the board of one session, and what can be done with it."""

import uuid

from aiohttp import web

from config import clock
from rooms.dashboard.views.frame import done, id_in, show
from rooms.dashboard.views.invite import session_in
from rooms.dashboard.views.strangers import ROTATED
from rooms.messages.rules import Channel
from rooms.schedule.records import Session
from rooms.schedule.service import series, sessions
from rooms.schedule.service.move import can_move
from rooms.seating.service import ways_in
from rooms.seating.service.board import board, board_rooms
from rooms.seating.service.decisions import rotate_now
from rooms.supply.rules.demand import SMALL_ROOMS
from rooms.web.errors import NotFound
from rooms.web.forms import Form
from rooms.web.guard import COORDINATORS, Route
from rooms.web.keys import IDENTITY, SETTINGS
from rooms.web.respond import go_to
from rooms.web.work import work_of


async def look(request: web.Request) -> web.StreamResponse:
    """GET /sessions/{id}: each invited person and how far they have come."""
    try:
        found = await board(work_of(request), id_in(request), clock.now())
    except LookupError as error:
        raise NotFound from error
    rooms = await board_rooms(work_of(request), found.session.id, clock.now())
    return await show(
        request,
        "dashboard/session.html",
        board=found,
        session=found.session,
        state=found.state,
        rooms=rooms,
        can_move=can_move(found.session, clock.now()),
        groups_possible=found.session.format not in SMALL_ROOMS,
    )


async def confirm_cancel(request: web.Request) -> web.StreamResponse:
    """GET /sessions/{id}/cancel: what will happen, before it does."""
    session = await session_in(request)
    if session.state_at(clock.now()).is_past:
        return go_to(f"/sessions/{session.id}")
    count = await series.count_from(work_of(request), session)
    return await show(request, "dashboard/cancel.html", session=session, count=count)


async def cancel(request: web.Request) -> web.StreamResponse:
    """POST /sessions/{id}/cancel {which}: `from`: this one and all later ones of its series; else this one."""
    session, work, actor_id = await session_in(request), work_of(request), request[IDENTITY].person
    if not session.state_at(clock.now()).is_past:
        if session.series_id is not None and Form(await request.post()).typed("which") == "from":
            await series.cancel_from(work, session, actor_id=actor_id, now=clock.now())
        else:
            await sessions.cancel_session(work, session.id, actor_id=actor_id, now=clock.now())
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


async def confirm_rotation(request: web.Request) -> web.StreamResponse:
    """GET /sessions/{id}/rotate: what will happen to all of its rooms, before it does."""
    return await show(request, "dashboard/rotate.html", session=await session_in(request), room=None)


async def rotate(request: web.Request) -> web.StreamResponse:
    """POST /sessions/{id}/rotate: new rooms for all."""
    return await _rotate(request, await session_in(request), None)


async def confirm_room_rotation(request: web.Request) -> web.StreamResponse:
    """GET /sessions/{id}/rooms/{room_id}/rotate: the same for one room. Back to the board if it is open no more."""
    session = await session_in(request)
    rooms = await board_rooms(work_of(request), session.id, clock.now())
    room = next((room for room in rooms if room.id == id_in(request, "room_id")), None)
    if room is None:
        return go_to(f"/sessions/{session.id}")
    return await show(request, "dashboard/rotate.html", session=session, room=room)


async def rotate_room(request: web.Request) -> web.StreamResponse:
    """POST /sessions/{id}/rooms/{room_id}/rotate."""
    return await _rotate(request, await session_in(request), id_in(request, "room_id"))


async def _rotate(request: web.Request, session: Session, room_id: uuid.UUID | None) -> web.StreamResponse:
    try:
        rotation = await rotate_now(
            work_of(request),
            session.id,
            room_id,
            installation=request.app[SETTINGS].installation,
            actor_id=request[IDENTITY].person,
            now=clock.now(),
        )
    except LookupError as error:
        raise NotFound from error
    return done(f"/sessions/{session.id}", ROTATED[rotation])


async def send_again(request: web.Request) -> web.StreamResponse:
    """POST /sessions/{id}/people/{person_id}/send-again {tries, by}: after a link that was not opened.

    `by`: email or sms; without it, the way that the person chose. `tries`: how many messages there were when the page
    was made, so that a second click sends no second one.
    """
    session_id = id_in(request)
    form = Form(await request.post())
    tries = form.number("tries", least=0, most=1000)
    by = next((way for way in Channel if way == form.typed("by")), None)
    try:
        is_written = await ways_in.send_again(
            work_of(request), session_id, id_in(request, "person_id"), tries=tries, now=clock.now(), by=by
        )
    except LookupError as error:
        raise NotFound from error
    return done(f"/sessions/{session_id}", "sent-again" if is_written else "needs-no-other")


ROUTES = (
    Route("GET", "/sessions/{id}", look, COORDINATORS),
    Route("GET", "/sessions/{id}/cancel", confirm_cancel, COORDINATORS),
    Route("POST", "/sessions/{id}/cancel", cancel, COORDINATORS),
    Route("GET", "/sessions/{id}/end", confirm_end, COORDINATORS),
    Route("POST", "/sessions/{id}/end", end, COORDINATORS),
    Route("GET", "/sessions/{id}/rotate", confirm_rotation, COORDINATORS),
    Route("POST", "/sessions/{id}/rotate", rotate, COORDINATORS),
    Route("GET", "/sessions/{id}/rooms/{room_id}/rotate", confirm_room_rotation, COORDINATORS),
    Route("POST", "/sessions/{id}/rooms/{room_id}/rotate", rotate_room, COORDINATORS),
    Route("POST", "/sessions/{id}/people/{person_id}/send-again", send_again, COORDINATORS),
)
