"""/supply: the centre's rooms by state, what has to be ready when, what is short, and what went wrong."""

from aiohttp import web

from config import clock
from rooms.dashboard.views.frame import show
from rooms.supply.rules.room_life import RoomState
from rooms.supply.rules.shortage import Remedy, remedies
from rooms.supply.service.overview import Short, overview, short_sessions
from rooms.web.guard import COORDINATORS, Route
from rooms.web.keys import REDIS, SETTINGS
from rooms.web.work import work_of
from rooms.whereby.budget import Budget

_SHOWN = (RoomState.WANTED, RoomState.CREATING, RoomState.READY, RoomState.IN_USE, RoomState.RETIRING)


async def look(request: web.Request) -> web.StreamResponse:
    """GET /supply. Of other centres it shows nothing; points and spare rooms are shared, and shown as numbers."""
    points_per_minute = request.app[SETTINGS].whereby_points_per_minute
    found = await overview(work_of(request), clock.now())
    return await show(
        request,
        "dashboard/supply.html",
        found=found,
        states=[(state, found.rooms[state]) for state in _SHOWN],
        spares_ready=found.spares[RoomState.READY],
        shortages=[(short, _what_helps(short, points_per_minute)) for short in found.shortages],
        points=await Budget(request.app[REDIS], points_per_minute).state(),
    )


def _what_helps(short: Short, points_per_minute: int) -> list[Remedy]:
    session, shortage = short.session, short.shortage
    return remedies(
        session.format,
        needed=shortage.needed,
        breakout_rooms=session.breakout_rooms,
        opens_at=session.opens_at,
        complete_at=shortage.complete_at,
        points_per_minute=points_per_minute,
    )


async def line(request: web.Request) -> web.StreamResponse:
    """GET /supply/line: what the week's page says about rooms that will be missing; nothing while there are none."""
    return await show(
        request, "dashboard/supply_line.html", shortages=await short_sessions(work_of(request), clock.now())
    )


ROUTES = (
    Route("GET", "/supply", look, COORDINATORS),
    Route("GET", "/supply/line", line, COORDINATORS),
)
