"""/guides: who is a guide or becomes one, what each still needs, and what a coordinator has witnessed."""

from functools import partial
from zoneinfo import ZoneInfo

from aiohttp import web

from config import clock, i18n
from config.i18n import marked as _
from rooms.dashboard.views.frame import done, id_in, show
from rooms.people.records.persons import Person
from rooms.people.service.centres import centre
from rooms.people.service.persons import person_of
from rooms.web.errors import NotFound
from rooms.web.forms import Form
from rooms.web.guard import COORDINATORS, Route
from rooms.web.keys import IDENTITY, LANGUAGE
from rooms.web.work import work_of
from superuser_training.certification.rules import standing
from superuser_training.certification.views import words as training_words
from superuser_training.guides.rules import LogKind, is_paused
from superuser_training.guides.service import all_hours, guides, history, hours_of, write
from superuser_training.modules.library import curriculum
from superuser_training.training.service import attended

#: What a coordinator writes down as a witness. The pledge and the checks are the guide's own.
WITNESSED = (LogKind.GROUP_TRAINING, LogKind.ONE_TO_ONE_TRAINING, LogKind.GUIDING_OBSERVED, LogKind.THANKED)
_OTHERS = (LogKind.PAUSED, LogKind.RESUMED, LogKind.REVOKED, LogKind.EXERCISE_DONE)


async def listing(request: web.Request) -> web.StreamResponse:
    """GET /guides."""
    work, now = work_of(request), clock.now()
    found = await guides(work)
    ids = [person.id for person, _lines in found]
    hours, trained = await all_hours(work, ids), await attended(work, ids, now)
    zone = ZoneInfo((await centre(work, request[IDENTITY].centre)).zone)
    rows = []
    for person, lines in found:
        logged = [line.logged() for line in lines]
        paused = is_paused(logged, now)
        can_be_asked = not paused and person.id in hours and hours[person.id].hours().at(now, zone)
        rows.append((person, standing([*logged, *trained.get(person.id, [])], now), paused, can_be_asked))
    return await show(request, "certification/guides.html", guides=rows, training=training_words)


async def look(request: web.Request) -> web.StreamResponse:
    """GET /guides/{id}: also of somebody who is none yet: the coordinator may ask anybody."""
    return await _show(request, await _person(request))


async def log(request: web.Request) -> web.StreamResponse:
    """POST /guides/{id}/log {kind, subject}: write down what was witnessed."""
    person = await _person(request)
    form = Form(await request.post())
    known = frozenset(kind.value for kind in (*WITNESSED, *_OTHERS))
    kind = form.choice("kind", known)
    subject = form.typed("subject")
    exercises = {
        f"{one.module.value}/{number}"
        for one in curriculum(request[LANGUAGE])
        for number in range(1, len(one.exercises) + 1)
    }
    if (kind == LogKind.EXERCISE_DONE and subject not in exercises) or (kind != LogKind.EXERCISE_DONE and subject):
        form.fail("subject", _("Please choose one."))
    if form.errors:
        return await _show(request, person, status=422)
    write(
        work_of(request),
        person.id,
        LogKind(kind),
        centre_id=person.centre_id,
        actor_id=request[IDENTITY].person,
        now=clock.now(),
        subject=subject,
    )
    return done(f"/guides/{person.id}", "saved")


async def _person(request: web.Request) -> Person:
    try:
        return await person_of(work_of(request), id_in(request))
    except LookupError as error:
        raise NotFound from error


async def _show(request: web.Request, person: Person, *, status: int = 200) -> web.Response:
    work, now = work_of(request), clock.now()
    lines = await history(work, person.id)
    logged = [line.logged() for line in lines]
    trained = (await attended(work, [person.id], now)).get(person.id, [])
    return await show(
        request,
        "certification/guide.html",
        status=status,
        asked=await hours_of(work, person.id, person.centre_id),
        weekday=partial(i18n.weekday, code=request[LANGUAGE]),
        person=person,
        lines=lines,
        standing=standing([*logged, *trained], now),
        trained=trained,
        paused=is_paused(logged, now),
        modules=curriculum(request[LANGUAGE]),
        passed={line.subject for line in lines if line.kind is LogKind.MODULE_PASSED},
        exercised={line.subject for line in lines if line.kind is LogKind.EXERCISE_DONE},
        witnessed=WITNESSED,
        training=training_words,
    )


ROUTES = (
    Route("GET", "/guides", listing, COORDINATORS),
    Route("GET", "/guides/{id}", look, COORDINATORS),
    Route("POST", "/guides/{id}/log", log, COORDINATORS),
)
