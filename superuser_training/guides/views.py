"""/me/hours: when and how a guide wants to be asked; on and off duty in one tap."""

from collections.abc import Mapping
from datetime import date

from aiohttp import web

from config import clock, i18n
from rooms.join.views.me import found_of
from rooms.web.forms import Form
from rooms.web.guard import PARTICIPANTS, Route
from rooms.web.keys import LANGUAGE
from rooms.web.respond import go_to, page
from rooms.web.work import work_of
from superuser_training.guides.records import GuideHours
from superuser_training.guides.rules import Span, has_pledged
from superuser_training.guides.service import Wishes, history, hours_of, keep_wishes, set_duty

HERE = "/me/hours"


async def look(request: web.Request) -> web.StreamResponse:
    """GET /me/hours; whoever has not signed the pledge begins with that."""
    row = await _mine(request)
    return _show(request, row) if row is not None else go_to("/me/training")


async def save(request: web.Request) -> web.StreamResponse:
    """POST /me/hours. What does not fit comes back with what is wrong; nothing is stored then."""
    row = await _mine(request)
    if row is None:
        return go_to("/me/training")
    form = Form(await request.post())
    try:
        wishes = _wishes(form)
    except ValueError:
        return _show(request, row, form)
    keep_wishes(work_of(request), row, wishes)
    return go_to(f"{HERE}?done=saved")


async def duty(request: web.Request) -> web.StreamResponse:
    """POST /me/hours/duty {wanted}: on, or off."""
    row = await _mine(request)
    if row is None:
        return go_to("/me/training")
    wanted = Form(await request.post()).typed("wanted")
    set_duty(work_of(request), row, on=wanted == "on", now=clock.now())
    return go_to(HERE)


def _wishes(form: Form) -> Wishes:
    """What was filled in. Raises ValueError for half a line, hours that end before they start, and no dates."""
    spans = []
    for weekday in range(1, 8):
        starts, ends = form.typed(f"from-{weekday}"), form.typed(f"until-{weekday}")
        if starts or ends:
            spans.append(Span.read(f"{weekday} {starts}-{ends}"))
    first, last = form.typed("away-from"), form.typed("away-until")
    away = (date.fromisoformat(first), date.fromisoformat(last)) if first or last else None
    if away is not None and away[0] > away[1]:
        raise ValueError("the last day lies before the first")
    ways = form.chosen("ways")
    return Wishes(tuple(spans), away, by_page="page" in ways, by_sms="sms" in ways, by_email="email" in ways)


async def _mine(request: web.Request) -> GuideHours | None:
    found = await found_of(request)
    work, who = work_of(request), found.who
    if not has_pledged(line.logged() for line in await history(work, who.person_id)):
        return None
    return await hours_of(work, who.person_id, who.centre_id)


def _show(request: web.Request, row: GuideHours, refused: Form | None = None) -> web.Response:
    now = clock.now()
    return page(
        request,
        "guides/hours.html",
        status=422 if refused else 200,
        weekdays=[(number, i18n.weekday(number, request[LANGUAGE])) for number in range(1, 8)],
        filled={name: refused.typed(name) for name in _filled(row)} if refused else _filled(row),
        ways=refused.chosen("ways") if refused else _ways(row),
        refused=refused is not None,
        saved=request.query.get("done") == "saved",
        on_duty_until=row.on_duty_until if row.on_duty_until and row.on_duty_until > now else None,
    )


def _filled(row: GuideHours) -> Mapping[str, str]:
    names = (f"{edge}-{weekday}" for weekday in range(1, 8) for edge in ("from", "until"))
    filled = dict.fromkeys(names, "")
    for span in row.hours().weekly:
        filled |= {f"from-{span.weekday}": f"{span.starts:%H:%M}", f"until-{span.weekday}": f"{span.ends:%H:%M}"}
    filled["away-from"] = row.away_from.isoformat() if row.away_from else ""
    filled["away-until"] = row.away_until.isoformat() if row.away_until else ""
    return filled


def _ways(row: GuideHours) -> list[str]:
    return [name for name, wanted in (("page", row.by_page), ("sms", row.by_sms), ("email", row.by_email)) if wanted]


ROUTES = (
    Route("GET", HERE, look, PARTICIPANTS),
    Route("POST", HERE, save, PARTICIPANTS),
    Route("POST", f"{HERE}/duty", duty, PARTICIPANTS),
)
