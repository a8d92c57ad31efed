"""/usage: what the centre has used, month by month, as a page and as a table to take along; and its budget."""

import csv
import io
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation

from aiohttp import web
from sqlalchemy.orm.exc import StaleDataError

from config import clock
from config.i18n import gettext
from config.i18n import marked as _
from rooms.dashboard.views.filled import Filled
from rooms.dashboard.views.frame import done, show
from rooms.usage.records import UsageBudget
from rooms.usage.rules.budget import Budget
from rooms.usage.service.budget import budget_row, change_budget
from rooms.usage.service.insights import insight
from rooms.usage.service.minutes import Sum
from rooms.usage.service.usage import Report, amounts, report, standing
from rooms.web.forms import Form
from rooms.web.guard import COORDINATORS, Route
from rooms.web.keys import IDENTITY, LANGUAGE, REDIS
from rooms.web.work import work_of

_MOST = 1_000_000_000
_DEAREST = Decimal(1000)


async def look(request: web.Request) -> web.StreamResponse:
    """GET /usage: this month against the budget, what the provider says, and a year by month and group."""
    work, centre = work_of(request), request[IDENTITY].centre
    found = await report(work, centre, clock.now())
    return await show(
        request,
        "dashboard/usage.html",
        standing=found.standing,
        insight=await insight(work, request.app[REDIS], centre, found.standing.month),
        months=[(month, rows) for month, rows in zip(found.months, _by_month(found), strict=True) if rows],
        circles=found.circles,
    )


async def line(request: web.Request) -> web.StreamResponse:
    """GET /usage/line: what the week's page says about the budget; nothing while all is well."""
    found = await standing(work_of(request), request[IDENTITY].centre, clock.now())
    return await show(request, "dashboard/usage_line.html", standing=found)


async def table(request: web.Request) -> web.StreamResponse:
    """GET /usage.csv: a year by month and group, for spreadsheets."""
    found = await report(work_of(request), request[IDENTITY].centre, clock.now())
    return web.Response(
        body=_csv(found, request[LANGUAGE]).encode("utf-8-sig"),  # by its mark, Excel knows that it is UTF-8
        content_type="text/csv",
        charset="utf-8",
        headers={"Content-Disposition": 'attachment; filename="usage.csv"'},
    )


async def budget(request: web.Request) -> web.StreamResponse:
    """GET /usage/budget: the form."""
    row = await budget_row(work_of(request))
    return await _show_budget(request, _filled(row), row)


async def save_budget(request: web.Request) -> web.StreamResponse:
    """POST /usage/budget. When somebody else saved meanwhile: 409 with both, and nothing typed is lost."""
    form = Form(await request.post())
    work, identity = work_of(request), request[IDENTITY]
    version = form.number("version", least=0, most=2**31 - 1)
    wished = read_budget(form)
    if wished is None:
        return await _show_budget(request, form, await budget_row(work), status=422)
    try:
        await change_budget(
            work, wished, centre_id=identity.centre, version=version, actor_id=identity.person, now=clock.now()
        )
    except StaleDataError:
        await work.session.rollback()
        return await _show_budget(request, form, await budget_row(work), conflict=True, status=409)
    return done("/usage", "saved")


def read_budget(form: Form) -> Budget | None:
    """What the form says; None, with errors in the form, when it cannot be so."""
    minutes, kroner = _whole(form, "minutes"), _whole(form, "kroner")
    price = _price(form)
    if kroner is not None and price is None:
        form.fail("kroner_per_minute", _("Write what a minute costs. Without it kroner cannot be counted."))
    return None if form.errors else Budget(minutes, kroner, price)


def _plain(text: str) -> str:
    """A number without the spaces between its thousands."""
    return "".join(text.split())


def _whole(form: Form, name: str) -> int | None:
    text = _plain(form.typed(name))
    if not text:
        return None
    if not text.isdecimal():
        form.fail(name, _("Please write a whole number, without a sign or a comma."))
        return None
    number = int(text[:20])
    if not 1 <= number <= _MOST:
        form.fail(name, _("This number is too small or too large."))
    return number


def _price(form: Form) -> Decimal | None:
    text = _plain(form.typed("kroner_per_minute"))[:20].replace(",", ".")
    if not text:
        return None
    try:
        price = Decimal(text)
    except InvalidOperation:
        price = Decimal("NaN")
    if not price.is_finite():
        form.fail("kroner_per_minute", _("Please write a number, for example 0.035."))
        return None
    if not 0 < price <= _DEAREST:
        form.fail("kroner_per_minute", _("This number is too small or too large."))
    elif price != round(price, 4):
        form.fail("kroner_per_minute", _("Please write no more than four digits after the comma."))
    return price


def _filled(row: UsageBudget | None) -> Form:
    found = amounts(row)
    price = found.kroner_per_minute
    return Form(
        Filled(
            version=str(row.version if row is not None else 0),
            minutes=str(found.minutes or ""),
            kroner=str(found.kroner or ""),
            kroner_per_minute=f"{price.normalize():f}" if price is not None else "",
        )
    )


async def _show_budget(
    request: web.Request, form: Form, row: UsageBudget | None, *, conflict: bool = False, status: int = 200
) -> web.Response:
    return await show(
        request,
        "dashboard/budget.html",
        status=status,
        form=form,
        budget=amounts(row),
        version=row.version if row is not None else 0,
        conflict=conflict,
    )


def _by_month(found: Report) -> list[list[Sum]]:
    """For each month its groups, those that used most first."""
    rows: list[list[Sum]] = [[] for _ in found.months]
    for one in found.used:
        rows[one.place].append(one)
    return [sorted(month, key=lambda one: (-one.minutes, str(one.circle_id))) for month in rows]


def _csv(found: Report, language: str) -> str:
    """Semicolons and commas as Norwegian spreadsheets expect them."""
    titles = [_("Month"), _("Group"), _("Sessions"), _("People"), _("Participant minutes"), _("Kroner")]
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";")
    writer.writerow([gettext(language, title) for title in titles])
    for month, rows in zip(found.months, _by_month(found), strict=True):
        for one in rows:
            name = found.circles[one.circle_id] if one.circle_id else gettext(language, _("Without a group"))
            cost = found.standing.budget.cost(one.minutes)
            kroner = "" if cost is None else str(cost).replace(".", ",")
            writer.writerow([f"{month.first:%Y-%m}", _harmless(name), one.sessions, one.people, one.minutes, kroner])
    return text.getvalue()


def _harmless(name: str) -> str:
    """A name that a spreadsheet takes for a formula is given a mark that makes it text."""
    return f"'{name}" if name.startswith(("=", "+", "-", "@", "\t", "\r")) else name


ROUTES: Sequence[Route] = (
    Route("GET", "/usage", look, COORDINATORS),
    Route("GET", "/usage/line", line, COORDINATORS),
    Route("GET", "/usage.csv", table, COORDINATORS),
    Route("GET", "/usage/budget", budget, COORDINATORS),
    Route("POST", "/usage/budget", save_budget, COORDINATORS),
)
