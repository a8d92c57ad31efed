"""/sessions/new: plan a session."""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from aiohttp import web

from config import clock
from config.i18n import gettext
from config.i18n import marked as _
from rooms.dashboard.views import words
from rooms.dashboard.views.frame import done, show
from rooms.dashboard.views.invite import chosen_people
from rooms.people.service.circles import CircleMembers, list_circles
from rooms.people.service.persons import list_persons
from rooms.schedule.rules.formats import Format
from rooms.schedule.rules.times import end_of, next_full_hour
from rooms.schedule.service.sessions import SessionPlan, plan_session
from rooms.web.errors import NotFound
from rooms.web.forms import Form
from rooms.web.guard import COORDINATORS, Route
from rooms.web.keys import IDENTITY, LANGUAGE
from rooms.web.work import work_of

_FARTHEST = timedelta(days=366)


async def blank(request: web.Request) -> web.StreamResponse:
    """GET /sessions/new: the form with what most sessions are."""
    start = next_full_hour(clock.now())
    form = Form(
        {
            "plan": str(uuid.uuid4()),
            "title": gettext(request[LANGUAGE], words.FORMATS[Format.PRACTICE]),
            "format": Format.PRACTICE.value,
            "day": start.date().isoformat(),
            "time": f"{start:%H:%M}",
            "minutes": "60",
            "opens_before": "10",
            "remind_day_before": "yes",
            "remind_hour_before": "yes",
        }
    )
    return await _show(request, form, await list_circles(work_of(request)))


async def plan(request: web.Request) -> web.StreamResponse:
    """POST /sessions/new: plan it and invite; or the form again with what is missing, and all that was typed."""
    form = Form(await request.post())
    circles = await list_circles(work_of(request))
    now = clock.now()
    wished = read_plan(form, circles, now)
    if wished is None:
        return await _show(request, form, circles, status=422)
    identity = request[IDENTITY]
    try:
        session = await plan_session(
            work_of(request), wished, centre_id=identity.centre, actor_id=identity.person, now=now
        )
    except LookupError as error:
        raise NotFound from error
    return done(f"/sessions/{session.id}", "planned")


def read_plan(form: Form, circles: Sequence[CircleMembers], now: datetime) -> SessionPlan | None:
    """What the form asks for; None, with errors in the form, when it cannot be planned so."""
    title = form.text("title", most=120)
    kind = form.choice("format", frozenset(Format))
    starts_at = form.moment("day", "time", clock.OSLO)
    minutes = form.number("minutes", least=10, most=480)
    opens_before = form.number("opens_before", least=0, most=120)
    if starts_at is not None and end_of(starts_at, minutes) <= now:
        form.fail("day" if starts_at.date() < clock.local(now).date() else "time", _("This time has passed."))
    if starts_at is not None and starts_at > now + _FARTHEST:
        form.fail("day", _("This day is more than a year away."))
    if form.errors or starts_at is None:
        return None
    chosen_circles = form.chosen("circle")
    return SessionPlan(
        id=_plan_id(form),
        title=title,
        format=Format(kind),
        starts_at=starts_at,
        ends_at=end_of(starts_at, minutes),
        person_ids=chosen_people(form, circles),
        circle_id=next((circle.id for circle in circles if chosen_circles == [str(circle.id)]), None),
        opens_before_minutes=opens_before,
        remind_day_before=form.typed("remind_day_before") == "yes",
        remind_hour_before=form.typed("remind_hour_before") == "yes",
    )


def _plan_id(form: Form) -> uuid.UUID:
    try:
        return uuid.UUID(form.typed("plan"))
    except ValueError:
        return uuid.uuid4()


async def _show(
    request: web.Request, form: Form, circles: Sequence[CircleMembers], *, status: int = 200
) -> web.Response:
    people = await list_persons(work_of(request))
    return await show(request, "dashboard/plan.html", status=status, form=form, circles=circles, people=people)


ROUTES = (
    Route("GET", "/sessions/new", blank, COORDINATORS),
    Route("POST", "/sessions/new", plan, COORDINATORS),
)
