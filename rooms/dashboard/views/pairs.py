"""/people/{id}/pairs: keep somebody together with another person, or apart. On their page, folded away."""

import uuid

from aiohttp import web

from config import clock
from config.i18n import marked as _
from rooms.breakout.rules.pairs import PairKind
from rooms.breakout.service.pairs import keep, part
from rooms.dashboard.views.frame import done, id_in
from rooms.dashboard.views.person import filled, person_in, show_person
from rooms.web.forms import Form
from rooms.web.guard import COORDINATORS, Route
from rooms.web.keys import IDENTITY
from rooms.web.work import work_of


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
            return done(f"/people/{person.id}", "pair-kept")
    return await show_person(request, filled(person), person=person, pair_form=form, status=422)


async def remove(request: web.Request) -> web.StreamResponse:
    """POST /people/{id}/pairs/{pair_id}/remove. The same answer when somebody else was first."""
    person = await person_in(request)
    await part(
        work_of(request), person.id, id_in(request, "pair_id"), actor_id=request[IDENTITY].person, now=clock.now()
    )
    return done(f"/people/{person.id}", "pair-removed")


ROUTES = (
    Route("POST", "/people/{id}/pairs", add, COORDINATORS),
    Route("POST", "/people/{id}/pairs/{pair_id}/remove", remove, COORDINATORS),
)
