"""…/printed-links: people's links on paper, for those who read neither e-mail nor SMS."""

import asyncio
import uuid
from collections.abc import Collection

from aiohttp import web

from config import clock
from config.i18n import marked as _
from rooms.access.service.links import link_address, show_links
from rooms.dashboard.views.frame import id_in, show
from rooms.dashboard.views.person import person_in
from rooms.messages.channels.paper import Layout, PaperLink, print_links
from rooms.people.service.centres import centre
from rooms.people.service.circles import circle_of, members_of
from rooms.people.service.persons import persons_named
from rooms.schedule.service.invitations import invited_to
from rooms.schedule.service.sessions import session_of
from rooms.web.assets import LIBRARIES
from rooms.web.errors import NotFound
from rooms.web.forms import Form
from rooms.web.guard import COORDINATORS, Route
from rooms.web.keys import IDENTITY, SETTINGS
from rooms.web.work import work_of

LAYOUTS = {Layout.PAGES: _("A page each"), Layout.LABELS: _("Labels, eight on a sheet")}
_FONTS = LIBRARIES / "dejavu-fonts-ttf" / "ttf"


async def ask(request: web.Request) -> web.StreamResponse:
    """GET …/printed-links: for whom, and how. Nothing is shown before somebody wants to see it."""
    whose = await _whose(request)
    return await show(
        request,
        "dashboard/printed.html",
        form=Form({"layout": Layout.PAGES if len(whose) == 1 else Layout.LABELS}),
        layouts=LAYOUTS,
        count=len(whose),
        back=request.path.rpartition("/")[0],
    )


async def make(request: web.Request) -> web.StreamResponse:
    """POST …/printed-links {layout}: the PDF. That each link was seen is audited."""
    whose = await _whose(request)
    wished = Form(await request.post()).typed("layout")
    layout = next((layout for layout in Layout if layout == wished), Layout.PAGES)
    settings, identity, work = request.app[SETTINGS], request[IDENTITY], work_of(request)
    persons = await persons_named(work, whose)
    codes = await show_links(
        work, [person.id for person in persons], settings.key_ring, actor_id=identity.person, now=clock.now()
    )
    here = await centre(work, identity.centre)
    links = [
        PaperLink(person.name, person.ui_language, link_address(settings.public_url, codes[person.id]))
        for person in persons
        if person.id in codes
    ]
    body = await asyncio.to_thread(print_links, links, layout, centre_name=here.name, phone=here.phone, fonts=_FONTS)
    headers = {"Content-Disposition": 'attachment; filename="links.pdf"'}
    return web.Response(body=body, content_type="application/pdf", headers=headers)


async def _whose(request: web.Request) -> Collection[uuid.UUID]:
    work = work_of(request)
    try:
        if request.path.startswith("/sessions/"):
            return await invited_to(work, (await session_of(work, id_in(request))).id)
        if request.path.startswith("/circles/"):
            return await members_of(work, (await circle_of(work, id_in(request))).id)
    except LookupError as error:
        raise NotFound from error
    return {(await person_in(request)).id}


ROUTES = tuple(
    Route(method, f"/{subject}/{{id}}/printed-links", handler, COORDINATORS)
    for subject in ("sessions", "circles", "people")
    for method, handler in (("GET", ask), ("POST", make))
)
