"""/sessions/{id}/invite: ask more people to a session."""

import uuid
from collections.abc import Sequence

from aiohttp import web

from config import clock
from config.i18n import marked as _
from rooms.dashboard.views.frame import done, id_in, show
from rooms.people.service.circles import CircleMembers, list_circles
from rooms.people.service.persons import list_persons
from rooms.schedule.records import Session
from rooms.schedule.service.invitations import invited_to
from rooms.schedule.service.sessions import invite, session_of
from rooms.web.errors import NotFound
from rooms.web.forms import Form
from rooms.web.guard import COORDINATORS, Route
from rooms.web.respond import go_to
from rooms.web.work import work_of


async def choose(request: web.Request) -> web.StreamResponse:
    """GET /sessions/{id}/invite: everybody who is not invited yet."""
    session = await session_in(request)
    if session.state_at(clock.now()).is_past:
        return go_to(f"/sessions/{session.id}")
    return await _show(request, session, Form())


async def ask_them(request: web.Request) -> web.StreamResponse:
    """POST /sessions/{id}/invite: invite those who were chosen."""
    session = await session_in(request)
    if session.state_at(clock.now()).is_past:
        return go_to(f"/sessions/{session.id}")
    form = Form(await request.post())
    people = chosen_people(form, await list_circles(work_of(request)))
    if not people:
        form.fail("person", _("Choose at least one person."))
        return await _show(request, session, form, status=422)
    await invite(work_of(request), session, people, now=clock.now())
    return done(f"/sessions/{session.id}", "invited")


def chosen_people(form: Form, circles: Sequence[CircleMembers]) -> list[uuid.UUID]:
    """The people ticked one by one, and everybody of the ticked circles. What is no id is passed over."""
    found = set()
    for text in form.chosen("person"):
        try:
            found.add(uuid.UUID(text))
        except ValueError:
            continue
    ticked = set(form.chosen("circle"))
    for circle in circles:
        if str(circle.id) in ticked:
            found |= circle.person_ids
    return sorted(found)


async def session_in(request: web.Request) -> Session:
    """The session of the address. Raises NotFound."""
    try:
        return await session_of(work_of(request), id_in(request))
    except LookupError as error:
        raise NotFound from error


async def _show(request: web.Request, session: Session, form: Form, *, status: int = 200) -> web.Response:
    work = work_of(request)
    invited = await invited_to(work, session.id)
    people = [person for person in await list_persons(work) if person.id not in invited]
    circles = [circle for circle in await list_circles(work) if not circle.person_ids <= invited]
    return await show(
        request, "dashboard/invite.html", status=status, session=session, form=form, people=people, circles=circles
    )


ROUTES = (
    Route("GET", "/sessions/{id}/invite", choose, COORDINATORS),
    Route("POST", "/sessions/{id}/invite", ask_them, COORDINATORS),
)
