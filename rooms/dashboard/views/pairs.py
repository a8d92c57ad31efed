"""/people/{id}/pairs: keep somebody together with another person, or apart. A page of its own, out of passing sight."""

import uuid

from aiohttp import web

from config import clock
from config.i18n import marked as _
from rooms.breakout.rules.pairs import PairKind
from rooms.breakout.service.pairs import keep, pairs_of, part
from rooms.dashboard.views.frame import done, id_in, show
from rooms.dashboard.views.person import person_in
from rooms.people.records.persons import Person
from rooms.people.service.persons import list_persons
from rooms.web.forms import Form
from rooms.web.guard import COORDINATORS, Route
from rooms.web.keys import IDENTITY
from rooms.web.work import work_of


async def look(request: web.Request) -> web.StreamResponse:
    """GET /people/{id}/pairs: their pairs with the reasons, and one more."""
    return await _show(request, await person_in(request), Form())


async def _show(request: web.Request, person: Person, form: Form, *, status: int = 200) -> web.Response:
    work = work_of(request)
    return await show(
        request,
        "dashboard/pairs.html",
        status=status,
        form=form,
        person=person,
        pairs=await pairs_of(work, person.id),
        people=await list_persons(work),
    )


async def add(request: web.Request) -> web.StreamResponse:
    """POST /people/{id}/pairs. Of two people there is one pair: another kind takes the place of the first."""
    person = await person_in(request)
    form = Form(await request.post())
    kind = form.choice("kind", frozenset(PairKind))
    reason = form.text("reason", most=200, required=False)
    try:
        other_id = uuid.UUID(form.typed("other"))
    except ValueError:
        form.fail("other", _("Please choose one."))
    if not form.errors:
        try:
            await keep(
                work_of(request),
                person.id,
                other_id,
                PairKind(kind),
                reason,
                actor_id=request[IDENTITY].person,
                now=clock.now(),
            )
        except (LookupError, ValueError):
            form.fail("other", _("Please choose one."))
        else:
            return done(f"/people/{person.id}/pairs", "pair-kept")
    return await _show(request, person, form, status=422)


async def remove(request: web.Request) -> web.StreamResponse:
    """POST /people/{id}/pairs/{pair_id}/remove. The same answer when somebody else was first."""
    person = await person_in(request)
    await part(
        work_of(request), person.id, id_in(request, "pair_id"), actor_id=request[IDENTITY].person, now=clock.now()
    )
    return done(f"/people/{person.id}/pairs", "pair-removed")


ROUTES = (
    Route("GET", "/people/{id}/pairs", look, COORDINATORS),
    Route("POST", "/people/{id}/pairs", add, COORDINATORS),
    Route("POST", "/people/{id}/pairs/{pair_id}/remove", remove, COORDINATORS),
)
