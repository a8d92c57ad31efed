"""/people/{id}/consents: what somebody has said yes to, and took back."""

from aiohttp import web

from config import clock
from rooms.dashboard.views.frame import done
from rooms.dashboard.views.person import filled, person_in, show_person
from rooms.people.rules.consent import ConsentKind, GivenHow
from rooms.people.service.consent import give, withdraw
from rooms.web.forms import Form
from rooms.web.guard import COORDINATORS, Route
from rooms.web.keys import IDENTITY
from rooms.web.work import work_of


async def note(request: web.Request) -> web.StreamResponse:
    """POST /people/{id}/consents: they said yes to `kind`, in the way of `how`."""
    person = await person_in(request)
    form = Form(await request.post())
    kind, how = form.choice("kind", frozenset(ConsentKind)), form.choice("how", frozenset(GivenHow))
    if form.errors:
        return await show_person(request, filled(person), person=person, status=422)
    await give(
        work_of(request),
        person.id,
        ConsentKind(kind),
        GivenHow(how),
        actor_id=request[IDENTITY].person,
        now=clock.now(),
    )
    return done(f"/people/{person.id}", "consent-given")


async def take_back(request: web.Request) -> web.StreamResponse:
    """POST /people/{id}/consents/withdraw: they took their yes to `kind` back."""
    person = await person_in(request)
    form = Form(await request.post())
    kind = form.choice("kind", frozenset(ConsentKind))
    if form.errors:
        return await show_person(request, filled(person), person=person, status=422)
    await withdraw(work_of(request), person.id, ConsentKind(kind), actor_id=request[IDENTITY].person, now=clock.now())
    return done(f"/people/{person.id}", "consent-withdrawn")


ROUTES = (
    Route("POST", "/people/{id}/consents", note, COORDINATORS),
    Route("POST", "/people/{id}/consents/withdraw", take_back, COORDINATORS),
)
