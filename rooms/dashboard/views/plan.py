"""/sessions/new: plan a session."""

import uuid
from collections.abc import Sequence
from datetime import date, datetime, time
from typing import TypedDict

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
from rooms.schedule.rules.recurrence import FARTHEST, Days, Every, days_of, public_holidays, starts_of
from rooms.schedule.rules.times import end_of, next_full_hour
from rooms.schedule.service.series import plan_series
from rooms.schedule.service.sessions import SessionPlan, plan_session
from rooms.web.errors import NotFound
from rooms.web.forms import Form
from rooms.web.guard import COORDINATORS, Route
from rooms.web.keys import IDENTITY, LANGUAGE
from rooms.web.work import work_of

_NOON = time(12)


class Actor(TypedDict):
    """Who plans, where and when."""

    centre_id: uuid.UUID
    actor_id: uuid.UUID
    now: datetime


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
            "skip_holidays": "yes",
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
    days = read_days(form)
    if form.errors:
        return await _show(request, form, circles, status=422)
    identity = request[IDENTITY]
    who: Actor = {"centre_id": identity.centre, "actor_id": identity.person, "now": now}
    try:
        if days is None:
            session = await plan_session(work_of(request), wished, **who)
        else:
            wall = wished.starts_at.astimezone(clock.OSLO).time()
            session = await plan_series(work_of(request), wished, starts_of(days.kept, wall, clock.OSLO), **who)
    except LookupError as error:
        raise NotFound from error
    return done(f"/sessions/{session.id}", "planned" if days is None else "series-planned")


async def look_at_days(request: web.Request) -> web.StreamResponse:
    """GET /sessions/new/days: the days that `day`, `every`, `until` and `skip_holidays` make, as a part of the form."""
    days, skipped = _shown(Form(request.query))
    return await show(request, "dashboard/plan_days.html", days=days, skipped=skipped)


def _shown(form: Form) -> tuple[list[datetime], list[tuple[datetime, str]]]:
    """The days as moments at noon, which the templates write in the reader's language; those left out, and why."""
    days = read_days(form) if not form.errors else None
    if days is None:
        return [], []
    skipped = starts_of(list(days.skipped), _NOON, clock.OSLO)
    return starts_of(days.kept, _NOON, clock.OSLO), list(zip(skipped, days.skipped.values(), strict=True))


def read_days(form: Form) -> Days | None:
    """The days of a series; None for a single session, or with errors in the form."""
    if form.typed("every") not in set(Every):
        return None
    first, until = _day(form, "day"), _day(form, "until")
    if first is None or until is None:
        return None
    if until < first:
        form.fail("until", _("The last day lies before the first one."))
        return None
    if until > first + FARTHEST:
        form.fail("until", _("This day is more than a year away."))
        return None
    free = public_holidays(first, until) if form.typed("skip_holidays") == "yes" else {}
    return days_of(first, Every(form.typed("every")), until, free)


def _day(form: Form, name: str) -> date | None:
    try:
        return date.fromisoformat(form.typed(name))
    except ValueError:
        form.fail(name, _("Please choose a day."))
        return None


def read_plan(form: Form, circles: Sequence[CircleMembers], now: datetime) -> SessionPlan | None:
    """What the form asks for; None, with errors in the form, when it cannot be planned so."""
    title = form.text("title", most=120)
    kind = form.choice("format", frozenset(Format))
    starts_at = form.moment("day", "time", clock.OSLO)
    minutes = form.number("minutes", least=10, most=480)
    opens_before = form.number("opens_before", least=0, most=120)
    if starts_at is not None and end_of(starts_at, minutes) <= now:
        form.fail("day" if starts_at.date() < clock.local(now).date() else "time", _("This time has passed."))
    if starts_at is not None and starts_at > now + FARTHEST:
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
    days, skipped = _shown(form)
    return await show(
        request,
        "dashboard/plan.html",
        status=status,
        form=form,
        circles=circles,
        people=people,
        days=days,
        skipped=skipped,
    )


ROUTES = (
    Route("GET", "/sessions/new", blank, COORDINATORS),
    Route("POST", "/sessions/new", plan, COORDINATORS),
    Route("GET", "/sessions/new/days", look_at_days, COORDINATORS),
)
