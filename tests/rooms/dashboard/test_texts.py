"""A centre's own texts: read, tried, refused, saved, taken back, and nobody else's."""

import re

import pytest
from sqlalchemy import select

from rooms.audit.records import AuditEntry
from rooms.audit.rules import Event
from rooms.messages.records import MessageText
from rooms.messages.wording import EDITABLE
from tests.rooms.dashboard.conftest import Post
from tests.support.callers import Client
from tests.support.cast import Cast
from tests.support.town import Town

EDIT = "/texts/edit?kind=invitation&language=nb"
OURS = {"subject": "Kaffe {day}", "body": "Bli med!\r\n\r\n{title}\r\n{day} {time}\r\n\r\n{link}"}


async def rows(klepp: Town) -> list[MessageText]:
    async with klepp.work() as work:
        return list(await work.session.scalars(select(MessageText)))


async def test_every_kind_can_be_changed_in_every_language(kari: Client) -> None:
    text = await (await kari.get("/texts")).text()
    for kind in EDITABLE:
        for language in ("nb", "nn", "en", "ar"):
            assert f"/texts/edit?kind={kind}&amp;language={language}" in text
            assert (await kari.get("/texts/edit", params={"kind": kind, "language": language})).status == 200
        page = await (await kari.get("/texts/preview", params={"kind": kind})).text()
        assert page.count('dir="rtl"') == 1
        assert page.count("Amina") >= 4
    assert "sign_in" not in text


@pytest.mark.parametrize("query", ["", "?kind=sign_in&language=nb", "?kind=invitation&language=xx"])
async def test_what_there_is_not_leads_to_the_list(kari: Client, post: Post, query: str) -> None:
    answer = await kari.get(f"/texts/edit{query}", allow_redirects=False)
    assert (answer.status, answer.headers["Location"]) == (303, "/texts")
    for path in ("edit", "restore"):
        assert (await post(f"/texts/{path}{query}", **OURS)).headers["Location"] == "/texts"


async def test_a_text_is_changed_shown_and_taken_back(
    kari: Client, nils: Client, post: Post, klepp: Town, cast: Cast
) -> None:
    before = await (await kari.get(EDIT)).text()
    assert "Du er invitert" in before
    assert "/texts/restore" not in before, "there is nothing to go back to"
    answer = await post(EDIT, **OURS, version="0")
    assert (answer.status, answer.headers["Location"]) == (303, "/texts?done=saved")
    (row,) = await rows(klepp)
    assert (row.kind, row.language, row.subject) == ("invitation", "nb", "Kaffe {day}")
    assert row.body == OURS["body"].replace("\r\n", "\n")
    assert (await (await kari.get("/texts")).text()).count("Your own") == 1
    assert "Bli med!" in await (await kari.get("/texts/preview?kind=invitation")).text()
    for page in ("/texts", "/texts/preview?kind=invitation", EDIT):
        assert not re.search("Your own|Bli med!", await (await nils.get(page)).text())
    assert "Du er invitert" in await (await kari.get(EDIT)).text(), "the standard text, to compare"
    answer = await post("/texts/restore?kind=invitation&language=nb")
    assert answer.headers["Location"] == "/texts?done=text-restored"
    assert await rows(klepp) == []
    async with klepp.work() as work:
        events = await work.session.scalars(select(AuditEntry.event).where(AuditEntry.actor_id == cast.coordinator.id))
        assert {Event.TEXT_CHANGED, Event.TEXT_RESTORED} <= set(events)


async def test_a_preview_saves_nothing(post: Post, klepp: Town) -> None:
    answer = await post(EDIT, **OURS, version="0", do="preview")
    text = await answer.text()
    assert answer.status == 200
    assert "<bdi>Bli med!</bdi>" in text
    assert "<bdi>Språktrening</bdi>" in text
    assert 'value="Kaffe {day}"' in text
    assert await rows(klepp) == []


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"subject": ""}, "Subject: Please fill this in."),
        ({"subject": "a\nb"}, "Subject: The subject has to be one line."),
        ({"body": "Bli med!"}, "Text: The link is missing. Write {link} on a line of its own."),
        ({"body": OURS["body"] + "{navn}"}, '<bdi dir="ltr">{navn}</bdi>'),
        ({"body": OURS["body"] + "<b>!"}, "Text: Write plain text, without HTML."),
    ],
)
async def test_what_is_wrong_is_said_and_nothing_typed_is_lost(
    post: Post, klepp: Town, wrong: dict[str, str], words: str
) -> None:
    answer = await post(EDIT, **OURS | wrong, version="0")
    text = await answer.text()
    assert answer.status == 422
    assert words in text
    assert "Bli med!" in text
    assert "<b>!" not in text
    assert await rows(klepp) == []


async def test_the_second_of_two_can_decide(post: Post, klepp: Town) -> None:
    await post(EDIT, **OURS, version="0")
    late = await post(EDIT, **OURS | {"subject": "Te"}, version="0")
    text = await late.text()
    assert late.status == 409
    assert "Somebody else changed this text while you were writing." in text
    assert 'value="Te"' in text
    assert [row.subject for row in await rows(klepp)] == ["Kaffe {day}"]
    seen = re.search(r'name="version" value="(\d+)"', text)
    assert seen is not None
    assert (await post(EDIT, **OURS | {"subject": "Te"}, version=seen[1])).status == 303
    assert [row.subject for row in await rows(klepp)] == ["Te"]
