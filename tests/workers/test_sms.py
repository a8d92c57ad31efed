"""SMS through a gateway: to whom, in which words, once; and the other way when one fails."""

import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from pydantic import SecretStr
from sqlalchemy import select

from config import clock
from config.settings import Settings
from rooms.embedded.mailbox.serve import Mailbox
from rooms.messages.channels import sms
from rooms.messages.records import Message
from rooms.messages.rules import Channel, MessageState
from rooms.messages.service import pauses
from rooms.people.records.persons import Person
from rooms.people.rules.contact import PreferredWay
from rooms.seating.service.ways_in import send_again
from rooms.store.unit_of_work import Store
from tests.support.callers import code_of
from tests.support.cast import Cast
from tests.support.factories import make_person
from tests.support.sms_gateway import Gateway, sms_gateway
from tests.workers.test_messages import ALL, make_due, plan, send_all
from tests.workers.test_outage import end_pause
from workers.loop import Resources, open_resources

NUMBER = "+4799999999"


@pytest.fixture
async def gateway() -> AsyncIterator[Gateway]:
    async with sms_gateway() as gateway:
        yield gateway


@pytest.fixture
async def texting(store: Store, worker_settings: Settings, gateway: Gateway) -> AsyncIterator[Resources]:
    """A worker with mail and SMS; `store` empties the database."""
    async with AsyncExitStack() as stack:
        yield await open_resources(worker_settings.model_copy(update={"sms_url": SecretStr(gateway.url)}), stack)


@pytest.fixture
def noon(monkeypatch: pytest.MonkeyPatch) -> datetime:
    """No quiet hours, whenever the tests run."""
    moment = datetime(2026, 11, 23, 12, tzinfo=ZoneInfo("Europe/Oslo"))
    monkeypatch.setattr(clock, "now", lambda: moment)
    return moment


async def invite(store: Store, cast: Cast, now: datetime, **facts: object) -> Person:
    async with store.work(ALL) as work:
        person = make_person(work, cast.klepp.id, now, **{"phone": NUMBER} | facts)
    await plan(store, cast, [person], now)
    return person


async def row(store: Store, person_id: uuid.UUID) -> Message:
    async with store.work(ALL) as work:
        return (await work.session.scalars(select(Message).where(Message.person_id == person_id))).one()


@pytest.mark.parametrize(
    "facts",
    [{"email": None}, {"preferred_way": PreferredWay.SMS}, {"email": None, "preferred_way": PreferredWay.SMS}],
)
async def test_whoever_wants_or_needs_an_sms_gets_one(
    texting: Resources,
    store: Store,
    settings: Settings,
    cast: Cast,
    gateway: Gateway,
    mailbox: Mailbox,
    noon: datetime,
    facts: dict[str, object],
) -> None:
    person = await invite(store, cast, noon, **facts)
    await send_all(texting)
    code = await code_of(store, settings, person)
    ((number, text),) = gateway.taken.values()
    assert number == NUMBER
    assert text.startswith("Frivilligsentralen i Klepp: Invitasjon: Språktrening, tirsdag 24. november")
    assert text.endswith(f" {settings.public_url}/l/{code}")
    assert mailbox.store.newest_first() == []
    found = await row(store, person.id)
    assert (found.channel, found.state, found.attempts) == (Channel.SMS, MessageState.SENT, 1)
    await send_all(texting)
    assert gateway.asked == 1


async def test_what_is_new_about_several_meetings_is_one_sms(
    texting: Resources, store: Store, settings: Settings, cast: Cast, gateway: Gateway, noon: datetime
) -> None:
    person = await invite(store, cast, noon, email=None)
    await plan(store, cast, [person], noon)
    await send_all(texting)
    code = await code_of(store, settings, person)
    assert list(gateway.taken.values()) == [
        (NUMBER, f"Frivilligsentralen i Klepp: Nytt om møtene dine: 2 {settings.public_url}/l/{code}")
    ]


async def test_a_coordinator_tries_the_other_way(
    texting: Resources, store: Store, cast: Cast, gateway: Gateway, mailbox: Mailbox, noon: datetime
) -> None:
    person = await invite(store, cast, noon)
    await send_all(texting)
    assert (len(mailbox.store.newest_first()), gateway.asked) == (1, 0)
    sent = await row(store, person.id)
    assert sent.session_id is not None
    async with store.work(ALL) as work:
        assert await send_again(work, sent.session_id, person.id, tries=1, now=noon, by=Channel.SMS)
    await send_all(texting)
    assert (len(mailbox.store.newest_first()), gateway.asked) == (1, 1)


async def test_nobody_gets_both_or_what_they_said_no_to(
    texting: Resources, store: Store, cast: Cast, gateway: Gateway, mailbox: Mailbox, noon: datetime
) -> None:
    reads_mail = await invite(store, cast, noon)
    said_no = await invite(store, cast, noon, preferred_way=PreferredWay.NONE)
    await send_all(texting)
    assert gateway.asked == 0
    assert [message.recipient for message in mailbox.store.newest_first()] == [reads_mail.email]
    assert (await row(store, said_no.id)).error == "unwanted"


async def test_the_other_way_is_taken_once_one_has_failed_for_good(
    texting: Resources, store: Store, cast: Cast, gateway: Gateway, mailbox: Mailbox, noon: datetime
) -> None:
    by_mail = await invite(store, cast, noon, email="bounce@post.example")
    await send_all(texting)
    found = await row(store, by_mail.id)
    assert (found.channel, found.state, found.first_error) == (Channel.SMS, MessageState.SENT, "550")
    assert len(gateway.taken) == 1
    gateway.answers = [400]
    by_sms = await invite(store, cast, noon, preferred_way=PreferredWay.SMS)
    await send_all(texting)
    found = await row(store, by_sms.id)
    assert (found.channel, found.state, found.first_error) == (Channel.EMAIL, MessageState.SENT, "sms_400")
    assert [message.recipient for message in mailbox.store.newest_first()] == [by_sms.email]
    gateway.answers = [400]
    neither = await invite(store, cast, noon, email="bounce+2@post.example")
    await send_all(texting)
    found = await row(store, neither.id)
    assert (found.state, found.first_error, found.error) == (MessageState.FAILED, "550", "sms_400")


@pytest.mark.parametrize("status", [401, 429, 500, 503])
async def test_a_gateway_in_trouble_is_left_alone_and_costs_no_try(
    texting: Resources, store: Store, cast: Cast, gateway: Gateway, mailbox: Mailbox, noon: datetime, status: int
) -> None:
    gateway.answers = [status] * 5
    person = await invite(store, cast, noon, email=None)
    reads_mail = await invite(store, cast, noon, phone=None)
    await send_all(texting)
    await send_all(texting)
    found = await row(store, person.id)
    assert (found.state, found.attempts, found.error) == (MessageState.DUE, 0, f"sms_{status}")
    assert gateway.asked == 1
    assert [message.recipient for message in mailbox.store.newest_first()] == [reads_mail.email]
    gateway.answers = []
    await end_pause(store, noon)
    await send_all(texting)
    assert (await row(store, person.id)).state is MessageState.SENT
    async with store.work(ALL) as work:
        assert await pauses.all_pauses(work) == []


async def test_an_answer_that_comes_too_late_sends_nothing_twice(
    texting: Resources,
    store: Store,
    cast: Cast,
    gateway: Gateway,
    noon: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sms, "_ANSWER", 0.5)
    gateway.answering.clear()
    person = await invite(store, cast, noon, email=None)
    await send_all(texting)
    found = await row(store, person.id)
    assert (found.state, found.attempts, found.error) == (MessageState.DUE, 1, "no_connection")
    gateway.answering.set()
    await make_due(store, noon)
    await end_pause(store, noon)
    await send_all(texting)
    assert (await row(store, person.id)).state is MessageState.SENT
    assert (gateway.asked, len(gateway.taken)) == (2, 1)


async def test_no_phone_beeps_at_night(
    texting: Resources, store: Store, cast: Cast, gateway: Gateway, noon: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    night = noon.replace(hour=23)
    monkeypatch.setattr(clock, "now", lambda: night)
    person = await invite(store, cast, night, email=None)
    await send_all(texting)
    found = await row(store, person.id)
    assert (gateway.asked, found.state, found.attempts) == (0, MessageState.DUE, 0)
    assert found.next_try_at == night.replace(hour=8) + timedelta(days=1)
    monkeypatch.setattr(clock, "now", lambda: night.replace(hour=8, minute=1) + timedelta(days=1))
    await send_all(texting)
    assert gateway.asked == 1


async def test_nothing_that_is_personal_is_logged(
    texting: Resources,
    store: Store,
    cast: Cast,
    gateway: Gateway,
    noon: datetime,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    gateway.answers = [200, 400, 500]
    for _ in range(3):
        await invite(store, cast, noon, email=None)
    await send_all(texting)
    said = caplog.text + "".join(capsys.readouterr())
    assert "rests" in said
    assert NUMBER[3:] not in said
    assert "/l/" not in said


async def test_without_a_gateway_the_number_is_no_way(
    resources: Resources, store: Store, cast: Cast, mailbox: Mailbox, now: datetime
) -> None:
    person = await invite(store, cast, now, email=None)
    prefers = await invite(store, cast, now, preferred_way=PreferredWay.SMS)
    await send_all(resources)
    assert (await row(store, person.id)).error == "no_address"
    assert [message.recipient for message in mailbox.store.newest_first()] == [prefers.email]
