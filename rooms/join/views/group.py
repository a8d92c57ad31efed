"""/me/group: a guide's small board of their own group, as a part for the page over the room."""

from aiohttp import web

from config import clock
from rooms.breakout.rules.cards import ANSWER_FREELY
from rooms.breakout.service.cards import cards_for
from rooms.breakout.service.guides import own_group
from rooms.join.views.me import found_of
from rooms.join.views.turn import group_name
from rooms.web.guard import PARTICIPANTS, Route
from rooms.web.keys import LANGUAGE
from rooms.web.respond import page
from rooms.web.work import work_of

#: The nearest in level: more than that nobody looks through while the others wait.
_MOST_CARDS = 12


async def look(request: web.Request) -> web.StreamResponse:
    """GET /me/group: its people, whose hand is up, cards to talk about. Nothing but for guides in a group."""
    found = await found_of(request)
    group = found.session.group if found.session is not None else None
    if not found.who.is_guide or group is None or not group.in_room or found.session is None:
        return web.Response(status=204)
    work = work_of(request)
    people = await own_group(work, group.id, found.session.planned.session_id, clock.now())
    level = min((one.level for one in people if one.level is not None and not one.is_guide), default=None)
    return page(
        request,
        "join/group.html",
        name=group_name(group.name, group.number, request[LANGUAGE]),
        people=people,
        cards=(await cards_for(work, level))[:_MOST_CARDS],
        answer_freely=ANSWER_FREELY,
    )


ROUTES = (Route("GET", "/me/group", look, PARTICIPANTS),)
