"""Mail that came back: through the mailbox it comes to, and through a mail server's pipe."""

import asyncio
import itertools
import sys
import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import datetime, timedelta

import pytest
from pydantic import SecretStr
from sqlalchemy import select
from structlog.testing import capture_logs

from config.settings import Settings
from config.settings.embedded import ROOT
from rooms.messages.channels import bounce_mailbox
from rooms.messages.records import Message
from rooms.messages.rules import Channel, Kind, MessageState
from rooms.messages.service.bounces import take_in
from rooms.seating.service.ways_in import send_again
from rooms.store.scope import AllCentres, OneCentre
from rooms.store.unit_of_work import Store
from tests.support.cast import Cast
from tests.support.factories import make_session
from tests.support.imap import ImapMailbox, imap_mailbox
from tests.support.reports import report
from tests.support.workers import environment_of
from workers import bounces
from workers.loop import Resources, open_resources

ALL = AllCentres("tests look at every message")
#: No two messages of these tests went in one e-mail.
_APART = (timedelta(seconds=number) for number in itertools.count())


@pytest.fixture
async def imap() -> AsyncIterator[ImapMailbox]:
    async with imap_mailbox() as mailbox:
        yield mailbox


@pytest.fixture
async def reading(store: Store, settings: Settings, imap: ImapMailbox) -> AsyncIterator[Resources]:
    """A worker that knows the mailbox; `store` empties the database."""
    async with AsyncExitStack() as stack:
        yield await open_resources(settings.model_copy(update={"bounce_imap_url": SecretStr(imap.url)}), stack)


async def write(store: Store, cast: Cast, now: datetime, state: MessageState = MessageState.SENT) -> Message:
    """An invitation, as far as that."""
    async with store.work(OneCentre(cast.klepp.id)) as work:
        session = await make_session(work, cast.klepp.id, now, invited=[cast.amina])
        message = Message(
            id=uuid.uuid4(),
            centre_id=cast.klepp.id,
            person_id=cast.amina.id,
            session_id=session.id,
            kind=Kind.INVITATION,
            channel=Channel.EMAIL,
            idempotency_key=str(uuid.uuid4()),
            cause_id=session.id,
            state=state,
            created_at=now,
            next_try_at=now,
            attempts=1,
            sent_at=now + next(_APART) if state is MessageState.SENT else None,
        )
        work.session.add(message)
    return message


async def fate(store: Store, message: Message) -> tuple[MessageState, str | None]:
    async with store.work(ALL) as work:
        found = await work.session.get_one(Message, message.id)
        return found.state, found.error


async def test_a_report_in_the_mailbox_makes_its_message_failed(
    reading: Resources, store: Store, cast: Cast, imap: ImapMailbox, now: datetime
) -> None:
    failed, delayed, fine = [await write(store, cast, now) for _ in range(3)]
    imap.mails = {
        3: report(failed.id, status="5.2.2"),
        4: report(delayed.id, action="delayed", status="4.4.1"),
        7: b"Subject: Takk!\r\n\r\nJeg kommer.",
        8: report(uuid.uuid4()),
        9: b"Content-Type: multipart/report\r\n\r\n\xff\x00",
    }
    assert not await bounces.read_due(reading)
    assert await fate(store, failed) == (MessageState.FAILED, "5.2.2")
    assert await fate(store, delayed) == (MessageState.SENT, None)
    assert await fate(store, fine) == (MessageState.SENT, None)
    assert imap.read == {3, 4, 8, 9}  # and what somebody wrote is left for somebody to read
    assert not await bounces.read_due(reading)
    assert imap.sign_ins == 2


@pytest.mark.parametrize("state", [state for state in MessageState if state is not MessageState.SENT])
async def test_what_was_not_sent_cannot_come_back(store: Store, cast: Cast, now: datetime, state: MessageState) -> None:
    message = await write(store, cast, now, state)
    async with store.work(ALL) as work:
        assert not await take_in(work, report(message.id), has_sms=False, now=now)
    assert (await fate(store, message))[0] is state


async def test_what_came_back_can_be_sent_again_once(store: Store, cast: Cast, now: datetime) -> None:
    message = await write(store, cast, now)
    async with store.work(ALL) as work:
        assert await take_in(work, report(message.id), has_sms=False, now=now)
        assert not await take_in(work, report(message.id), has_sms=False, now=now)
    assert message.session_id is not None
    for _ in range(2):
        async with store.work(OneCentre(cast.klepp.id)) as work:
            await send_again(work, message.session_id, cast.amina.id, tries=1, now=now)
    async with store.work(ALL) as work:
        states = await work.session.scalars(select(Message.state).where(Message.person_id == cast.amina.id))
        assert sorted(states) == [MessageState.DUE, MessageState.FAILED]


async def test_a_mailbox_that_is_away_or_silent_or_refuses_us_costs_one_look(
    reading: Resources,
    store: Store,
    cast: Cast,
    imap: ImapMailbox,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    message = await write(store, cast, now)
    imap.mails = {1: report(message.id)}
    imap.is_silent = True
    with capture_logs() as logs:
        monkeypatch.setattr(bounce_mailbox, "_TIMEOUT", 0.2)
        assert not await bounces.read_due(reading)
        monkeypatch.undo()
        imap.is_silent = False
        wrong, away = imap.url.replace("sesame", "hunter2"), "imap://sammen:hunter2@127.0.0.1:9"
        for url in (wrong, away):
            settings = reading.settings.model_copy(update={"bounce_imap_url": SecretStr(url)})
            async with AsyncExitStack() as stack:
                assert not await bounces.read_due(await open_resources(settings, stack))
    assert [line["error"] for line in logs] == ["TimeoutError", "error", "ConnectionRefusedError"]
    assert "hunter2" not in str(logs)
    assert await fate(store, message) == (MessageState.SENT, None)
    assert not await bounces.read_due(reading)
    assert await fate(store, message) == (MessageState.FAILED, "5.1.1")


async def test_the_pipe_of_a_mail_server(store: Store, cast: Cast, settings: Settings, now: datetime) -> None:
    message = await write(store, cast, now)

    async def pipe(raw: bytes, **changes: str) -> tuple[int | None, bytes]:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "rooms.cli", "messages", "bounce",
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
            cwd=ROOT, env=environment_of(settings) | changes,
        )  # fmt: skip
        said, _ = await process.communicate(raw)
        return process.returncode, said

    code, said = await pipe(report(message.id), DATABASE_URL="postgresql://nobody@127.0.0.1:9/none")
    assert (code, b"does not answer" in said) == (75, True)
    code, said = await pipe(report(message.id))
    assert code == 0
    assert b"Recorded." in said
    assert b"amina" not in said
    assert await fate(store, message) == (MessageState.FAILED, "5.1.1")
    assert (await pipe(b"\xff" * 1_000_000))[0] == 0
