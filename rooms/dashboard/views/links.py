"""/people/{id}/link: show somebody's personal link, for handing it over by hand; or make a new one."""

from aiohttp import web

from config import clock
from config.i18n import gettext
from config.settings import Settings
from rooms.access.service.feeds import feed_address, feed_code
from rooms.access.service.links import link_address, replace, show_link
from rooms.dashboard.views.frame import session_in_query, show, way_back
from rooms.dashboard.views.person import person_in
from rooms.messages.rules import Kind, ways
from rooms.people.records.persons import Person
from rooms.schedule.service.sessions import send_new_link
from rooms.web.forms import Form
from rooms.web.guard import COORDINATORS, Route
from rooms.web.keys import IDENTITY, SETTINGS
from rooms.web.work import work_of


async def ask(request: web.Request) -> web.StreamResponse:
    """GET /people/{id}/link: what the link is, and two buttons. It is not shown before somebody wants to see it."""
    return await _show(request, await person_in(request))


async def reveal(request: web.Request) -> web.StreamResponse:
    """POST /people/{id}/link: the link, for this answer only."""
    person = await person_in(request)
    code = await show_link(
        work_of(request),
        person.id,
        request.app[SETTINGS].key_ring,
        actor_id=request[IDENTITY].person,
        now=clock.now(),
    )
    return await _show(request, person, code=code, feed=await _feed(request, person))


async def _feed(request: web.Request, person: Person) -> str:
    settings, actor_id = request.app[SETTINGS], request[IDENTITY].person
    code = await feed_code(work_of(request), person, settings.key_ring, actor_id=actor_id, now=clock.now())
    return feed_address(settings.public_url, code)


async def confirm_new(request: web.Request) -> web.StreamResponse:
    """GET /people/{id}/new-link: what happens to the old one, before it does."""
    person = await person_in(request)
    return await show(
        request,
        "dashboard/new_link.html",
        person=person,
        from_session=session_in_query(request),
        can_be_sent=can_be_written_to(person, request.app[SETTINGS]),
    )


async def make_new(request: web.Request) -> web.StreamResponse:
    """POST /people/{id}/new-link: the new link, for this answer only. The old one leads nowhere any more.

    With `send`, it is also sent to them.
    """
    person, now = await person_in(request), clock.now()
    is_sent = Form(await request.post()).typed("send") == "yes" and can_be_written_to(person, request.app[SETTINGS])
    code = await replace(
        work_of(request),
        person.id,
        request.app[SETTINGS].key_ring,
        actor_id=request[IDENTITY].person,
        now=now,
    )
    if is_sent:
        await send_new_link(work_of(request), person.id, centre_id=person.centre_id, now=now)
    feed = await _feed(request, person)
    return await _show(request, person, code=code, feed=feed, is_new=True, is_sent=is_sent)


async def _show(
    request: web.Request,
    person: Person,
    *,
    code: str | None = None,
    feed: str | None = None,
    is_new: bool = False,
    is_sent: bool = False,
) -> web.Response:
    session_id = session_in_query(request)
    return await show(
        request,
        "dashboard/link.html",
        person=person,
        address=link_address(request.app[SETTINGS].public_url, code) if code is not None else None,
        to_forward=_words(person, link_address(request.app[SETTINGS].public_url, code)) if code is not None else None,
        feed=feed,
        is_new=is_new,
        is_sent=is_sent,
        from_session=session_id,
        back=way_back(session_id, f"/people/{person.id}"),
    )


def _words(person: Person, address: str) -> str:
    """For whoever forwards the link by hand, such as by WhatsApp."""
    return gettext(
        person.ui_language,
        "Hi, %(name)s! This is your link to our meetings on video. Tap it a few minutes before we start. "
        "It is only for you: %(link)s",
        name=person.name,
        link=address,
    )


def can_be_written_to(person: Person, settings: Settings) -> bool:
    """Whether messages to this person leave at all."""
    has_phone = person.phone is not None and settings.sms_url is not None
    return bool(ways(Kind.NEW_LINK, person.preferred_way, has_email=person.email is not None, has_phone=has_phone))


ROUTES = (
    Route("GET", "/people/{id}/link", ask, COORDINATORS),
    Route("POST", "/people/{id}/link", reveal, COORDINATORS),
    Route("GET", "/people/{id}/new-link", confirm_new, COORDINATORS),
    Route("POST", "/people/{id}/new-link", make_new, COORDINATORS),
)
