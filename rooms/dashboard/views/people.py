"""GET /people: everybody of the centre, or those who are looked for."""

import uuid
from collections.abc import Mapping

from aiohttp import web

from config import clock
from rooms.dashboard.views import words
from rooms.dashboard.views.frame import show
from rooms.people.rules.languages import SPOKEN
from rooms.people.service.circles import all_circles
from rooms.seating.rules.wanted import Reached, Seen, Wanted
from rooms.seating.service.find_people import find_people
from rooms.web.guard import COORDINATORS, Route
from rooms.web.respond import go_to
from rooms.web.work import work_of

#: What the address of a list may say, beside the person after whom a page begins.
FILTERS = ("search", "language", "level", "circle", "reached", "seen")


async def everybody(request: web.Request) -> web.StreamResponse:
    """GET /people: by name, fifty a page. `?after=` is the person after whom a page begins; see `FILTERS`."""
    wanted, work = wanted_in(request.query), work_of(request)
    after = _id(request.query.get("after", ""))
    found = await find_people(work, wanted, after=after, now=clock.now())
    if after is not None and not found.people:  # that person is gone meanwhile
        return go_to("/people")
    return await show(
        request,
        "dashboard/people.html",
        found=found,
        wanted=wanted,
        query=query_of(wanted),
        circles=[circle for circle, _count in await all_circles(work)],
        spoken=SPOKEN,
    )


def wanted_in(given: Mapping[str, object]) -> Wanted:
    """What an address or a posted form asks for. What makes no sense asks for nothing."""

    def text(name: str) -> str:
        value = given.get(name, "")
        return value.replace("\0", "").strip()[:100] if isinstance(value, str) else ""

    level, reached, seen = text("level"), text("reached"), text("seen")
    return Wanted(
        search=text("search"),
        language=text("language") if text("language") in SPOKEN else None,
        level=int(level) if level in {str(known) for known in words.LEVELS} else None,
        circle_id=_id(text("circle")),
        reached=Reached(reached) if reached in frozenset(Reached) else None,
        seen=Seen(seen) if seen in frozenset(Seen) else None,
    )


def query_of(wanted: Wanted) -> dict[str, str]:
    """The other way round: fields and their values."""
    values = (wanted.search, wanted.language, wanted.level, wanted.circle_id, wanted.reached, wanted.seen)
    return {name: str(value) for name, value in zip(FILTERS, values, strict=True) if value}


def _id(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


ROUTES = (Route("GET", "/people", everybody, COORDINATORS),)
