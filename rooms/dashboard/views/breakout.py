"""/sessions/{id}/breakout: the groups of a session, drafted, open and live. Everything works without a script, too."""

import uuid
from collections.abc import Awaitable, Callable
from datetime import timedelta

from aiohttp import web

from config import clock
from rooms.access.service.links import codes_of
from rooms.breakout.rules.announcements import READY
from rooms.breakout.service import places, rounds
from rooms.breakout.service.announcements import LONGEST, announce
from rooms.breakout.service.board import breakout_board
from rooms.breakout.service.plans import AlreadyOpen, plan_groups
from rooms.breakout.service.whole import Gone, NoBreakout
from rooms.dashboard.views.frame import show
from rooms.dashboard.views.invite import session_in
from rooms.schedule.service.sessions import invite
from rooms.supply.rules.demand import SMALL_ROOMS
from rooms.web.errors import NotFound
from rooms.web.forms import Form
from rooms.web.guard import COORDINATORS, Route
from rooms.web.keys import IDENTITY, SETTINGS
from rooms.web.respond import go_to
from rooms.web.work import work_of

#: What came of pressing *start* → a key of `words.DONE`.
_OPENED = {
    rounds.Opening.OPENED: "breakout-opened",
    rounds.Opening.ROOMS_MISSING: "breakout-rooms-missing",
    rounds.Opening.ALREADY_OPEN: "decided-already",
    rounds.Opening.NOT_NOW: "breakout-not-now",
    rounds.Opening.TOO_FEW: "breakout-too-few",
}
#: A round may be made so many minutes longer, or shorter, at a time.
_STEPS = frozenset({"-5", "-1", "1", "5", "10"})


async def look(request: web.Request) -> web.StreamResponse:
    """GET /sessions/{id}/breakout: the board; the agenda's form when nothing is planned. `?round=` shows a round."""
    session = await session_in(request)
    if session.format in SMALL_ROOMS:
        raise NotFound
    now = clock.now()
    try:
        board = await breakout_board(
            work_of(request), session.id, now, round_number=_number(request.query.get("round"))
        )
    except NoBreakout:
        over = session.state_at(now).is_past
        return go_to(f"/sessions/{session.id}" if over else f"/sessions/{session.id}/breakout/agenda")
    return await show(
        request,
        "dashboard/breakout.html",
        session=session,
        state=session.state_at(now),
        board=board,
        now=now,
        ready=READY,
        me=request[IDENTITY].person,
        longest=LONGEST,
    )


Act = Callable[[web.Request, uuid.UUID, Form], Awaitable[str]]


def _doing(act: Act) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """A handler that does something and shows the board again, with a word on what was done."""

    async def handler(request: web.Request) -> web.StreamResponse:
        session = await session_in(request)
        form = Form(await request.post())
        try:
            what = await act(request, session.id, form)
        except NoBreakout:
            what = "breakout-over"
        except Gone:
            what = "group-gone"
        shown = _number(form.typed("round"))
        query = f"done={what}" + (f"&round={shown}" if shown and form.typed("stay") else "")
        return go_to(f"/sessions/{session.id}/breakout?{query}")

    handler.__doc__ = act.__doc__
    return handler


async def _plan(request: web.Request, session_id: uuid.UUID, _form: Form) -> str:
    """POST …/plan: make the groups, leaving whoever is locked."""
    try:
        await plan_groups(work_of(request), session_id, keys=request.app[SETTINGS].key_ring, now=clock.now())
    except AlreadyOpen:
        return "decided-already"
    return "breakout-planned"


async def _open(request: web.Request, session_id: uuid.UUID, _form: Form) -> str:
    """POST …/open: everybody goes to their group."""
    opening = await rounds.open_breakout(
        work_of(request),
        session_id,
        keys=request.app[SETTINGS].key_ring,
        actor_id=request[IDENTITY].person,
        now=clock.now(),
    )
    return _OPENED[opening]


async def _extend(request: web.Request, session_id: uuid.UUID, form: Form) -> str:
    """POST …/extend: the round lasts some minutes longer, or shorter."""
    minutes = form.choice("minutes", _STEPS)
    if form.errors:
        raise web.HTTPBadRequest
    by = timedelta(minutes=int(minutes))
    await rounds.extend(work_of(request), session_id, by, actor_id=request[IDENTITY].person, now=clock.now())
    return "saved"


async def _stop(request: web.Request, session_id: uuid.UUID, _form: Form) -> str:
    """POST …/stop: everybody back, in a minute or, pressed again, at once."""
    await rounds.stop(work_of(request), session_id, actor_id=request[IDENTITY].person, now=clock.now())
    return "breakout-stopped"


async def _next(request: web.Request, session_id: uuid.UUID, _form: Form) -> str:
    """POST …/next: on to the next round, in a minute or, pressed again, at once."""
    await rounds.go_on(work_of(request), session_id, actor_id=request[IDENTITY].person, now=clock.now())
    return "breakout-next"


async def _move(request: web.Request, session_id: uuid.UUID, form: Form) -> str:
    """POST …/move {person, group, round}: into a group; without a group into the big room."""
    return await _put(request, session_id, _id(form), _number(form.typed("group")), _number(form.typed("round")))


async def _put(
    request: web.Request, session_id: uuid.UUID, person_id: uuid.UUID, group: int | None, round_number: int | None
) -> str:
    try:
        await places.move(
            work_of(request),
            session_id,
            person_id,
            round_number=round_number,
            group_number=group,
            keys=request.app[SETTINGS].key_ring,
            actor_id=request[IDENTITY].person,
            now=clock.now(),
        )
    except places.GroupFull:
        return "group-full"
    except places.KeptApart:
        return "kept-apart"
    return "moved"


async def _lock(request: web.Request, session_id: uuid.UUID, form: Form) -> str:
    """POST …/lock {person, round, locked}: planning leaves them where they are, or not."""
    number, locked = _number(form.typed("round")) or 1, form.typed("locked") == "yes"
    await places.lock(work_of(request), session_id, _id(form), round_number=number, locked=locked, now=clock.now())
    return "saved"


async def _name(request: web.Request, session_id: uuid.UUID, form: Form) -> str:
    """POST …/name {round, group, name, most}: what a group is called, and how many may choose it."""
    name, most = form.text("name", most=60, required=False), _number(form.typed("most"))
    if form.errors or (most is not None and not 2 <= most <= 6):
        raise web.HTTPBadRequest
    await places.describe(
        work_of(request),
        session_id,
        round_number=_number(form.typed("round")) or 1,
        group_number=_number(form.typed("group")) or 0,
        name=name,
        most=most,
        now=clock.now(),
    )
    return "saved"


async def _recall(request: web.Request, session_id: uuid.UUID, form: Form) -> str:
    """POST …/recall {group}: one group comes back to the big room."""
    group = _number(form.typed("group")) or 0
    await places.recall(work_of(request), session_id, group, actor_id=request[IDENTITY].person, now=clock.now())
    return "moved"


async def _say(request: web.Request, session_id: uuid.UUID, form: Form) -> str:
    """POST …/say {ready | text, group…}: a message to these groups, or to all."""
    ready, text = form.typed("ready") or None, form.typed("text") or None
    groups = [number for number in map(_number, form.chosen("group")) if number]
    try:
        await announce(
            work_of(request),
            session_id,
            ready=None if text else ready,
            text=text,
            group_numbers=groups,
            now=clock.now(),
        )
    except ValueError:
        return "nothing-to-say"
    return "said"


async def visit(request: web.Request) -> web.StreamResponse:
    """POST /sessions/{id}/breakout/visit {group}: the coordinator looks in, by a link of their own."""
    session = await session_in(request)
    form = Form(await request.post())
    work, me, now = work_of(request), request[IDENTITY].person, clock.now()
    await invite(work, session, [me], now=now)
    try:
        what = await _put(request, session.id, me, _number(form.typed("group")), None)
    except (NoBreakout, Gone):
        what = "breakout-over"
    if what != "moved":
        return go_to(f"/sessions/{session.id}/breakout?done={what}")
    codes = await codes_of(work, [me], request.app[SETTINGS].key_ring, now)
    return go_to(f"/l/{codes[me]}")


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) <= 3 else None


def _id(form: Form) -> uuid.UUID:
    try:
        return uuid.UUID(form.typed("person"))
    except ValueError as error:
        raise Gone from error


ROUTES = (
    Route("GET", "/sessions/{id}/breakout", look, COORDINATORS),
    *(
        Route("POST", f"/sessions/{{id}}/breakout/{name}", _doing(act), COORDINATORS)
        for name, act in (
            ("plan", _plan),
            ("open", _open),
            ("extend", _extend),
            ("stop", _stop),
            ("next", _next),
            ("move", _move),
            ("lock", _lock),
            ("name", _name),
            ("recall", _recall),
            ("say", _say),
        )
    ),
    Route("POST", "/sessions/{id}/breakout/visit", visit, COORDINATORS),
)
