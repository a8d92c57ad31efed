"""/me/news: what the centre wrote to the person, and their meetings for their own calendar."""

from aiohttp import web

from config import clock
from rooms.access.service.feeds import feed_address, feed_code
from rooms.access.service.links import codes_of
from rooms.join.views.me import found_of
from rooms.messages.rules import text_for
from rooms.messages.service.posts import news_for
from rooms.people.service.persons import person_of
from rooms.web.guard import PARTICIPANTS, Route
from rooms.web.keys import LANGUAGE, SETTINGS
from rooms.web.respond import page
from rooms.web.work import work_of


async def look(request: web.Request) -> web.StreamResponse:
    """GET /me/news: the posts of the last two months."""
    return await _show(request)


async def calendar(request: web.Request) -> web.StreamResponse:
    """POST /me/calendar: the same, with the private address at which a calendar reads the person's meetings."""
    person = await person_of(work_of(request), (await found_of(request)).who.person_id)
    settings = request.app[SETTINGS]
    code = await feed_code(work_of(request), person, settings.key_ring, actor_id=None, now=clock.now())
    return await _show(request, feed_address(settings.public_url, code))


async def _show(request: web.Request, feed: str | None = None) -> web.Response:
    found, work, now = await found_of(request), work_of(request), clock.now()
    person_id = found.who.person_id
    posts = await news_for(work, person_id, now)
    codes = await codes_of(work, [person_id], request.app[SETTINGS].key_ring, now)
    return page(
        request,
        "join/news.html",
        who=found.who,
        news=[(post.sent_at, text_for(post.worded, request[LANGUAGE])) for post in posts],
        feed=feed,
        # What phones and computers take for «subscribe», not «download once».
        subscribe="webcal://" + feed.partition("://")[2] if feed is not None else None,
        back=f"/l/{codes[person_id]}",
    )


ROUTES = (
    Route("GET", "/me/news", look, PARTICIPANTS),
    Route("POST", "/me/calendar", calendar, PARTICIPANTS),
)
