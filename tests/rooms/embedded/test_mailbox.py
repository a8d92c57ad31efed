"""The mailbox: real SMTP in, real pages out."""

from collections.abc import AsyncIterator
from email.message import EmailMessage
from pathlib import Path

import aiosmtplib
import httpx
import pytest

from config import clock
from rooms.embedded.mailbox.links import with_links
from rooms.embedded.mailbox.rules import behaviour
from rooms.embedded.mailbox.serve import Mailbox, running
from rooms.embedded.mailbox.store import MailStore


@pytest.fixture
async def box(tmp_path: Path) -> AsyncIterator[Mailbox]:
    """A mailbox with an empty folder."""
    async with running(tmp_path / "mail") as mailbox:
        yield mailbox


def letter(to: str, message_id: str = "<1@sammen>", subject: str = "Språktrening på tirsdag") -> EmailMessage:
    """A message as the worker sends it."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "sammen@localhost", to, subject
    message["Message-ID"] = message_id
    message.set_content("Hei!\nhttp://localhost:8080/l/abcdefgh.\n<b>ikke fet</b>\n")
    message.add_alternative("<p>Hei! <a href='http://localhost:8080/l/abcdefgh'>Bli med</a></p>", subtype="html")
    message.add_attachment("BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", subtype="calendar", filename="økt.ics")
    return message


async def send(box: Mailbox, message: EmailMessage) -> None:
    """One message over a connection of its own."""
    await aiosmtplib.send(message, hostname="127.0.0.1", port=int(box.smtp_url.rpartition(":")[2]), timeout=10)


async def get(box: Mailbox, path: str) -> httpx.Response:
    """A page of the mailbox, for a reader of Norwegian."""
    async with httpx.AsyncClient(base_url=box.page_url, trust_env=False) as client:
        return await client.get(path, headers={"Accept-Language": "nb"})


async def test_a_message_is_shown_with_its_parts(box: Mailbox) -> None:
    await send(box, letter("amina@example.org"))
    [message] = (await get(box, "/messages.json")).json()
    assert message["recipient"] == "amina@example.org"
    assert message["subject"] == "Språktrening på tirsdag"
    assert message["message_id"] == "<1@sammen>"
    assert message["deliveries"] == 1
    assert message["has_calendar"]
    assert "/l/abcdefgh" in message["text"]
    assert "Bli med" in message["html"]
    listed = (await get(box, "/")).text
    assert "Postkasse" in listed
    assert "amina@example.org" in listed
    page = (await get(box, f"/messages/{message['id']}")).text
    assert 'href="http://localhost:8080/l/abcdefgh"' in page
    assert "&lt;b&gt;ikke fet" in page
    shown = await get(box, f"/messages/{message['id']}/html")
    assert shown.headers["Content-Security-Policy"].startswith("sandbox ")
    assert "allow-scripts" not in shown.headers["Content-Security-Policy"]
    calendar = await get(box, f"/messages/{message['id']}/calendar.ics")
    assert calendar.text.startswith("BEGIN:VCALENDAR")


async def test_a_repeat_is_counted_and_not_shown_twice(box: Mailbox) -> None:
    for recipient in ("amina@example.org", "amina@example.org", "bela@example.org"):
        await send(box, letter(recipient))
    found = {each["recipient"]: each["deliveries"] for each in (await get(box, "/messages.json")).json()}
    assert found == {"amina@example.org": 2, "bela@example.org": 1}
    assert [each.recipient for each in box.store.newest_first("BELA")] == ["bela@example.org"]


async def test_messages_survive_a_restart(tmp_path: Path) -> None:
    async with running(tmp_path) as box:
        await send(box, letter("amina@example.org"))
        await send(box, letter("amina@example.org"))
        before = box.store.newest_first()
    assert MailStore(tmp_path, clock.now).newest_first() == before
    assert before[0].deliveries == 2


async def test_names_that_ask_for_faults_get_them(box: Mailbox) -> None:
    with pytest.raises(aiosmtplib.SMTPRecipientsRefused) as refused:
        await send(box, letter("bounce@example.org"))
    assert refused.value.recipients[0].code == 550
    with pytest.raises(aiosmtplib.SMTPRecipientsRefused) as refused:
        await send(box, letter("later+1@example.org"))
    assert refused.value.recipients[0].code == 451
    await send(box, letter("later+1@example.org"))
    with pytest.raises((aiosmtplib.SMTPServerDisconnected, ConnectionError)):
        await send(box, letter("lost@example.org"))
    await send(box, letter("lost@example.org"))
    found = {each.recipient: each.deliveries for each in box.store.newest_first()}
    assert found == {"later+1@example.org": 1, "lost@example.org": 2}


def test_slow_names_say_how_slow() -> None:
    assert behaviour("slow@example.org", set()).wait == 5
    assert behaviour("slow-20+x@example.org", set()).wait == 20
    assert behaviour("amina@example.org", set()) == behaviour("slower@example.org", set())


def test_links_stay_whole_and_nothing_else_becomes_one() -> None:
    shown = with_links('Se http://a.no/b?c=1&d=2, og <script src="http://b.no">')
    assert 'href="http://a.no/b?c=1&amp;d=2"' in shown
    assert "<script" not in shown


async def test_unknown_messages_are_not_found(box: Mailbox) -> None:
    assert (await get(box, "/messages/nope")).status_code == 404
    assert (await get(box, "/health")).status_code == 200
