"""GET /calendar/{code}.ics: a person's or a circle's sessions, for their calendar. The code is all that is asked for.

It changes nothing. It names nobody but, by their own link, the person whose feed it is.
"""

import hashlib
from datetime import datetime
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from aiohttp import web
from sqlalchemy import select

from config import clock
from rooms.access.records import Feed
from rooms.access.service.feeds import feed_of
from rooms.access.service.links import codes_of, link_address
from rooms.messages.channels.feed import Entry, feed_text
from rooms.people.records.centres import Centre
from rooms.people.records.circles import Circle
from rooms.people.records.persons import Person
from rooms.schedule.records import Session
from rooms.schedule.service.feed import sessions_of
from rooms.store.scope import AllCentres, OneCentre
from rooms.store.unit_of_work import UnitOfWork
from rooms.web.errors import NotFound
from rooms.web.guard import ANYONE, Route
from rooms.web.keys import SETTINGS, STORE
from rooms.web.ratelimit import client_address, hit

#: Wrong codes from one address.
_WRONG, _WINDOW = 60, 15 * 60
_WHY = AllCentres("whose feed it is, is what its address says")


async def look(request: web.Request) -> web.StreamResponse:
    """GET /calendar/{code}.ics. 404 for a code that leads nowhere, whyever."""
    store, now = request.app[STORE], clock.now()
    async with store.work(_WHY) as work:
        feed = await feed_of(work, request.match_info["code"])
    if feed is not None:
        async with store.work(OneCentre(feed.centre_id)) as work:
            text = await _text(request, work, feed, now)
        if text is not None:
            return _answer(request, text)
    await hit(request, "feed", client_address(request), tries=_WRONG, seconds=_WINDOW)
    raise NotFound


async def _text(request: web.Request, work: UnitOfWork, feed: Feed, now: datetime) -> bytes | None:
    """None for somebody who has left, or whose visit is over."""
    settings = request.app[SETTINGS]
    centre = (await work.session.scalars(select(Centre).where(Centre.id == feed.centre_id))).one()
    link = None
    if feed.person_id is not None:
        person = await work.session.scalar(select(Person).where(Person.id == feed.person_id))
        if (
            person is None
            or person.left_at is not None
            or (person.guest_until is not None and person.guest_until <= now)
        ):
            return None
        codes = await codes_of(work, [feed.person_id], settings.key_ring, now)
        name, link = centre.name, link_address(settings.public_url, codes[feed.person_id])
    else:
        circle = (await work.session.scalars(select(Circle).where(Circle.id == feed.circle_id))).one()
        name = f"{circle.name} – {centre.name}"
    found = await sessions_of(work, person_id=feed.person_id, circle_id=feed.circle_id, now=now)
    entries = [_entry(session, link) for session in found]
    return feed_text(name, entries, ZoneInfo(centre.zone), urlsplit(settings.public_url).hostname)


def _entry(session: Session, link: str | None) -> Entry:
    return Entry(
        session.id,
        session.version,
        session.title,
        session.starts_at,
        session.ends_at,
        cancelled=session.cancelled_at is not None,
        changed_at=max(filter(None, (session.created_at, session.moved_at, session.cancelled_at))),
        link=link,
    )


def _answer(request: web.Request, text: bytes) -> web.Response:
    tag = hashlib.sha256(text).hexdigest()[:32]
    headers = {"ETag": f'"{tag}"', "Cache-Control": "private, no-cache"}
    if any(each.value == tag for each in request.if_none_match or ()):
        return web.Response(status=304, headers=headers)
    return web.Response(body=text, content_type="text/calendar", charset="utf-8", headers=headers)


ROUTES = (Route("GET", "/calendar/{code}.ics", look, ANYONE),)
