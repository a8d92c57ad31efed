"""Signing in through the pages, as a browser does it."""

import re
from collections.abc import AsyncIterator
from datetime import datetime

import pytest
from aiohttp import ClientResponse, CookieJar, web
from aiohttp.test_utils import TestClient, TestServer
from redis.asyncio import Redis
from sqlalchemy import func, select

from config.settings import Settings
from rooms.access.records import SignIn
from rooms.access.rules.codes import Purpose, make_code
from rooms.access.service.sign_in import make_terminal_sign_in, sign_in_path
from rooms.access.views.sign_in import SEND
from rooms.messages.records import Message
from rooms.messages.rules import Kind
from rooms.people.records.persons import Person
from rooms.store.scope import AllCentres
from rooms.store.unit_of_work import Store, UnitOfWork
from rooms.web.keys import REDIS
from tests.support.callers import Client, another_browser, be, cookies_of_coordinator, csrf_token
from tests.support.cast import Cast
from tests.support.waiting import until

ALL = AllCentres("tests look everywhere")


@pytest.fixture
async def other(client: Client) -> AsyncIterator[Client]:
    assert isinstance(client.server, TestServer)
    async with another_browser(client.server) as other:
        yield other


async def post(client: Client, path: str, **fields: str) -> ClientResponse:
    token = await csrf_token(client)
    return await client.post(path, data={"csrf_token": token, **fields}, allow_redirects=False)


async def mailed(store: Store, settings: Settings, email: str = "kari@klepp.example") -> str:
    """The path in the e-mail that was put into the outbox for this address, once it has been."""

    async def newest() -> SignIn | None:
        async with store.work(ALL) as work:
            found: SignIn | None = await work.session.scalar(
                select(SignIn).join(Person, Person.id == SignIn.person_id).where(Person.email == email)
            )
            return found

    row = await until(newest)
    assert row is not None
    return sign_in_path(make_code(Purpose.SIGN_IN, next(iter(settings.key_ring.values())), row.id))


def digits_on(page: str) -> str:
    found = re.search(r"\d{3} \d{3}", page)
    assert found, page
    return found.group()


async def test_from_the_form_to_the_dashboard_in_one_browser(
    client: Client, cast: Cast, store: Store, settings: Settings
) -> None:
    response = await post(client, "/sign-in", email="kari@klepp.example")
    assert (response.status, response.headers["Location"]) == (303, "/sign-in/asked")
    path = await mailed(store, settings)
    async with store.work(ALL) as work:
        message = (await work.session.scalars(select(Message))).one()
    assert (message.kind, message.person_id, message.centre_id) == (Kind.SIGN_IN, cast.coordinator.id, cast.klepp.id)
    page = await (await client.get(path)).text()
    assert 'name="digits"' not in page
    response = await post(client, path)
    assert (response.status, response.headers["Location"]) == (303, "/today")
    cookie = response.cookies["coordinator"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert (await client.get(path)).status == 404


async def test_in_another_browser_the_digits_are_asked_for(
    client: Client, other: Client, cast: Cast, store: Store, settings: Settings
) -> None:
    await post(client, "/sign-in", email="kari@klepp.example")
    digits = digits_on(await (await client.get("/sign-in/asked")).text())
    path = await mailed(store, settings)
    assert 'name="digits"' in await (await other.get(path)).text()
    response = await post(other, path)  # a scanner that presses the button
    assert (response.status, "coordinator" in response.cookies) == (200, False)
    response = await post(other, path, digits="000 000" if digits != "000 000" else "000 001")
    assert (response.status, "coordinator" in response.cookies) == (422, False)
    response = await post(other, path, digits=digits)
    assert (response.status, "coordinator" in response.cookies) == (303, True)


async def test_after_five_wrong_tries_the_page_says_that_the_link_is_gone(
    client: Client, other: Client, cast: Cast, store: Store, settings: Settings
) -> None:
    await post(client, "/sign-in", email="kari@klepp.example")
    digits = digits_on(await (await client.get("/sign-in/asked")).text())
    path = await mailed(store, settings)
    wrong = "000000" if digits != "000 000" else "000001"
    assert [(await post(other, path, digits=wrong)).status for _ in range(6)] == [422] * 4 + [404] * 2
    assert (await post(client, path)).status == 404


def seen(response: ClientResponse, body: str) -> tuple[object, ...]:
    """All that a caller can see of an answer, with what is random in each of them taken out."""
    headers = {name: value for name, value in response.headers.items() if name.lower() not in {"x-request-id", "date"}}
    random = re.compile(r"(?<=sign_in=)[\w-]+|(?<=csrf=)[\w-]+|expires=[^;]+|\d{3} \d{3}|[0-9a-f]{64}")
    return response.status, random.sub("…", str(sorted(headers.items()))), random.sub("…", body)


async def test_a_known_and_an_unknown_address_look_the_same(app: web.Application, cast: Cast, store: Store) -> None:
    answers = []
    server = TestServer(app)
    async with server:
        for email in ("kari@klepp.example", "nobody@klepp.example", cast.amina.email or ""):
            async with another_browser(server) as client:
                response = await post(client, "/sign-in", email=email)
                page = await client.get("/sign-in/asked")
                answers.append(
                    (seen(response, await response.text()), seen(page, await page.text()), sorted(response.cookies))
                )
    assert answers[0] == answers[1] == answers[2]
    assert "sign_in" in answers[0][2]
    async with store.work(ALL) as work:  # the server has stopped, so whatever was asked is finished
        assert await work.session.scalar(select(func.count()).select_from(SignIn)) == 1


async def test_the_answer_does_not_wait_for_the_look_up(app: web.Application, cast: Cast) -> None:
    """A slow database would tell a known address from an unknown one, if the answer came after it."""
    answered: list[str] = []

    async def send_after_the_answer(_work: UnitOfWork, _sign_in: SignIn) -> None:
        async def has_answered() -> list[str]:
            return answered

        await until(has_answered)

    app[SEND] = send_after_the_answer
    async with TestClient(TestServer(app), cookie_jar=CookieJar(unsafe=True)) as client:
        response = await post(client, "/sign-in", email="kari@klepp.example")
        answered.append(response.headers["Location"])
    assert answered == ["/sign-in/asked"]


@pytest.mark.parametrize("email", ["", "kari", "@klepp.example", "kari@", "ka ri@klepp.example", "k@" + "x" * 260])
async def test_what_is_no_address_is_said_beside_the_field(client: Client, cast: Cast, email: str) -> None:
    response = await post(client, "/sign-in", email=email)
    page = await response.text()
    assert response.status == 422
    assert 'aria-invalid="true"' in page
    assert f'value="{email}"' in page


async def test_an_address_is_asked_for_five_times_in_a_quarter_of_an_hour(client: Client, cast: Cast) -> None:
    statuses = [(await post(client, "/sign-in", email="Nobody@klepp.example")).status for _ in range(6)]
    assert statuses == [303] * 5 + [429]
    assert (await post(client, "/sign-in", email="nobody@KLEPP.example")).status == 429
    assert (await post(client, "/sign-in", email="kari@klepp.example")).status == 303


async def test_one_caller_asks_for_twenty_addresses(client: Client, cast: Cast) -> None:
    statuses = [(await post(client, "/sign-in", email=f"nobody{n}@klepp.example")).status for n in range(21)]
    assert statuses == [303] * 20 + [429]


async def test_without_redis_nobody_signs_in(
    app: web.Application, client: Client, cast: Cast, store: Store, settings: Settings, now: datetime
) -> None:
    async with store.work(ALL) as work:
        path = await make_terminal_sign_in(work, cast.coordinator.id, settings.key_ring, now)
    token = await csrf_token(client)
    real = app[REDIS].connection_pool
    app[REDIS].connection_pool = Redis(host="127.0.0.1", port=1, socket_connect_timeout=0.2).connection_pool
    try:
        for address, fields in (("/sign-in", {"email": "kari@klepp.example"}), (path, {})):
            response = await client.post(address, data={"csrf_token": token, **fields}, allow_redirects=False)
            assert response.status == 429
            assert int(response.headers["Retry-After"]) > 0
    finally:
        app[REDIS].connection_pool = real
    assert (await post(client, path)).status == 303


async def test_asked_without_having_asked_leads_to_the_form(client: Client, store: Store) -> None:
    response = await client.get("/sign-in/asked", allow_redirects=False)
    assert (response.status, response.headers["Location"]) == (303, "/sign-in")


async def test_signing_out_ends_a_copy_of_the_cookie_too(
    client: Client, other: Client, cast: Cast, store: Store, settings: Settings
) -> None:
    cookies = await cookies_of_coordinator(store, settings, cast.coordinator)
    be(client, cookies)
    be(other, cookies)
    response = await post(client, "/sign-out")
    assert (response.status, response.headers["Location"]) == (303, "/sign-in")
    assert response.cookies["coordinator"].value == ""
    response = await post(other, "/sign-out")  # a coordinators' route, and the copy is nobody now
    assert (response.status, response.headers["Location"]) == (303, "/sign-in")
    async with store.work(ALL) as work:
        assert (await work.session.scalars(select(SignIn))).all() == []


@pytest.mark.parametrize(("language", "words", "direction"), [("ar", "تسجيل الدخول", "rtl"), ("nn", "Logg inn", "ltr")])
async def test_the_pages_speak_the_readers_language(
    client: Client, store: Store, language: str, words: str, direction: str
) -> None:
    page = await (await client.get("/sign-in", params={"lang": language})).text()
    assert f'<html lang="{language}" dir="{direction}"' in page
    assert words in page
    assert words in await (await client.get("/sign-in")).text()  # remembered in this browser
