"""POST /people/export: everybody, or those who are looked for, as a file. It is audited, so it is no GET."""

import asyncio

from aiohttp import web

from config import clock, i18n
from config.i18n import gettext
from rooms.audit import service as audit
from rooms.audit.rules import Event
from rooms.dashboard.views import people_words, words
from rooms.dashboard.views.people import wanted_in
from rooms.people.rules.import_columns import Column
from rooms.people.rules.import_file import csv_text
from rooms.people.service.spreadsheets import xlsx_of
from rooms.seating.service.find_people import Listed, all_people
from rooms.web.guard import COORDINATORS, Route
from rooms.web.keys import IDENTITY, LANGUAGE
from rooms.web.work import work_of

_COLUMNS = (
    Column.NAME, Column.EMAIL, Column.PHONE, Column.MOTHER_TONGUE, Column.LANGUAGES, Column.LEVEL, Column.UI_LANGUAGE,
    Column.WAY,
)  # fmt: skip
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


async def export(request: web.Request) -> web.StreamResponse:
    """POST /people/export: `format` is `csv` or `xlsx`; beside it the fields of the list's filters."""
    posted = await request.post()
    now, identity, language = clock.now(), request[IDENTITY], request[LANGUAGE]
    work = work_of(request)
    people = await all_people(work, wanted_in(posted), now)
    audit.record(work, Event.PEOPLE_EXPORTED, centre_id=identity.centre, now=now, actor_id=identity.person)
    headings = [gettext(language, people_words.COLUMNS[column]) for column in _COLUMNS]
    table = [[*headings, gettext(language, people_words.LAST_HERE)], *(_row(one, language) for one in people)]
    if posted.get("format") == "xlsx":
        body, kind = await asyncio.to_thread(xlsx_of, table), "xlsx"
    else:
        body, kind = csv_text(table).encode(), "csv"
    return web.Response(
        body=body,
        content_type=_XLSX if kind == "xlsx" else "text/csv",
        charset=None if kind == "xlsx" else "utf-8",
        headers={"Content-Disposition": f'attachment; filename="people.{kind}"'},
    )


def _row(one: Listed, language: str) -> list[str]:
    person = one.person
    return [
        person.name,
        person.email or "",
        person.phone or "",
        words.spoken(person.languages[:1]),
        words.spoken(person.languages[1:]),
        gettext(language, words.LEVELS[person.norwegian_level]) if person.norwegian_level else "",
        i18n.LANGUAGES[person.ui_language].name,
        gettext(language, words.PREFERRED_WAYS[person.preferred_way]),
        clock.local(one.last_seen_at).date().isoformat() if one.last_seen_at else "",
    ]


ROUTES = (Route("POST", "/people/export", export, COORDINATORS),)
