"""What a reader is told when something goes wrong, and what nobody is told."""

import logging
from collections.abc import AsyncIterator

import pytest
from aiohttp import CookieJar, web
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm.exc import StaleDataError

from rooms.web.errors import Forbidden, NotFound, SignInNeeded, TooManyRequests
from rooms.web.guard import ANYONE, Allow, Route, add_routes, check_all_declared
from rooms.web.keys import Who
from tests.support.callers import Client

SECRET = "kari@klepp.example and /l/abcdefgh12345678"
CASES: dict[str, tuple[Exception, int]] = {
    "not-found": (NotFound(), 404),
    "forbidden": (Forbidden(), 403),
    "too-many": (TooManyRequests(90), 429),
    "conflict": (StaleDataError(SECRET), 409),
    "database": (OperationalError(SECRET, {"name": SECRET}, Exception(SECRET)), 503),
    "pool": (PoolTimeout(SECRET), 503),
    "network": (ConnectionResetError(SECRET), 503),
    "too-slow": (TimeoutError(SECRET), 503),
    "bug": (RuntimeError(SECRET), 500),
    "aiohttp": (web.HTTPRequestEntityTooLarge(1, 2), 413),
    "teapot": (web.HTTPBadGateway(text=SECRET), 502),
}


@pytest.fixture
async def client(app: web.Application) -> AsyncIterator[Client]:
    async def fail(request: web.Request) -> web.StreamResponse:
        raise CASES[request.match_info["case"]][0]

    async def needs_sign_in(_request: web.Request) -> web.StreamResponse:
        raise SignInNeeded

    add_routes(
        app,
        [Route("GET", "/fail/{case}", fail, ANYONE), Route("GET", "/needs-sign-in", needs_sign_in, ANYONE)],
    )
    async with TestClient(TestServer(app), cookie_jar=CookieJar(unsafe=True)) as client:
        yield client


@pytest.mark.parametrize("case", CASES)
async def test_each_error_has_its_answer_as_a_page_and_as_json(
    client: Client, case: str, caplog: pytest.LogCaptureFixture
) -> None:
    error, status = CASES[case]
    caplog.set_level(logging.CRITICAL)
    page = await client.get(f"/fail/{case}", params={"lang": "nn"})
    text = await page.text()
    assert page.status == status
    assert '<html lang="nn"' in text
    assert SECRET not in text
    assert "Traceback" not in text
    assert type(error).__name__ not in text
    if status >= 500:
        assert page.headers["X-Request-Id"] in text
    data = await client.get(f"/fail/{case}", headers={"Accept": "application/json"})
    assert data.status == status
    assert await data.json() == {"error": status, "id": data.headers["X-Request-Id"]}
    if isinstance(error, TooManyRequests):
        assert page.headers["Retry-After"] == data.headers["Retry-After"] == "90"


async def test_an_unknown_address_is_a_page_in_the_readers_language(client: Client) -> None:
    response = await client.get("/nothing/here", headers={"Accept-Language": "ar-EG,ar;q=0.9,en;q=0.5"})
    assert response.status == 404
    assert '<html lang="ar" dir="rtl"' in await response.text()


async def test_a_wrong_method_is_told_as_one(client: Client) -> None:
    assert (await client.post("/healthz")).status == 405


async def test_signing_in_is_a_way_on_for_people_and_a_status_for_scripts(client: Client) -> None:
    response = await client.get("/needs-sign-in", allow_redirects=False)
    assert (response.status, response.headers["Location"]) == (303, "/sign-in")
    response = await client.get("/needs-sign-in", headers={"Accept": "application/json"})
    assert response.status == 401


def test_a_route_without_a_rule_stops_the_start(app: web.Application) -> None:
    async def handler(_request: web.Request) -> web.StreamResponse:
        return web.Response()

    app.router.add_get("/undeclared", handler)
    with pytest.raises(RuntimeError, match="undeclared"):
        check_all_declared(app)


def test_one_handler_cannot_have_two_rules(app: web.Application) -> None:
    async def handler(_request: web.Request) -> web.StreamResponse:
        return web.Response()

    add_routes(app, [Route("GET", "/one", handler, ANYONE)])
    with pytest.raises(ValueError, match="/two"):
        add_routes(app, [Route("GET", "/two", handler, Allow("guests", frozenset({Who.PARTICIPANT})))])
