"""GET /today: who waits, who is not reached, what is now, and the week."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import groupby

from aiohttp import web

from config import clock
from config.clock import local
from rooms.dashboard.views.frame import show
from rooms.schedule.rules.times import WEEK, seven_days
from rooms.seating.service.board import SessionCounts, sessions_between
from rooms.seating.service.ways_in import pressing
from rooms.web.guard import COORDINATORS, Route
from rooms.web.work import work_of

#: Of sessions that start so soon it is told whom to see to.
_SOON = timedelta(days=1)
#: More people are told of on their sessions' pages only.
_MOST_UNREACHED = 20


async def today(request: web.Request) -> web.StreamResponse:
    """GET /today: seven days from today; `?from=2026-11-30`: from another day."""
    now = clock.now()
    this_day = local(now).date()
    first = _first_day(request, this_day)
    found = await sessions_between(work_of(request), *seven_days(first), now)
    in_front = _in_front(found, now) if first == this_day else []
    rest = [one for one in found if one not in in_front]
    return await show(
        request,
        "dashboard/today.html",
        now=now,
        in_front=in_front,
        unreached=await pressing(work_of(request), now + _SOON, now) if first == this_day else [],
        most_unreached=_MOST_UNREACHED,
        days=[list(day) for _, day in groupby(rest, key=lambda one: local(one.session.starts_at).date())],
        first=seven_days(first)[0],
        first_day=first.isoformat(),
        this_week=first == this_day,
        earlier=(first - timedelta(days=WEEK)).isoformat(),
        later=(first + timedelta(days=WEEK)).isoformat(),
    )


def _first_day(request: web.Request, this_day: date) -> date:
    """The day in the address when it is one within ten years, else this day."""
    try:
        wished = date.fromisoformat(request.query.get("from", ""))
    except ValueError:
        return this_day
    return wished if abs(wished.year - this_day.year) <= 10 else this_day


def _in_front(found: Sequence[SessionCounts], now: datetime) -> list[SessionCounts]:
    """All sessions that are open now, else the next one."""
    coming = [one for one in found if not one.session.state_at(now).is_past]
    return [one for one in coming if one.session.state_at(now).lets_in] or coming[:1]


ROUTES = (Route("GET", "/today", today, COORDINATORS),)
