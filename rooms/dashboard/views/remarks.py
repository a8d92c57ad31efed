"""/people/{id}/remarks: what coordinators write down about somebody. Whoever reads it is written down too."""

from aiohttp import web

from config import clock
from rooms.dashboard.views.frame import done, id_in, show
from rooms.dashboard.views.person import person_in
from rooms.people.records.persons import Person
from rooms.people.service.remarks import Read, count_remarks, read_remarks, remove_remark, write_remark
from rooms.web.forms import Form
from rooms.web.guard import COORDINATORS, Route
from rooms.web.keys import IDENTITY
from rooms.web.work import work_of

_LENGTH = 2000


async def ask(request: web.Request) -> web.StreamResponse:
    """GET /people/{id}/remarks: how many there are, and a form for one more. They are not shown unasked."""
    return await _show(request, await person_in(request), Form())


async def read(request: web.Request) -> web.StreamResponse:
    """POST /people/{id}/remarks/read: the remarks, for this answer only."""
    person = await person_in(request)
    found = await read_remarks(work_of(request), person.id, actor_id=request[IDENTITY].person, now=clock.now())
    return await _show(request, person, Form(), found)


async def write(request: web.Request) -> web.StreamResponse:
    """POST /people/{id}/remarks."""
    person = await person_in(request)
    form = Form(await request.post())
    text = form.text("text", most=_LENGTH)
    if form.errors:
        return await _show(request, person, form, status=422)
    await write_remark(work_of(request), person.id, text, actor_id=request[IDENTITY].person, now=clock.now())
    return done(f"/people/{person.id}/remarks", "remark-written")


async def remove(request: web.Request) -> web.StreamResponse:
    """POST /people/{id}/remarks/{remark_id}/remove. The same answer when somebody else was first."""
    person = await person_in(request)
    await remove_remark(
        work_of(request), person.id, id_in(request, "remark_id"), actor_id=request[IDENTITY].person, now=clock.now()
    )
    return done(f"/people/{person.id}/remarks", "remark-removed")


async def _show(
    request: web.Request, person: Person, form: Form, found: list[Read] | None = None, *, status: int = 200
) -> web.Response:
    return await show(
        request,
        "dashboard/remarks.html",
        status=status,
        person=person,
        form=form,
        count=await count_remarks(work_of(request), person.id),
        remarks=found,
    )


ROUTES = (
    Route("GET", "/people/{id}/remarks", ask, COORDINATORS),
    Route("POST", "/people/{id}/remarks", write, COORDINATORS),
    Route("POST", "/people/{id}/remarks/read", read, COORDINATORS),
    Route("POST", "/people/{id}/remarks/{remark_id}/remove", remove, COORDINATORS),
)
