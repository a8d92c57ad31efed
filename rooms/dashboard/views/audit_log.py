"""/audit: who did what, when and for whom."""

import uuid
from collections.abc import Sequence
from datetime import date
from itertools import groupby
from urllib.parse import urlencode

from aiohttp import web

from config import clock
from rooms.audit.records import AuditEntry
from rooms.audit.rules import Area, place_from
from rooms.audit.service import read
from rooms.dashboard.views.audit_words import AREAS, EVENTS
from rooms.dashboard.views.frame import show
from rooms.people.service.persons import names_of
from rooms.schedule.service.sessions import titles_of
from rooms.web.errors import NotFound
from rooms.web.guard import COORDINATORS, Route
from rooms.web.work import work_of


async def look(request: web.Request) -> web.StreamResponse:
    """GET /audit?area=…&person=…&after=…: a page of the log. What is none of these is not found."""
    asked = request.query
    try:
        area = Area(asked["area"]) if asked.get("area") else None
        person_id = uuid.UUID(asked["person"]) if asked.get("person") else None
        after = place_from(asked["after"]) if asked.get("after") else None
    except ValueError as error:
        raise NotFound from error
    work = work_of(request)
    log = await read(work, area=area, person_id=person_id, after=after)
    people = {person_id, *(id_ for entry in log.entries for id_ in (entry.actor_id, entry.person_id))} - {None}
    sessions = {entry.session_id for entry in log.entries if entry.session_id is not None}
    next_page = {"area": area, "person": person_id, "after": log.older}
    return await show(
        request,
        "dashboard/audit_log.html",
        months=_by_month(log.entries),
        older=urlencode({name: str(value) for name, value in next_page.items() if value}) if log.older else None,
        names=await names_of(work, {id_ for id_ in people if id_ is not None}),
        titles=await titles_of(work, sessions),
        area=area,
        person_id=person_id,
        areas=AREAS,
        events=EVENTS,
    )


def _by_month(entries: Sequence[AuditEntry]) -> list[tuple[date, list[AuditEntry]]]:
    """By months on the centre's wall, each with its first day: the day of an entry is written without its year."""
    found = groupby(entries, lambda entry: clock.local(entry.at).date().replace(day=1))
    return [(first, list(of_month)) for first, of_month in found]


ROUTES = (Route("GET", "/audit", look, COORDINATORS),)
