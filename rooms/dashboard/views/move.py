"""/sessions/{id}/move: give a session another time."""

from datetime import datetime, timedelta

from aiohttp import web
from sqlalchemy.orm.exc import StaleDataError

from config import clock
from config.i18n import marked as _
from rooms.dashboard.views.frame import done, id_in, show
from rooms.dashboard.views.invite import session_in
from rooms.schedule.service.move import CannotMove, can_move, move_session
from rooms.web.errors import NotFound
from rooms.web.forms import Form
from rooms.web.guard import COORDINATORS, Route
from rooms.web.keys import IDENTITY
from rooms.web.respond import go_to
from rooms.web.work import work_of

_DAY = timedelta(days=1)
_FARTHEST = timedelta(days=366)
_SHORTEST, _LONGEST = timedelta(minutes=10), timedelta(hours=8)


async def blank(request: web.Request) -> web.StreamResponse:
    """GET /sessions/{id}/move: the form with the times of now."""
    session = await session_in(request)
    if not can_move(session, clock.now()):
        return go_to(f"/sessions/{session.id}")
    start, end = clock.local(session.starts_at), clock.local(session.ends_at)
    form = Form(
        {
            "day": start.date().isoformat(),
            "from": f"{start:%H:%M}",
            "to": f"{end:%H:%M}",
            "version": str(session.version),
        }
    )
    return await show(request, "dashboard/move.html", session=session, form=form)


async def move(request: web.Request) -> web.StreamResponse:
    """POST /sessions/{id}/move: move it and tell everybody; or the form again, and all that was typed."""
    form, now = Form(await request.post()), clock.now()
    times = read_times(form, now)
    version = form.number("version", least=1, most=2**31 - 1)
    if times is None or form.errors:
        return await _again(request, form, status=422)
    work = work_of(request)
    try:
        await move_session(work, id_in(request), *times, version=version, actor_id=request[IDENTITY].person, now=now)
    except LookupError as error:
        raise NotFound from error
    except CannotMove:
        form.fail("day", _("The session has begun or is over, and cannot be moved any more."))
        return await _again(request, form, status=422)
    except StaleDataError:
        await work.session.rollback()
        form.fail("version", _("Somebody else changed the session meanwhile. Look at its times, and move it again."))
        return await _again(request, form, status=409)
    return done(f"/sessions/{id_in(request)}", "moved")


def read_times(form: Form, now: datetime) -> tuple[datetime, datetime] | None:
    """Start and end as the form asks for them; None, with errors in the form, when they cannot be.

    An end at or before the start is one of the next day.
    """
    starts_at, ends_at = form.moment("day", "from", clock.OSLO), form.moment("day", "to", clock.OSLO)
    if starts_at is None or ends_at is None:
        return None
    if ends_at <= starts_at:
        ends_at += _DAY
    if starts_at <= now:
        form.fail("day" if starts_at.date() < clock.local(now).date() else "from", _("This time has passed."))
    if starts_at > now + _FARTHEST:
        form.fail("day", _("This day is more than a year away."))
    # In real minutes: at the wall, a night with a change of clocks is longer or shorter.
    if not _SHORTEST <= timedelta(seconds=ends_at.timestamp() - starts_at.timestamp()) <= _LONGEST:
        form.fail("to", _("A session lasts from ten minutes to eight hours."))
    return None if form.errors else (starts_at, ends_at)


async def _again(request: web.Request, form: Form, *, status: int) -> web.Response:
    return await show(request, "dashboard/move.html", status=status, session=await session_in(request), form=form)


ROUTES = (
    Route("GET", "/sessions/{id}/move", blank, COORDINATORS),
    Route("POST", "/sessions/{id}/move", move, COORDINATORS),
)
