"""Which of a browser's two cookies speaks, and how long."""

import uuid
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from http.cookies import SimpleCookie
from typing import Any

import pytest
from aiohttp import CookieJar, web
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy import select

from config import clock
from config.settings import Settings
from rooms.access.records import Link
from rooms.access.rules.tokens import LIFE, Audience, claim, read_token, write_token
from rooms.access.views.identity import (
    DEVICE,
    TOKENS,
    sign_in_participant,
    this_device,
)
from rooms.people.records.persons import Person
from rooms.store.scope import AllCentres
from rooms.store.unit_of_work import Store
from rooms.web.guard import ANYONE, COORDINATORS, PARTICIPANTS, Allow, Route, add_routes
from rooms.web.keys import IDENTITY, LANGUAGE, Who
from tests.support.callers import Client, be, code_of, cookies_of_coordinator, cookies_of_participant
from tests.support.cast import Cast

BOTH = Allow("both", frozenset({Who.PARTICIPANT, Who.COORDINATOR}))
ALL = AllCentres("tests look everywhere")


async def who_am_i(request: web.Request) -> web.Response:
    identity = request[IDENTITY]
    return web.json_response({"who": identity.who, "person": str(identity.person_id), "language": request[LANGUAGE]})


def handler() -> Any:
    """A handler of its own, since a handler has one rule."""

    async def ask(request: web.Request) -> web.Response:
        return await who_am_i(request)

    return ask


async def open_link(request: web.Request) -> web.Response:
    """What the door of a personal link does with the row that it found."""
    sign_in_participant(
        request,
        link_id=uuid.UUID(request.query["link"]),
        person_id=uuid.UUID(request.query["person"]),
        centre_id=uuid.UUID(request.query["centre"]),
        language="ar",
    )
    return await who_am_i(request)


async def device(request: web.Request) -> web.Response:
    this = this_device(request)
    return web.json_response({"id": str(this.id), "link": str(this.link_id)})


@pytest.fixture
async def client(app: web.Application) -> AsyncIterator[Client]:
    add_routes(
        app,
        [
            Route("GET", "/l/test", open_link, ANYONE),
            Route("GET", "/me/test", handler(), ANYONE),
            Route("GET", "/live-test", handler(), BOTH),
            Route("GET", "/board-test", handler(), BOTH),
            Route("GET", "/open-test", handler(), ANYONE),
            Route("GET", "/me/participants-test", handler(), PARTICIPANTS),
            Route("GET", "/coordinators-test", handler(), COORDINATORS),
            Route("GET", "/me/device-test", device, PARTICIPANTS),
        ],
    )
    async with TestClient(TestServer(app), cookie_jar=CookieJar(unsafe=True)) as client:
        yield client


async def who(client: Client, path: str) -> object:
    response = await client.get(path, allow_redirects=False)
    return (await response.json())["who"] if response.status == 200 else response.status


async def test_with_both_cookies_the_address_decides(
    client: Client, cast: Cast, store: Store, settings: Settings
) -> None:
    be(client, await cookies_of_coordinator(store, settings, cast.coordinator))
    be(client, await cookies_of_participant(store, settings, cast.amina))
    assert {path: await who(client, path) for path in (
        "/me/test", "/live-test", "/live-test?as=coordinator", "/board-test", "/open-test", "/me/participants-test",
        "/coordinators-test",
    )} == {
        "/me/test": "participant",
        "/live-test": "participant",
        "/live-test?as=coordinator": "coordinator",
        "/board-test": "coordinator",
        "/open-test": "coordinator",
        "/me/participants-test": "participant",
        "/coordinators-test": "coordinator",
    }  # fmt: skip


async def test_one_cookie_alone(client: Client, cast: Cast, store: Store, settings: Settings) -> None:
    assert [await who(client, path) for path in ("/me/test", "/open-test", "/coordinators-test")] == [
        "nobody",
        "nobody",
        303,
    ]
    be(client, await cookies_of_participant(store, settings, cast.amina))
    assert [await who(client, path) for path in ("/me/test", "/open-test", "/coordinators-test")] == [
        "participant",
        "participant",
        404,
    ]


async def test_a_coordinator_alone_is_none_of_the_participants(
    client: Client, cast: Cast, store: Store, settings: Settings
) -> None:
    be(client, await cookies_of_coordinator(store, settings, cast.coordinator))
    assert [await who(client, path) for path in ("/me/test", "/me/participants-test", "/coordinators-test")] == [
        "coordinator",
        404,
        "coordinator",
    ]


async def test_a_coordinator_who_is_no_longer_one_is_out_with_the_next_page(
    client: Client, cast: Cast, store: Store, settings: Settings
) -> None:
    be(client, await cookies_of_coordinator(store, settings, cast.coordinator))
    assert await who(client, "/coordinators-test") == "coordinator"
    async with store.work(ALL) as work:
        person = (await work.session.scalars(select(Person).where(Person.id == cast.coordinator.id))).one()
        person.staff_role = None
    assert await who(client, "/coordinators-test") == 303


@pytest.mark.parametrize("age", [timedelta(minutes=59), timedelta(hours=1, seconds=1)])
async def test_use_renews_the_cookie_after_an_hour(
    client: Client, cast: Cast, settings: Settings, store: Store, age: timedelta
) -> None:
    cookies = await cookies_of_coordinator(store, settings, cast.coordinator)
    name = TOKENS[Audience.COORDINATOR]
    held = read_token(cookies[name], Audience.COORDINATOR, settings.key_ring, clock.now())
    older = replace(held, issued_at=held.issued_at - age, expires_at=held.expires_at - age, since=held.since - age)
    be(client, {name: write_token(older, settings.key_ring)})
    response = await client.get("/coordinators-test")
    assert response.status == 200
    if age < timedelta(hours=1):
        assert name not in response.cookies
    else:
        fresh = read_token(response.cookies[name].value, Audience.COORDINATOR, settings.key_ring, clock.now())
        assert fresh.expires_at >= held.issued_at + LIFE
        assert fresh.since == older.since


@pytest.mark.parametrize("cookie", ["nonsense", "a.b.c", ""])
async def test_a_cookie_that_is_not_ours_is_nobody(client: Client, store: Store, cookie: str) -> None:
    be(client, dict.fromkeys(TOKENS.values(), cookie))
    assert await who(client, "/open-test") == "nobody"


async def test_opening_a_link_makes_this_browser_its_person(
    client: Client, cast: Cast, store: Store, settings: Settings
) -> None:
    await code_of(store, settings, cast.amina)
    async with store.work(ALL) as work:
        link = (await work.session.scalars(select(Link))).one()
    query = {"link": str(link.id), "person": str(cast.amina.id), "centre": str(cast.klepp.id)}
    response = await client.get("/l/test", params=query)
    assert await response.json() == {"who": "participant", "person": str(cast.amina.id), "language": "ar"}
    cookies: SimpleCookie = response.cookies
    assert all(cookies[name]["httponly"] for name in (TOKENS[Audience.PARTICIPANT], DEVICE))
    assert await who(client, "/me/participants-test") == "participant"
    first = await (await client.get("/me/device-test")).json()
    await client.get("/l/test", params=query)
    assert await (await client.get("/me/device-test")).json() == first  # the same browser is the same device


async def test_cookies_of_two_browsers_do_not_mix(client: Client, cast: Cast, store: Store, settings: Settings) -> None:
    be(client, {**await cookies_of_participant(store, settings, cast.amina), DEVICE: "another browser's"})
    assert (await client.get("/me/device-test")).status == 403


async def test_a_language_chosen_in_the_browser_comes_before_the_persons_own(
    client: Client, cast: Cast, store: Store, settings: Settings
) -> None:
    be(client, await cookies_of_participant(store, settings, cast.amina))
    assert (await (await client.get("/me/test")).json())["language"] == "ar"
    assert (await (await client.get("/me/test", params={"lang": "en"})).json())["language"] == "en"
    assert (await (await client.get("/me/test")).json())["language"] == "en"


def test_times_of_a_new_token_are_whole_seconds(now: datetime) -> None:
    ids = {"person_id": uuid.uuid4(), "centre_id": uuid.uuid4(), "proof_id": uuid.uuid4()}
    assert claim(Audience.COORDINATOR, **ids, language="nb", now=now).issued_at.microsecond == 0
