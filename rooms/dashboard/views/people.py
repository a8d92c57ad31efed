"""GET /people: everybody of the centre."""

from aiohttp import web

from rooms.dashboard.views.frame import show
from rooms.people.service.persons import list_persons
from rooms.web.guard import COORDINATORS, Route
from rooms.web.work import work_of


async def everybody(request: web.Request) -> web.StreamResponse:
    """GET /people: by name; `?search=` those whose name, e-mail or phone holds it."""
    search = request.query.get("search", "").replace("\0", "").strip()[:100]
    people = await list_persons(work_of(request), search=search)
    return await show(request, "dashboard/people.html", people=people, search=search)


ROUTES = (Route("GET", "/people", everybody, COORDINATORS),)
