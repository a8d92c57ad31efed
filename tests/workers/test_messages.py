"""Sending what is due: real outbox, real mail server, one worker or two."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from config.settings import Settings
from rooms.access.records import SignIn
from rooms.access.service import sign_in
from rooms.embedded.mailbox.serve import Mailbox
from rooms.messages.records import Message
from rooms.messages.rules import Kind, MessageState
from rooms.messages.service import outbox
from rooms.people.records.persons import Person
from rooms.people.rules.contact import PreferredWay
from rooms.schedule.rules.formats import Format
from rooms.schedule.service.sessions import SessionPlan, cancel_session, plan_session
from rooms.store.redis import LIVE_CHANNEL
from rooms.store.scope import AllCentres
from rooms.store.unit_of_work import Store, UnitOfWork
from rooms.store.wakeups import centre_topic
from tests.support.callers import code_of
from tests.support.cast import Cast
from tests.support.factories import make_person
from tests.support.wakeups import hear
from workers import messages
from workers.loop import Resources, open_resources
from workers.messages import send_due

ALL = AllCentres("tests look at every centre")


async def plan(store: Store, cast: Cast, people: Sequence[Person], now: datetime) -> uuid.UUID:
    async with store.work(ALL) as work:
        session = await plan_session(
            work,
            SessionPlan(
                title="Språktrening",
                format=Format.PRACTICE,
                starts_at=now + timedelta(days=1),
                ends_at=now + timedelta(days=1, hours=1),
                person_ids=[person.id for person in people],
            ),
            centre_id=cast.klepp.id,
            actor_id=cast.coordinator.id,
            now=now,
        )
    return session.id


async def states(store: Store) -> dict[uuid.UUID, tuple[MessageState, str | None]]:
    async with store.work(ALL) as work:
        rows = await work.session.scalars(select(Message))
        return {row.person_id: (row.state, row.error) for row in rows}


async def make_due(store: Store, now: datetime) -> None:
    """Time passes: what waits for its next try or in a dead worker's hands is due."""
    async with store.work(ALL) as work:
        await work.session.execute(update(Message).values(next_try_at=now - timedelta(seconds=1)))


def _ask(now: datetime) -> Callable[[UnitOfWork, SignIn], Awaitable[None]]:
    """Writes the message of a sign-in, as the dashboard does."""

    async def put(work: UnitOfWork, asked: SignIn) -> None:
        await outbox.put(
            work,
            kind=Kind.SIGN_IN,
            cause_id=asked.id,
            person_id=asked.person_id,
            centre_id=asked.centre_id,
            now=now,
            priority=1,
        )

    return put


async def send_all(resources: Resources) -> None:
    """As a worker does, however slow this machine is: again as long as there may be more."""
    while await send_due(resources):
        pass


async def test_everybody_invited_gets_their_own_link_in_their_language(
    resources: Resources, store: Store, settings: Settings, cast: Cast, mailbox: Mailbox, now: datetime
) -> None:
    await plan(store, cast, [cast.amina, cast.yusuf], now)
    assert await send_due(resources) is False
    arrived = {message.recipient: message for message in mailbox.store.newest_first()}
    assert set(arrived) == {cast.amina.email, cast.yusuf.email}
    for person, word in ((cast.amina, "مرحبًا"), (cast.yusuf, "Hi")):
        message = arrived[str(person.email)]
        code = await code_of(store, settings, person)
        assert f"{settings.public_url}/l/{code}" in message.text.splitlines()
        assert word in message.text
        assert message.sender.startswith("Frivilligsentralen i Klepp <")
    assert {state for state, _ in (await states(store)).values()} == {MessageState.SENT}
    assert await send_due(resources) is False
    assert all(message.deliveries == 1 for message in mailbox.store.newest_first())


async def test_each_outcome_is_written_down(
    resources: Resources, store: Store, cast: Cast, mailbox: Mailbox, now: datetime
) -> None:
    async with store.work(ALL) as work:
        addresses = [
            "bounce@post.example",
            "later@post.example",
            "lost@post.example",
            None,
            "no address",
            "good@post.example",
        ]
        people = {address: make_person(work, cast.klepp.id, now, email=address) for address in addresses}
        gone = make_person(work, cast.klepp.id, now)
    await plan(store, cast, [*people.values(), gone], now)
    async with store.work(ALL) as work:
        await work.session.execute(update(Person).where(Person.id == gone.id).values(left_at=now))
    await send_all(resources)
    found = await states(store)
    assert {address: found[person.id] for address, person in people.items()} == {
        "bounce@post.example": (MessageState.FAILED, "550"),
        "later@post.example": (MessageState.DUE, "451"),
        "lost@post.example": (MessageState.DUE, "disconnected"),
        None: (MessageState.FAILED, "no_address"),
        "no address": (MessageState.FAILED, "bad_address"),
        "good@post.example": (MessageState.SENT, None),
    }
    assert found[gone.id] == (MessageState.FAILED, "no_address")
    await make_due(store, now)
    await send_all(resources)
    again = await states(store)
    for address in ("later@post.example", "lost@post.example"):
        assert again[people[address].id] == (MessageState.SENT, None)
    # The one whose answer was lost came twice, with the same Message-ID: its reader has it once.
    arrived = {message.recipient: message.deliveries for message in mailbox.store.newest_first()}
    assert arrived == {"good@post.example": 1, "later@post.example": 1, "lost@post.example": 2}


async def test_whoever_wants_no_messages_gets_only_the_sign_ins_they_ask_for(
    resources: Resources, store: Store, settings: Settings, cast: Cast, mailbox: Mailbox, now: datetime
) -> None:
    people = [cast.amina.id, cast.coordinator.id]
    async with store.work(ALL) as work:
        await work.session.execute(update(Person).where(Person.id.in_(people)).values(preferred_way=PreferredWay.NONE))
    await plan(store, cast, [cast.amina, cast.yusuf], now)
    async with store.work(ALL) as work:
        await sign_in.ask(work, "kari@klepp.example", browser="b", keys=settings.key_ring, send=_ask(now), now=now)
    await send_all(resources)
    assert {message.recipient for message in mailbox.store.newest_first()} == {cast.yusuf.email, "kari@klepp.example"}
    assert (await states(store))[cast.amina.id] == (MessageState.FAILED, "unwanted")


async def test_a_cancelled_session_invites_nobody_and_tells_only_the_invited(
    resources: Resources, store: Store, cast: Cast, mailbox: Mailbox, now: datetime
) -> None:
    told = await plan(store, cast, [cast.amina], now)
    await send_all(resources)
    untold = await plan(store, cast, [cast.yusuf], now)
    async with store.work(ALL) as work:
        for session_id in (told, untold):
            await cancel_session(work, session_id, actor_id=cast.coordinator.id, now=now)
    await send_all(resources)
    assert sorted(message.recipient for message in mailbox.store.newest_first()) == [str(cast.amina.email)] * 2
    async with store.work(ALL) as work:
        rows = await work.session.scalars(select(Message).where(Message.person_id == cast.yusuf.id))
        assert {(row.kind, row.state) for row in rows} == {
            (Kind.INVITATION, MessageState.DROPPED),
            (Kind.CANCELLATION, MessageState.DROPPED),
        }


async def test_a_sign_in_arrives_before_a_long_list(
    resources: Resources, store: Store, settings: Settings, cast: Cast, mailbox: Mailbox, now: datetime
) -> None:
    async with store.work(ALL) as work:
        people = [make_person(work, cast.klepp.id, now) for _ in range(100)]
    await plan(store, cast, people, now - timedelta(minutes=1))

    async with store.work(ALL) as work:
        await sign_in.ask(work, "kari@klepp.example", browser="b", keys=settings.key_ring, send=_ask(now), now=now)
    await send_all(resources)
    in_order = [message.recipient for message in reversed(mailbox.store.newest_first())]
    assert len(in_order) == 101
    assert "kari@klepp.example" in in_order[:10]


async def test_two_workers_share_the_work_and_send_nothing_twice(
    resources: Resources, store: Store, worker_settings: Settings, cast: Cast, mailbox: Mailbox, now: datetime
) -> None:
    async with store.work(ALL) as work:
        people = [make_person(work, cast.klepp.id, now) for _ in range(60)]
    await plan(store, cast, people, now)
    async with AsyncExitStack() as stack:
        other = await open_resources(worker_settings, stack)
        await asyncio.gather(send_all(resources), send_all(other))
    arrived = mailbox.store.newest_first()
    assert len(arrived) == 60
    assert {message.deliveries for message in arrived} == {1}


async def test_work_that_takes_long_is_put_down_and_taken_up_again(
    resources: Resources,
    store: Store,
    cast: Cast,
    mailbox: Mailbox,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A stopping worker waits for its task, so a task is short; what it had claimed goes back at once."""
    monkeypatch.setattr(messages, "_NO_NEW_AFTER", 0.1)
    async with store.work(ALL) as work:
        people = [make_person(work, cast.klepp.id, now) for _ in range(60)]
    await plan(store, cast, people, now)
    rounds = 1
    while await send_due(resources):
        assert MessageState.SENDING not in {state for state, _ in (await states(store)).values()}
        rounds += 1
    assert rounds > 1
    assert {message.deliveries for message in mailbox.store.newest_first()} == {1}
    assert len(mailbox.store.newest_first()) == 60


async def test_one_message_that_cannot_be_written_holds_up_no_other(
    resources: Resources, store: Store, cast: Cast, mailbox: Mailbox, now: datetime
) -> None:
    async with store.work(ALL) as work:
        strange = make_person(work, cast.klepp.id, now, ui_language="xx")
    await plan(store, cast, [strange, cast.amina], now)
    await send_all(resources)
    found = await states(store)
    assert found[cast.amina.id][0] is MessageState.SENT
    assert found[strange.id] == (MessageState.DUE, "KeyError")


async def test_the_centre_s_dashboards_are_woken(resources: Resources, store: Store, cast: Cast, now: datetime) -> None:
    await plan(store, cast, [cast.amina], now)
    async with resources.redis.pubsub() as subscriber:
        await subscriber.subscribe(LIVE_CHANNEL)
        await send_all(resources)
        await hear(subscriber, centre_topic(cast.klepp.id))


async def test_whoever_is_reached_while_others_look_for_more_is_told_of(
    resources: Resources, store: Store, cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One letter is on its way while another sender finds that the outbox is empty."""
    await plan(store, cast, [cast.amina], now)
    claim, write, commit = outbox.claim, messages._Round._write, UnitOfWork.commit
    empty: list[UnitOfWork] = []
    sent = asyncio.Event()

    async def claim_and_note(work: UnitOfWork, **facts: Any) -> Any:
        batch = await claim(work, **facts)
        if not batch:
            empty.append(work)
        return batch

    async def commit_slowly(work: UnitOfWork) -> None:
        if work in empty:
            await asyncio.wait_for(sent.wait(), 10)
        await commit(work)

    async def write_and_tell(round_: messages._Round, *results: outbox.Result) -> None:
        await write(round_, *results)
        asyncio.get_running_loop().call_later(0.1, sent.set)

    monkeypatch.setattr(outbox, "claim", claim_and_note)
    monkeypatch.setattr(messages._Round, "_write", write_and_tell)
    monkeypatch.setattr(UnitOfWork, "commit", commit_slowly)
    async with resources.redis.pubsub() as subscriber:
        await subscriber.subscribe(LIVE_CHANNEL)
        await send_all(resources)
        await hear(subscriber, centre_topic(cast.klepp.id))
