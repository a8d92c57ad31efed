"""Guests: somebody from outside is asked to a session, and their link ends by itself."""

from datetime import datetime, timedelta

from aiohttp import web

from config import clock, i18n
from config.i18n import marked as _
from rooms.dashboard.views.frame import done, id_in, session_in_query, show, way_back
from rooms.people.rules.contact import BadContact, email_address
from rooms.people.rules.roles import GuestRole
from rooms.people.service.guests import GuestFacts, add_guest, end_guest
from rooms.schedule.records import Session
from rooms.schedule.service.sessions import invite, session_of
from rooms.web.errors import NotFound
from rooms.web.forms import Form
from rooms.web.guard import COORDINATORS, Route
from rooms.web.keys import IDENTITY
from rooms.web.respond import go_to
from rooms.web.work import work_of

#: A guest's link works at least until an hour after the session, unless the coordinator says otherwise.
_AFTERWARDS = timedelta(hours=1)
_LONGEST = timedelta(days=30)


async def blank(request: web.Request) -> web.StreamResponse:
    """GET /sessions/{id}/guests: the form."""
    session = await _session(request)
    until = clock.local(session.ends_at + _AFTERWARDS)
    return await _show(
        request,
        Form(
            {
                "role": GuestRole.LECTURER.value,
                "ui_language": i18n.DEFAULT,
                "day": until.date().isoformat(),
                "time": f"{until:%H:%M}",
            }
        ),
        session,
    )


async def ask(request: web.Request) -> web.StreamResponse:
    """POST /sessions/{id}/guests: invite the guest, then show the link to hand over."""
    session = await _session(request)
    form = Form(await request.post())
    now = clock.now()
    facts = read_guest(form, now)
    if facts is None:
        return await _show(request, form, session, status=422)
    identity = request[IDENTITY]
    work = work_of(request)
    guest = await add_guest(work, facts, centre_id=identity.centre, actor_id=identity.person, now=now)
    await invite(work, session, [guest.id], now=now)
    return go_to(f"/people/{guest.id}/link?session={session.id}&done=guest-invited")


def read_guest(form: Form, now: datetime) -> GuestFacts | None:
    """What the form says; None, with errors in the form, when it cannot be so."""
    name = form.text("name", most=100)
    role = form.choice("role", frozenset(GuestRole))
    language = form.choice("ui_language", i18n.LANGUAGES)
    email = form.text("email", most=254, required=False)
    if email:
        try:
            email = email_address(email)
        except BadContact:
            form.fail("email", _("This does not look like an e-mail address."))
    until = form.moment("day", "time", clock.OSLO)
    if until is not None and until <= now:
        form.fail("day", _("This time has passed."))
    if until is not None and until > now + _LONGEST:
        form.fail("day", _("A guest's link works for thirty days at most."))
    if form.errors or until is None:
        return None
    return GuestFacts(name, GuestRole(role), language, email or None, until)


async def end(request: web.Request) -> web.StreamResponse:
    """POST /guests/{id}/end: the guest's link opens nothing any more."""
    person_id = id_in(request)
    try:
        await end_guest(work_of(request), person_id, actor_id=request[IDENTITY].person, now=clock.now())
    except LookupError as error:
        raise NotFound from error
    return done(way_back(session_in_query(request), "/today"), "guest-ended")


async def _session(request: web.Request) -> Session:
    try:
        return await session_of(work_of(request), id_in(request))
    except LookupError as error:
        raise NotFound from error


async def _show(request: web.Request, form: Form, session: Session, *, status: int = 200) -> web.Response:
    return await show(request, "dashboard/guest.html", status=status, form=form, session=session)


ROUTES = (
    Route("GET", "/sessions/{id}/guests", blank, COORDINATORS),
    Route("POST", "/sessions/{id}/guests", ask, COORDINATORS),
    Route("POST", "/guests/{id}/end", end, COORDINATORS),
)
