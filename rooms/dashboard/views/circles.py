"""/circles: the lasting groups, who is in them, and their standing rooms."""

import uuid
from datetime import time

from aiohttp import web
from sqlalchemy.orm.exc import StaleDataError

from config import clock
from config.i18n import marked as _
from rooms.dashboard.views import words
from rooms.dashboard.views.filled import Filled
from rooms.dashboard.views.frame import done, id_in, show
from rooms.people.records.circles import Circle
from rooms.people.rules.circles import OnStranger
from rooms.people.service.circles import CircleFacts, NameTaken, all_circles, circle_of, keep_circle, members_of
from rooms.people.service.company import kept_from_outside
from rooms.people.service.persons import list_persons
from rooms.schedule.rules.standing import Renewal
from rooms.schedule.service.standing import (
    StandingFacts,
    keep_standing_room,
    lay_out_days,
    standing_room_of,
    stop_standing_room,
)
from rooms.web.errors import NotFound
from rooms.web.forms import Form
from rooms.web.guard import COORDINATORS, Route
from rooms.web.keys import IDENTITY
from rooms.web.work import work_of


async def everyone(request: web.Request) -> web.StreamResponse:
    """GET /circles: all of the centre."""
    return await show(request, "dashboard/circles.html", circles=await all_circles(work_of(request)))


async def blank(request: web.Request) -> web.StreamResponse:
    """GET /circles/new: an empty form."""
    return await _show(request, Form({}))


async def look(request: web.Request) -> web.StreamResponse:
    """GET /circles/{id}: what is known of it, in the form that changes it, and its standing room."""
    circle = await _circle(request)
    members = await members_of(work_of(request), circle.id)
    return await _show(request, _filled(circle, members), circle=circle)


async def save(request: web.Request) -> web.StreamResponse:
    """POST /circles/new and /circles/{id}."""
    circle_id = id_in(request) if "id" in request.match_info else None
    work, identity, now = work_of(request), request[IDENTITY], clock.now()
    form = Form(await request.post())
    facts = read_circle(form)
    version = form.number("version", least=0, most=2**31 - 1) if circle_id else 0
    if form.errors:
        return await _show(request, form, circle=await _circle(request) if circle_id else None, status=422)
    try:
        circle = await keep_circle(
            work,
            facts,
            circle_id=circle_id,
            version=version,
            centre_id=identity.centre,
            actor_id=identity.person,
            now=now,
        )
    except LookupError as error:
        raise NotFound from error
    except NameTaken:
        await work.session.rollback()
        form.fail("name", _("There is a group of this name already."))
        return await _show(request, form, circle=await _circle(request) if circle_id else None, status=422)
    except StaleDataError:
        await work.session.rollback()
        return await _show(request, form, circle=await _circle(request), conflict=True, status=409)
    if (standing := await standing_room_of(work, circle.id)) is not None:
        await lay_out_days(work, now, only=standing.id)
    return done(f"/circles/{circle.id}", "saved" if circle_id else "added")


def read_circle(form: Form) -> CircleFacts:
    """What the form says; errors are in the form."""
    chosen = form.choice("on_stranger", frozenset(OnStranger), required=False)
    return CircleFacts(
        name=form.text("name", most=100),
        is_closed=form.typed("is_closed") == "yes",
        on_stranger=OnStranger(chosen) if chosen else None,
        person_ids=_ids(form.chosen("person")),
    )


async def keep_open(request: web.Request) -> web.StreamResponse:
    """POST /circles/{id}/standing-room: open it, or change its days, hours and renewal."""
    circle = await _circle(request)
    form = Form(await request.post())
    facts = read_standing_room(form)
    version = form.number("standing_version", least=0, most=2**31 - 1)
    work = work_of(request)
    if facts is not None and not form.errors:
        try:
            await keep_standing_room(
                work, circle, facts, version=version, actor_id=request[IDENTITY].person, now=clock.now()
            )
        except StaleDataError:
            await work.session.rollback()
            form.fail("opens", _("Somebody else has changed this meanwhile. Look at it again."))
        else:
            return done(f"/circles/{circle.id}", "saved")
    circle = await _circle(request)
    members = await members_of(work, circle.id)
    return await _show(request, _filled(circle, members), circle=circle, standing_form=form, status=422)


def read_standing_room(form: Form) -> StandingFacts | None:
    """What the form says; None, with errors in the form, when it cannot be so."""
    weekdays = [int(day) for day in form.chosen("weekday") if day in _WEEKDAYS]
    if not weekdays:
        form.fail("weekday", _("Please choose at least one day."))
    opens, closes = _time(form, "opens"), _time(form, "closes")
    if opens is not None and closes is not None and closes <= opens:
        form.fail("closes", _("It has to close after it opens, on the same day."))
    renewal = form.choice("renewal", frozenset(Renewal))
    if form.errors or opens is None or closes is None:
        return None
    return StandingFacts(weekdays, opens, closes, Renewal(renewal))


async def stop(request: web.Request) -> web.StreamResponse:
    """POST /circles/{id}/standing-room/stop: no more days."""
    circle = await _circle(request)
    await stop_standing_room(work_of(request), circle.id, actor_id=request[IDENTITY].person, now=clock.now())
    return done(f"/circles/{circle.id}", "standing-room-stopped")


_WEEKDAYS = frozenset(str(day) for day in words.WEEKDAYS)


def _time(form: Form, name: str) -> time | None:
    try:
        return time.fromisoformat(form.typed(name)).replace(second=0, microsecond=0, tzinfo=None)
    except ValueError:
        form.fail(name, _("Please choose a time."))
        return None


def _ids(values: list[str]) -> list[uuid.UUID]:
    found = []
    for value in values:
        try:
            found.append(uuid.UUID(value))
        except ValueError:
            continue
    return found


async def _circle(request: web.Request) -> Circle:
    try:
        return await circle_of(work_of(request), id_in(request))
    except LookupError as error:
        raise NotFound from error


def _filled(circle: Circle, members: frozenset[uuid.UUID]) -> Form:
    return Form(
        Filled(
            name=circle.name,
            is_closed="yes" if circle.is_closed else "",
            on_stranger=circle.on_stranger.value if circle.on_stranger else "",
            person=[str(person_id) for person_id in members],
            version=str(circle.version),
        )
    )


async def _show(
    request: web.Request,
    form: Form,
    *,
    circle: Circle | None = None,
    standing_form: Form | None = None,
    conflict: bool = False,
    status: int = 200,
) -> web.Response:
    work = work_of(request)
    standing = await standing_room_of(work, circle.id) if circle is not None else None
    if standing_form is None:
        standing_form = Form(
            Filled(
                weekday=[str(day) for day in (standing.weekdays if standing else range(1, 6))],
                opens=f"{standing.opens:%H:%M}" if standing else "10:00",
                closes=f"{standing.closes:%H:%M}" if standing else "15:00",
                renewal=(standing.renewal if standing else Renewal.EACH_DAY).value,
                standing_version=str(standing.version if standing else 0),
            )
        )
    return await show(
        request,
        "dashboard/circle.html",
        status=status,
        form=form,
        circle=circle,
        people=await list_persons(work),
        kept=await kept_from_outside(work, circle) if circle is not None else [],
        standing=standing,
        standing_form=standing_form,
        conflict=conflict,
    )


ROUTES = (
    Route("GET", "/circles", everyone, COORDINATORS),
    Route("GET", "/circles/new", blank, COORDINATORS),
    Route("POST", "/circles/new", save, COORDINATORS),
    Route("GET", "/circles/{id}", look, COORDINATORS),
    Route("POST", "/circles/{id}", save, COORDINATORS),
    Route("POST", "/circles/{id}/standing-room", keep_open, COORDINATORS),
    Route("POST", "/circles/{id}/standing-room/stop", stop, COORDINATORS),
)
