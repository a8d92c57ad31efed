"""People as a file: whom it holds, that it is written down, and that it can be imported again."""

import io

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from rooms.audit.records import AuditEntry
from rooms.audit.rules import Event
from rooms.people.rules.contact import PreferredWay
from rooms.people.rules.import_columns import Column, guess
from rooms.people.rules.import_rows import read
from rooms.people.service.spreadsheets import rows_of
from tests.rooms.dashboard.conftest import Post
from tests.support.callers import Client
from tests.support.cast import Cast
from tests.support.town import Town


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("language", ["nb", "nn", "en", "ar"])
async def test_what_is_exported_can_be_imported(post: Post, klepp: Town, cast: Cast, kind: str, language: str) -> None:
    await klepp.person(
        name="Øyvind", phone="+4791234567", languages=["ti", "ar"], norwegian_level=4, ui_language="nn",
        preferred_way=PreferredWay.NONE,
    )  # fmt: skip
    await klepp.person(name="=1+cmd()", email=None, languages=[])
    answer = await post(f"/people/export?lang={language}", format=kind)
    assert answer.status == 200
    assert answer.headers["Content-Disposition"] == f'attachment; filename="people.{kind}"'
    assert answer.headers["Cache-Control"] == "no-store"
    headings, *rows = rows_of(await answer.read())
    columns = guess(headings)
    assert columns.count(Column.SKIPPED) == 1, "when they were last here is not brought along"
    found = {}
    for row in rows:
        entry, problems = read(row, columns)
        assert problems == []
        found[entry.name] = entry
    assert set(found) == {"=1+cmd()", "Amina", "Kari", "Samira", "Yusuf", "Øyvind"}
    one = found["Øyvind"]
    assert (one.phone, one.languages, one.norwegian_level) == ("+4791234567", ["ti", "ar"], 4)
    assert (one.ui_language, one.preferred_way) == ("nn", PreferredWay.NONE)
    assert found["Amina"].ui_language == "ar"


async def test_only_those_who_are_looked_for_and_it_is_written_down(post: Post, klepp: Town, cast: Cast) -> None:
    text = await (await post("/people/export", language="so")).text()
    assert [line.partition(";")[0] for line in text.splitlines()[1:]] == ["Yusuf"]
    async with klepp.work() as work:
        entry = (await work.session.scalars(select(AuditEntry).where(AuditEntry.event == Event.PEOPLE_EXPORTED))).one()
    assert (entry.actor_id, entry.centre_id) == (cast.coordinator.id, cast.klepp.id)


async def test_no_cell_is_a_formula(post: Post, klepp: Town) -> None:
    await klepp.person(name="=HYPERLINK(1)")
    assert "'=HYPERLINK(1);" in await (await post("/people/export", search="hyperlink")).text()
    data = await (await post("/people/export", search="hyperlink", format="xlsx")).read()
    sheet = load_workbook(io.BytesIO(data)).worksheets[0]
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "inlineStr", "n"}


async def test_the_list_offers_what_it_shows(kari: Client, cast: Cast) -> None:
    text = await (await kari.get("/people", params={"language": "so", "seen": "never"})).text()
    form = text.partition('action="/people/export"')[2].partition("</form>")[0]
    assert 'name="language" value="so"' in form
    assert 'name="seen" value="never"' in form
