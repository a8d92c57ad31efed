"""What the SMS gateway reports: believed with the password only, and once."""

import uuid
from collections.abc import AsyncIterator
from datetime import datetime

import pytest
from aiohttp import encode_basic_auth
from aiohttp.test_utils import TestServer
from pydantic import SecretStr
from sqlalchemy import update

from config.settings import Settings
from rooms.app import make_app
from rooms.messages.records import Message
from rooms.messages.rules import Channel, Kind, MessageState
from rooms.messages.rules.reports import arrived
from rooms.people.records.persons import Person
from rooms.store.scope import AllCentres
from rooms.store.unit_of_work import Store
from tests.support.callers import Client, another_browser
from tests.support.cast import Cast
from tests.support.factories import make_session

ALL = AllCentres("tests look at every message")
SECRET = "a-secret-of-the-gateway"
THEIRS = {"Authorization": encode_basic_auth("sms", SECRET)}


@pytest.fixture
async def reports(store: Store, settings: Settings) -> AsyncIterator[Client]:
    """The web application of an installation whose gateway reports; `store` empties the database."""
    app = make_app(settings.model_copy(update={"sms_report_secret": SecretStr(SECRET)}))
    server = TestServer(app)
    async with server, another_browser(server) as client:
        yield client


async def sent(store: Store, cast: Cast, now: datetime, *, email: str | None = None) -> uuid.UUID:
    """An invitation that went to Amina by SMS."""
    message_id = uuid.uuid4()
    async with store.work(ALL) as work:
        session = await make_session(work, cast.klepp.id, now, invited=[cast.amina])
        await work.session.execute(
            update(Person).where(Person.id == cast.amina.id).values(email=email, phone="+4799999999")
        )
        work.session.add(
            Message(
                id=message_id, centre_id=cast.klepp.id, person_id=cast.amina.id, session_id=session.id,
                kind=Kind.INVITATION, channel=Channel.SMS, idempotency_key=str(message_id), cause_id=session.id,
                state=MessageState.SENT, created_at=now, next_try_at=now, attempts=1, sent_at=now,
            )
        )  # fmt: skip
    return message_id


async def row(store: Store, message_id: uuid.UUID) -> Message:
    async with store.work(ALL) as work:
        return await work.session.get_one(Message, message_id)


@pytest.mark.parametrize("how", ["form", "json", "address"])
async def test_it_arrived(reports: Client, store: Store, cast: Cast, now: datetime, how: str) -> None:
    message_id = await sent(store, cast, now)
    said = {"id": str(message_id), "status": "delivered"}
    for _ in range(2):
        match how:
            case "form":
                response = await reports.post("/sms-reports", data=said, headers=THEIRS)
            case "json":
                response = await reports.post("/sms-reports", json=said, headers=THEIRS)
            case _:
                response = await reports.post("/sms-reports", params=said, headers=THEIRS)
        assert response.status == 204
    found = await row(store, message_id)
    assert found.delivered_at is not None
    assert found.state is MessageState.SENT


@pytest.mark.parametrize("email", [None, "amina@post.example"])
async def test_it_never_arrives(reports: Client, store: Store, cast: Cast, now: datetime, email: str | None) -> None:
    message_id = await sent(store, cast, now, email=email)
    for _ in range(2):
        await reports.post("/sms-reports", data={"id": str(message_id), "status": "FAILED"}, headers=THEIRS)
    found = await row(store, message_id)
    other_way = (MessageState.DUE, Channel.EMAIL, "sms_lost")
    none_left = (MessageState.FAILED, Channel.SMS, None)
    assert (found.state, found.channel, found.first_error) == (other_way if email else none_left)
    assert found.error == "sms_lost"


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Basic",
        "Basic ***",
        f"Bearer {SECRET}",
        *(encode_basic_auth(*pair) for pair in (("sms", "wrong"), (SECRET, ""))),
    ],
)
async def test_nobody_else_is_believed(reports: Client, store: Store, cast: Cast, now: datetime, header: str) -> None:
    message_id = await sent(store, cast, now)
    response = await reports.post(
        "/sms-reports", data={"id": str(message_id), "status": "failed"}, headers={"Authorization": header}
    )
    assert response.status == 401
    assert (await row(store, message_id)).state is MessageState.SENT


@pytest.mark.parametrize(
    "said", [{}, {"id": "x", "status": "failed"}, {"id": str(uuid.uuid4()), "status": "failed"}, {"status": "failed"}]
)
async def test_nonsense_is_taken_and_changes_nothing(reports: Client, said: dict[str, str]) -> None:
    assert (await reports.post("/sms-reports", data=said, headers=THEIRS)).status == 204
    assert (
        await reports.post("/sms-reports", data=b"{", headers=THEIRS | {"Content-Type": "application/json"})
    ).status == 204


async def test_without_a_password_there_are_no_reports(client: Client) -> None:
    assert (await client.post("/sms-reports", headers=THEIRS)).status == 404


@pytest.mark.parametrize(
    ("status", "expected"),
    [("delivered", True), (" DELIVRD ", True), ("Undelivered", False), ("EXPIRED", False), ("sent", None), ("", None)],
)
def test_what_the_words_mean(status: str, expected: bool | None) -> None:
    assert arrived(status) is expected
