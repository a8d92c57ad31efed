"""/people/import: a list of people from a file. Look at it, say what its columns hold, add its people, undo."""

import asyncio
import uuid

from aiohttp import web
from aiohttp.web_request import FileField

from config import clock
from config.i18n import gettext
from config.i18n import marked as _
from rooms.dashboard.views import people_words
from rooms.dashboard.views.frame import done, id_in, show
from rooms.people.records.import_lists import ImportList
from rooms.people.rules.import_columns import Column, holds_names
from rooms.people.rules.import_file import BYTES, ROWS, BadFile, TooLong, csv_text
from rooms.people.rules.import_rows import Verdict, taken
from rooms.people.service import import_list as lists
from rooms.people.service.spreadsheets import OldSpreadsheet, rows_of
from rooms.web.errors import NotFound
from rooms.web.forms import Form
from rooms.web.guard import COORDINATORS, Route
from rooms.web.keys import IDENTITY, LANGUAGE
from rooms.web.respond import go_to
from rooms.web.work import work_of

#: Rows of each kind that a page shows. More of them help nobody to decide.
_SHOWN = 200


async def choose(request: web.Request) -> web.StreamResponse:
    """GET /people/import: choose a file; and the lists of the last day."""
    return await _choose(request, Form())


async def _choose(request: web.Request, form: Form, *, status: int = 200) -> web.StreamResponse:
    return await show(
        request,
        "dashboard/people_import.html",
        status=status,
        form=form,
        lists=await lists.kept_lists(work_of(request)),
        most=ROWS,
    )


async def upload(request: web.Request) -> web.StreamResponse:
    """POST /people/import: keep the list, then look at it. Nobody is added yet."""
    form = Form()
    file = (await request.post()).get("file")
    if not isinstance(file, FileField):
        form.fail("file", _("Choose a file first."))
        return await _choose(request, form, status=422)
    try:
        rows = await asyncio.to_thread(lambda: rows_of(file.file.read()))
    except OldSpreadsheet:
        form.fail("file", _("This is an old Excel file. Save it as .xlsx or .csv, and choose that one."))
    except TooLong:
        form.fail("file", _("The list is too long. Cut it in several files."))
    except BadFile:
        form.fail("file", _("We cannot read this file. Save it as .xlsx or .csv, and choose that one."))
    if form.errors:
        return await _choose(request, form, status=422)
    kept = await lists.keep_list(work_of(request), rows, centre_id=request[IDENTITY].centre, now=clock.now())
    return go_to(f"/people/import/{kept.id}")


async def look(request: web.Request) -> web.StreamResponse:
    """GET /people/import/{import_id}: each row and what becomes of it; later, what became of the list."""
    kept = await _list_in(request)
    if kept.imported_at is not None:
        return await _outcome(request, kept)
    checked = await lists.look_at(work_of(request), kept)
    columns, rows = lists.columns_of(kept), lists.rows_in(kept)
    return await show(
        request,
        "dashboard/people_preview.html",
        list=kept,
        columns=columns,
        samples=[[row.cells[place] for row in rows if row.cells[place]][:3] for place in range(len(columns))],
        has_names=holds_names(columns),
        groups={verdict: [one for one in checked if one.verdict is verdict] for verdict in Verdict},
        shown=_SHOWN,
    )


async def _outcome(request: web.Request, kept: ImportList) -> web.StreamResponse:
    return await show(
        request,
        "dashboard/people_imported.html",
        list=kept,
        left_out=lists.rows_in(kept),
        arrivals=await lists.arrivals(work_of(request), kept.id),
        shown=_SHOWN,
    )


async def map_columns(request: web.Request) -> web.StreamResponse:
    """POST /people/import/{import_id}/columns: what the columns hold, `column` once for each, in their order."""
    list_id = id_in(request, "import_id")
    chosen = Form(await request.post()).chosen("column")
    try:
        await lists.choose_columns(work_of(request), list_id, [Column(name) for name in chosen])
    except LookupError as error:
        raise NotFound from error
    except (ValueError, lists.DoneAlready):
        pass  # the page shows what holds
    return go_to(f"/people/import/{list_id}")


async def confirm(request: web.Request) -> web.StreamResponse:
    """POST /people/import/{import_id}: add the people. `anyway`: rows that are added though somebody is known."""
    list_id, form = id_in(request, "import_id"), Form(await request.post())
    version = form.number("version", least=1, most=2**31 - 1)
    try:
        await lists.import_list(
            work_of(request),
            list_id,
            version=version,
            anyway={int(number) for number in form.chosen("anyway") if number.isdecimal() and len(number) < 6},
            actor_id=request[IDENTITY].person,
            now=clock.now(),
        )
    except LookupError as error:
        raise NotFound from error
    except lists.DoneAlready:
        return go_to(f"/people/import/{list_id}")
    return done(f"/people/import/{list_id}", "people-imported")


async def undo(request: web.Request) -> web.StreamResponse:
    """POST /people/import/{import_id}/undo."""
    list_id = id_in(request, "import_id")
    try:
        await lists.undo(work_of(request), list_id, actor_id=request[IDENTITY].person, now=clock.now())
    except LookupError as error:
        raise NotFound from error
    except lists.DoneAlready:
        return go_to(f"/people/import/{list_id}")
    return done(f"/people/import/{list_id}", "people-import-undone")


async def left_out(request: web.Request) -> web.StreamResponse:
    """GET /people/import/{import_id}/left-out.csv: the rows that were not added, with why, to correct and bring again.

    Before the list is imported: those that would not be.
    """
    kept = await _list_in(request)
    rows = lists.rows_in(kept)
    if kept.imported_at is None:
        checked = await lists.look_at(work_of(request), kept)
        rows = taken(checked, anyway=())[1]
    language = request[LANGUAGE]
    told = [
        " ".join(
            gettext(language, people_words.TROUBLES[one.trouble], said=one.said, row=one.row) for one in row.problems
        )
        for row in rows
    ]
    table = [
        [*kept.headings, gettext(language, people_words.LEFT_OUT_BECAUSE)],
        *([*row.cells, why] for row, why in zip(rows, told, strict=True)),
    ]
    return web.Response(
        text=csv_text(table),
        content_type="text/csv",
        headers={"Content-Disposition": 'attachment; filename="left-out.csv"'},
    )


async def _list_in(request: web.Request) -> ImportList:
    list_id: uuid.UUID = id_in(request, "import_id")
    try:
        return await lists.list_of(work_of(request), list_id)
    except LookupError as error:
        raise NotFound from error


ROUTES = (
    Route("GET", "/people/import", choose, COORDINATORS),
    Route("POST", "/people/import", upload, COORDINATORS, most_bytes=BYTES),
    Route("GET", "/people/import/{import_id}", look, COORDINATORS),
    Route("POST", "/people/import/{import_id}", confirm, COORDINATORS),
    Route("POST", "/people/import/{import_id}/columns", map_columns, COORDINATORS),
    Route("POST", "/people/import/{import_id}/undo", undo, COORDINATORS),
    Route("GET", "/people/import/{import_id}/left-out.csv", left_out, COORDINATORS),
)
