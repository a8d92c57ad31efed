"""/me/training: somebody's own way to being a guide: the pledge, the modules with their checks, what is missing."""

from collections.abc import Mapping, Sequence

from aiohttp import web

from config import clock
from rooms.join.views.me import found_of
from rooms.seating.service.now import Found
from rooms.web.errors import NotFound
from rooms.web.forms import Form
from rooms.web.guard import PARTICIPANTS, Route
from rooms.web.keys import LANGUAGE
from rooms.web.respond import go_to, page
from rooms.web.work import work_of
from superuser_training.certification.rules import standing
from superuser_training.certification.views import words
from superuser_training.guides.rules import PLEDGE_VERSION, Logged, LogKind, has_pledged, is_paused
from superuser_training.guides.service import history, write
from superuser_training.modules.library import content, curriculum
from superuser_training.modules.rules import Content, Module, wrong
from superuser_training.training.service import attended

HERE = "/me/training"


async def look(request: web.Request) -> web.StreamResponse:
    """GET /me/training. Open to everybody with a link: whoever wants to help begins here."""
    found = await found_of(request)
    work, who_id, now = work_of(request), found.who.person_id, clock.now()
    lines = await history(work, who_id)
    logged = [line.logged() for line in lines]
    trained = (await attended(work, [who_id], now)).get(who_id, [])
    return page(
        request,
        "certification/mine.html",
        centre=found.who.centre_name,
        standing=standing([*logged, *trained], now),
        pledged=has_pledged(logged),
        paused=is_paused(logged, now),
        modules=curriculum(request[LANGUAGE]),
        passed={line.subject for line in lines if line.kind is LogKind.MODULE_PASSED},
        words=words,
    )


async def pledge(request: web.Request) -> web.StreamResponse:
    """POST /me/training/pledge: sign. Nothing for whoever has not ticked it, and nothing twice."""
    found, logged = await _who(request)
    if Form(await request.post()).typed("agree") == "yes" and not has_pledged(logged):
        _write(request, found, LogKind.PLEDGED, version=PLEDGE_VERSION)
    return go_to(HERE)


async def pause(request: web.Request) -> web.StreamResponse:
    """POST /me/training/pause: take a break, or come back; `wanted` says which, so that a double tap does no harm."""
    found, logged = await _who(request)
    wanted = Form(await request.post()).typed("wanted") == "pause"
    if has_pledged(logged) and wanted != is_paused(logged, clock.now()):
        _write(request, found, LogKind.PAUSED if wanted else LogKind.RESUMED)
    return go_to(HERE)


async def read(request: web.Request) -> web.StreamResponse:
    """GET /me/training/{module}: its text and its check."""
    _found, logged = await _who(request)
    return _show(request, logged)


async def check(request: web.Request) -> web.StreamResponse:
    """POST /me/training/{module}: the answers. All right, and the module is passed; else each question says why."""
    found, logged = await _who(request)
    module = _module(request)
    if not has_pledged(logged):
        return go_to(HERE)
    posted = Form(await request.post())
    answers = {
        number: int(given)
        for number in range(len(module.questions))
        if (given := posted.typed(f"answer-{number}")).isascii() and given.isdigit() and len(given) == 1
    }
    mistakes = wrong(module, answers)
    if not mistakes:
        _write(request, found, LogKind.MODULE_PASSED, subject=module.module.value, version=module.version)
    return _show(request, logged, answers=answers, mistakes=mistakes)


def _module(request: web.Request) -> Content:
    try:
        return content(Module(request.match_info["module"]), request[LANGUAGE])
    except ValueError as error:
        raise NotFound from error


async def _who(request: web.Request) -> tuple[Found, list[Logged]]:
    found = await found_of(request)
    return found, [line.logged() for line in await history(work_of(request), found.who.person_id)]


def _write(request: web.Request, found: Found, kind: LogKind, *, subject: str = "", version: str = "") -> None:
    write(
        work_of(request),
        found.who.person_id,
        kind,
        centre_id=found.who.centre_id,
        actor_id=found.who.person_id,
        now=clock.now(),
        subject=subject,
        version=version,
    )


def _show(
    request: web.Request,
    logged: Sequence[Logged],
    *,
    answers: Mapping[int, int] | None = None,
    mistakes: Sequence[int] | None = None,
) -> web.Response:
    return page(
        request,
        "certification/module.html",
        module=_module(request),
        pledged=has_pledged(logged),
        answers=answers or {},
        mistakes=mistakes,
    )


ROUTES = (
    Route("GET", HERE, look, PARTICIPANTS),
    Route("POST", f"{HERE}/pledge", pledge, PARTICIPANTS),
    Route("POST", f"{HERE}/pause", pause, PARTICIPANTS),
    Route("GET", f"{HERE}/{{module}}", read, PARTICIPANTS),
    Route("POST", f"{HERE}/{{module}}", check, PARTICIPANTS),
)
