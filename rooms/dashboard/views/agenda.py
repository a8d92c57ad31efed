"""/sessions/{id}/breakout/agenda: what a session's group conversations are to be like, and templates of it."""

import uuid

from aiohttp import web
from sqlalchemy.orm.exc import StaleDataError

from config import clock
from rooms.breakout.rules.modes import Levels, Mode
from rooms.breakout.service.plans import Agenda, AlreadyOpen, NoBigRoom, agenda_of, forget, save_agenda
from rooms.breakout.service.templates import forget_template, list_templates, save_template
from rooms.breakout.service.whole import NoBreakout, read
from rooms.dashboard.views.frame import done, id_in, show
from rooms.dashboard.views.invite import session_in
from rooms.schedule.records import Session
from rooms.supply.rules.demand import SMALL_ROOMS
from rooms.web.errors import NotFound
from rooms.web.forms import Form
from rooms.web.guard import COORDINATORS, Route
from rooms.web.keys import IDENTITY
from rooms.web.respond import go_to
from rooms.web.work import work_of

_TICKS = ("starts_itself", "merges_itself")


async def look(request: web.Request) -> web.StreamResponse:
    """GET /sessions/{id}/breakout/agenda: the form, with what is planned; `?template=` with a template's."""
    session = await session_in(request)
    if session.format in SMALL_ROOMS or session.state_at(clock.now()).is_past:
        raise NotFound
    agenda, version = Agenda(), 0
    try:
        breakout = (await read(work_of(request), session.id)).breakout
        agenda, version = agenda_of(breakout), breakout.version
        if breakout.opened_at is not None:
            return go_to(f"/sessions/{session.id}/breakout")
    except NoBreakout:
        pass
    chosen = request.query.get("template", "")
    for template in await list_templates(work_of(request)):
        if str(template.id) == chosen:
            agenda = agenda_of(template)
    return await _show(request, session, _form_of(agenda, version))


def _form_of(agenda: Agenda, version: int) -> Form:
    typed = {field: str(getattr(agenda, field)) for field in Agenda.__dataclass_fields__ if field not in _TICKS}
    return Form(typed | {tick: "yes" for tick in _TICKS if getattr(agenda, tick)} | {"version": str(version)})


async def _show(request: web.Request, session: Session, form: Form, *, status: int = 200) -> web.Response:
    return await show(
        request,
        "dashboard/agenda.html",
        status=status,
        session=session,
        form=form,
        templates=await list_templates(work_of(request)),
        conflict="version" in form.errors,
    )


def read_agenda(form: Form) -> Agenda | None:
    """What the form asks for; None, with errors in the form, when it cannot be."""
    agenda = Agenda(
        mode=Mode(form.choice("mode", frozenset(Mode)) or Mode.PRACTICE),
        levels=Levels(form.choice("levels", frozenset(Levels)) or Levels.MIX),
        lead_minutes=form.number("lead_minutes", least=0, most=240),
        rounds=form.number("rounds", least=1, most=12),
        round_minutes=form.number("round_minutes", least=1, most=180),
        pause_minutes=form.number("pause_minutes", least=0, most=60),
        starts_itself=bool(form.chosen("starts_itself")),
        merges_itself=bool(form.chosen("merges_itself")),
    )
    return agenda if not form.errors else None


async def save(request: web.Request) -> web.StreamResponse:
    """POST /sessions/{id}/breakout/agenda: plan it, and keep it as a template if it is given a name."""
    session = await session_in(request)
    form = Form(await request.post())
    agenda = read_agenda(form)
    name = form.text("template_name", most=60, required=False)
    if agenda is None or form.errors:
        return await _show(request, session, form, status=422)
    version = int(form.typed("version")) if form.typed("version").isdigit() else 0
    work, now = work_of(request), clock.now()
    try:
        await save_agenda(work, session.id, agenda, version=version or None, now=now)
    except (NoBigRoom, AlreadyOpen):
        return go_to(f"/sessions/{session.id}/breakout")
    except StaleDataError:
        await work.session.rollback()
        form.fail("version", "Somebody else changed this")
        return await _show(request, await session_in(request), form, status=409)
    if name:
        await save_template(work, name, agenda, centre_id=request[IDENTITY].centre, now=now)
    return done(f"/sessions/{session.id}/breakout", "saved")


async def drop(request: web.Request) -> web.StreamResponse:
    """POST /sessions/{id}/breakout/forget: no group conversations after all."""
    session = await session_in(request)
    try:
        await forget(work_of(request), session.id, clock.now())
    except (NoBreakout, AlreadyOpen):
        return go_to(f"/sessions/{session.id}/breakout")
    return done(f"/sessions/{session.id}", "breakout-forgotten")


async def drop_template(request: web.Request) -> web.StreamResponse:
    """POST /sessions/{id}/breakout/templates/{template_id}/forget."""
    session = await session_in(request)
    template_id: uuid.UUID = id_in(request, "template_id")
    await forget_template(work_of(request), template_id)
    return done(f"/sessions/{session.id}/breakout/agenda", "saved")


ROUTES = (
    Route("GET", "/sessions/{id}/breakout/agenda", look, COORDINATORS),
    Route("POST", "/sessions/{id}/breakout/agenda", save, COORDINATORS),
    Route("POST", "/sessions/{id}/breakout/forget", drop, COORDINATORS),
    Route("POST", "/sessions/{id}/breakout/templates/{template_id}/forget", drop_template, COORDINATORS),
)
