"""A mail server that is away, or takes a connection and then says nothing: messages wait, and go when it is back."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime

import pytest
from pydantic import SecretStr
from sqlalchemy import select, update

from config.settings import Settings
from rooms.embedded.mailbox.serve import Mailbox
from rooms.messages.channels import email
from rooms.messages.records import ChannelPause, Message
from rooms.messages.rules import MessageState
from rooms.messages.service import pauses
from rooms.store.unit_of_work import Store
from tests.support.cast import Cast
from tests.support.factories import make_person
from tests.workers.test_messages import ALL, plan, send_all
from workers.loop import Resources, open_resources
from workers.messages import send_due


async def test_while_a_server_is_away_messages_wait_and_keep_their_tries(
    store: Store, worker_settings: Settings, resources: Resources, cast: Cast, mailbox: Mailbox, now: datetime
) -> None:
    async with store.work(ALL) as work:
        people = [make_person(work, cast.klepp.id, now) for _ in range(60)]
    await plan(store, cast, people, now)
    async with AsyncExitStack() as stack:
        settings = worker_settings.model_copy(update={"smtp_url": SecretStr("smtp://127.0.0.1:9")})
        away = await open_resources(settings, stack)
        for _ in range(12):  # more often than a message is tried
            assert await send_due(away) is False
            await end_pause(store, now)
        async with store.work(ALL) as work:
            rows = (await work.session.scalars(select(Message))).all()
            (pause,) = await pauses.all_pauses(work)
        assert {(row.state, row.attempts) for row in rows} == {(MessageState.DUE, 0)}
        assert 1 <= sum(1 for row in rows if row.error == "no_connection") <= 24
        assert (pause.failures, pause.error) == (12, "no_connection")
        assert await send_due(away) is False
    assert await send_due(resources) is False  # it rests
    assert mailbox.store.newest_first() == []
    await end_pause(store, now)
    await send_all(resources)
    assert len(mailbox.store.newest_first()) == 60
    async with store.work(ALL) as work:
        assert await pauses.all_pauses(work) == []


async def end_pause(store: Store, now: datetime) -> None:
    """Time passes: the channel has rested long enough."""
    async with store.work(ALL) as work:
        await work.session.execute(update(ChannelPause).values(until=now))


@asynccontextmanager
async def says_nothing() -> AsyncIterator[str]:
    """A server that takes connections and keeps silent."""

    async def keep_silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(keep_silent, "127.0.0.1", 0)
    async with server:
        yield f"smtp://127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def test_a_server_that_hangs_is_left_alone(
    store: Store, worker_settings: Settings, cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(email, "_CONNECT_TIMEOUT", 0.5)
    async with store.work(ALL) as work:
        people = [make_person(work, cast.klepp.id, now) for _ in range(60)]
    await plan(store, cast, people, now)
    async with says_nothing() as url, AsyncExitStack() as stack:
        settings = worker_settings.model_copy(update={"smtp_url": SecretStr(url)})
        assert await send_due(await open_resources(settings, stack)) is False
    async with store.work(ALL) as work:
        rows = (await work.session.scalars(select(Message))).all()
        (pause,) = await pauses.all_pauses(work)
    assert {(row.state, row.attempts) for row in rows} == {(MessageState.DUE, 0)}
    assert pause.failures == 1
