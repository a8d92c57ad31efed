"""A list of people from a file: looked at, added, left out, undone."""

import io
import re
from datetime import timedelta

import pytest
from aiohttp import FormData
from sqlalchemy import func, select

from rooms.audit.records import AuditEntry
from rooms.audit.rules import Event
from rooms.messages.records import Message
from rooms.people.records.import_lists import ImportList
from rooms.people.records.persons import Person
from rooms.people.rules.import_file import BYTES
from rooms.people.service.import_list import KEPT_FOR, forget_lists
from rooms.people.service.spreadsheets import xlsx_of
from tests.rooms.dashboard.conftest import Post
from tests.support.callers import Client, csrf_token
from tests.support.cast import Cast
from tests.support.town import Town

#: As lists are: no heading that says «name» in one column, Windows' letters, one number in several forms.
LIST = """\
Fornavn;Etternavn;E-post;Tlf;Morsmål;Norsknivå
Øyvind;Ødegård;oyvind@post.example;912 34 567;polsk;A2
Åse;Ærlig;;+47 98765432;Klingon;B1
Per;Likesom;PER@post.example;0047 912 34 567;;
Amina;Igjen;amina.igjen@post.example;;arabisk;
Feil;Adresse;ikke-en-adresse;;;
;;uten.navn@post.example;;;
"""


async def bring(client: Client, data: bytes, name: str = "liste.csv") -> str:
    """Upload a file. Returns the path of its page."""
    form = FormData()
    form.add_field("csrf_token", await csrf_token(client))
    form.add_field("file", data, filename=name, content_type="application/octet-stream")
    answer = await client.post("/people/import", data=form, allow_redirects=False)
    assert answer.status == 303, await answer.text()
    return answer.headers["Location"]


def version_in(text: str) -> str:
    found = re.search(r'name="version" value="(\d+)"', text)
    assert found is not None
    return found[1]


async def came(klepp: Town) -> dict[str, Person]:
    async with klepp.work() as work:
        people = await work.session.scalars(select(Person).where(Person.import_list_id.is_not(None)))
        return {person.name: person for person in people}


@pytest.mark.parametrize("encoding", ["latin-1", "utf-8", "utf-8-sig", "cp1252"])
async def test_a_list_with_the_usual_dirt(kari: Client, post: Post, klepp: Town, cast: Cast, encoding: str) -> None:
    path = await bring(kari, LIST.encode(encoding))
    text = await (await kari.get(path)).text()
    assert await came(klepp) == {}, "looking adds nobody"
    for said in (
        "Øyvind Ødegård",
        "We do not know the language «Klingon». It is left out.",
        "The same e-mail or phone as row 2.",
        "«ikke-en-adresse» is not an e-mail address.",
        "The name is missing.",
    ):
        assert said in text
    answer = await post(path, version=version_in(text))
    assert (answer.status, answer.headers["Location"]) == (303, f"{path}?done=people-imported")
    people = await came(klepp)
    assert set(people) == {"Øyvind Ødegård", "Åse Ærlig", "Amina Igjen"}
    oyvind = people["Øyvind Ødegård"]
    assert (oyvind.email, oyvind.phone) == ("oyvind@post.example", "+4791234567")
    assert (oyvind.languages, oyvind.norwegian_level, oyvind.ui_language) == (["pl"], 2, "nb")
    assert people["Amina Igjen"].ui_language == "ar"
    text = await (await kari.get(path)).text()
    assert "Left out: 3" in text
    left_out = await (await kari.get(f"{path}/left-out.csv")).read()
    lines = left_out.decode("utf-8-sig").splitlines()
    assert lines[0] == "Fornavn;Etternavn;E-post;Tlf;Morsmål;Norsknivå;What is wrong"
    assert [line.split(";")[0] for line in lines[1:]] == ["Per", "Feil", ""]
    async with klepp.work() as work:
        assert (await work.session.scalars(select(Message))).all() == []
        kept = (await work.session.scalars(select(ImportList))).one()
        assert len(kept.rows) == 3, "nothing is kept of those who were added"
        added = select(func.count()).where(AuditEntry.event == Event.PERSON_ADDED, AuditEntry.actor_id.is_not(None))
        assert await work.session.scalar(added) == 3


async def test_somebody_known_is_added_only_if_ticked_and_twice_is_once(
    kari: Client, post: Post, klepp: Town, cast: Cast
) -> None:
    path = await bring(kari, f"Name,Email\nAmina 2,{cast.amina.email}\nAmina 3,{cast.amina.email}\n".encode())
    text = await (await kari.get(path)).text()
    assert text.count("Somebody with this e-mail or phone is among your people.") == 2
    assert f'href="/people/{cast.amina.id}"' in text
    version = version_in(text)
    await post(path, version=version, anyway=["3", "999", "x"])
    assert (await post(path, version=version, anyway="2")).status == 303
    assert set(await came(klepp)) == {"Amina 3"}


async def test_columns_are_chosen_and_who_saw_others_has_to_look_again(kari: Client, post: Post, klepp: Town) -> None:
    path = await bring(kari, xlsx_of([["Hvem", "Nummer"], ["Olha", "91234567"]]), "liste.xlsx")
    text = await (await kari.get(path)).text()
    assert "Say which column holds the names." in text
    before = version_in(text)
    await post(f"{path}/columns", column=["name", "phone"])
    text = await (await kari.get(path)).text()
    assert "Say which column holds the names." not in text
    assert (await post(path, version=before)).status == 409
    for nonsense in (["name"], ["name", "nothing"], []):
        assert (await post(f"{path}/columns", column=nonsense)).status == 303
    await post(path, version=version_in(text))
    assert (await came(klepp))["Olha"].phone == "+4791234567"
    await post(f"{path}/columns", column=["phone", "name"])
    async with klepp.work() as work:
        assert (await work.session.scalars(select(ImportList.columns))).one() == ["name", "phone"]


async def test_undo_takes_away_whoever_nothing_has_happened_to(
    kari: Client, post: Post, klepp: Town, cast: Cast
) -> None:
    path = await bring(kari, b"Name\nChanged\nInvited\nShown\nGone\nGone too\n")
    await post(path, version=version_in(await (await kari.get(path)).text()))
    people = await came(klepp)
    await post(f"/people/{people['Changed'].id}", version="1", name="Changed", ui_language="nn")
    await klepp.session(people["Invited"], starts_in=timedelta(hours=1))
    await post(f"/people/{people['Shown'].id}/link")
    text = await (await kari.get(path)).text()
    assert "Undo: take 2 people away again" in text
    answer = await post(f"{path}/undo")
    assert answer.headers["Location"] == f"{path}?done=people-import-undone"
    assert set(await came(klepp)) == {"Changed", "Invited", "Shown"}
    text = await (await kari.get(path)).text()
    assert "These stay" in text
    assert all(name in text for name in ("Changed", "Invited", "Shown"))
    assert "/undo" not in text
    assert (await post(f"{path}/undo")).status == 303
    async with klepp.work() as work:
        events = (await work.session.scalars(select(AuditEntry.event).order_by(AuditEntry.at))).all()
    assert events.count(Event.PERSON_REMOVED) == 2
    assert events.count(Event.PEOPLE_IMPORT_UNDONE) == 1
    assert "Taken away again" in await (await kari.get("/people/import")).text()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "We cannot read this file."),
        (b"\x89PNG\0\0", "We cannot read this file."),
        (b"\xd0\xcf\x11\xe0\0", "This is an old Excel file."),
        (b"Navn\n" + b"Ola\n" * 3001, "The list is too long."),
    ],
)
async def test_what_is_no_list_is_said(kari: Client, data: bytes, said: str) -> None:
    form = FormData()
    form.add_field("csrf_token", await csrf_token(kari))
    form.add_field("file", data, filename="liste", content_type="text/csv")
    answer = await kari.post("/people/import", data=form)
    assert answer.status == 422
    assert said in await answer.text()


async def test_no_file_and_too_much(kari: Client, post: Post) -> None:
    answer = await post("/people/import", file="text")
    assert answer.status == 422
    assert "Choose a file first." in await answer.text()
    form = FormData()
    form.add_field("csrf_token", await csrf_token(kari))
    form.add_field("file", io.BytesIO(b"a" * (BYTES + 1)), filename="liste.csv", content_type="text/csv")
    answer = await kari.post("/people/import", data=form)
    assert answer.status == 413
    assert "This is too large" in await answer.text()


async def test_a_list_is_forgotten_after_a_day_and_its_people_stay(kari: Client, post: Post, klepp: Town) -> None:
    path = await bring(kari, b"Name\nOlha\n")
    await post(path, version=version_in(await (await kari.get(path)).text()))
    async with klepp.work() as work:
        made_at = (await work.session.scalars(select(ImportList.made_at))).one()
        await forget_lists(work, made_at + KEPT_FOR - timedelta(seconds=1))
    assert (await kari.get(path)).status == 200
    async with klepp.work() as work:
        await forget_lists(work, made_at + KEPT_FOR)
    assert (await kari.get(path)).status == 404
    assert (await post(f"{path}/undo")).status == 404
    async with klepp.work() as work:
        assert await work.session.scalar(select(func.count()).where(Person.name == "Olha")) == 1
