"""Every declared route, tried by every kind of caller. A route that is new to this file fails it."""

import json
import re
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from sqlalchemy import select

from config import clock
from config.settings import Settings
from rooms.access.service.sign_in import make_terminal_sign_in
from rooms.app import make_app
from rooms.store.scope import AllCentres
from rooms.store.unit_of_work import Store
from rooms.web.guard import Route, declared
from rooms.web.keys import PAGES, Who
from rooms.wiring import METADATA
from superuser_training.help.records import HelpCall
from tests.support.callers import (
    Client,
    another_browser,
    be,
    code_of,
    cookies_of_coordinator,
    cookies_of_participant,
    csrf_token,
)
from tests.support.cast import Cast
from tests.support.factories import make_session

ALL = AllCentres("tests look everywhere")

#: Routes that anyone may call, and what they check instead of who calls.
OPEN = {
    "GET /healthz": "says nothing but that the process is alive",
    "GET /readyz": "says which services answer, no more",
    "GET /metrics": "a bearer token; numbers only",
    "GET /static/{hash}/{name}": "style sheets and scripts, the same for everybody",
    "GET /": "sends on, or shows a page that knows nobody",
    "GET /sign-in": "a form",
    "POST /sign-in": "rate limits; the answer is the same for every address",
    "GET /sign-in/asked": "the browser's own cookie",
    "GET /sign-in/{code}": "the code; changes nothing",
    "POST /sign-in/{code}": "the code, and the asking browser or its digits",
    "GET /l/{code}": "the code of a personal link",
    "POST /provider-events": "the provider's signature over the raw body",
}
#: Routes without a CSRF token: callers that bring no cookie.
WITHOUT_CSRF = {"POST /provider-events"}


def name_of(route: Route) -> str:
    return f"{route.method} {route.path}"


def _routes() -> list[Route]:
    """Read from an application that is never started, since pytest wants to know the names before anything runs."""
    from config.settings import DEMO_SECRET

    nowhere = Settings.model_validate(
        {
            "database_url": "postgresql://nowhere/x",
            "redis_url": "redis://nowhere",
            "smtp_url": "smtp://nowhere",
            "whereby_api_url": "http://nowhere",
            "whereby_api_key": DEMO_SECRET,
            "whereby_webhook_secret": DEMO_SECRET,
            "room_hosts": "nowhere",
            "secret_keys": f"k:{DEMO_SECRET}",
            "public_url": "http://nowhere",
        }
    )
    return declared(make_app(nowhere))


ROUTES = _routes()
each_route = pytest.mark.parametrize("route", ROUTES, ids=name_of)


@dataclass(frozen=True)
class Samples:
    """Klepp's own ids, by the placeholders that routes have. A route with another one has to be taught here."""

    values: dict[str, str]

    def fill(self, path: str) -> str:
        """The address of a route with Klepp's ids. Raises KeyError for a placeholder that nobody has thought of."""
        kind = path.split("/")[1]
        return re.sub(r"\{(\w+)\}", lambda found: self.values.get(f"{kind}.{found[1]}") or self.values[found[1]], path)


@pytest.fixture
async def samples(cast: Cast, store: Store, settings: Settings, now: datetime, app: web.Application) -> Samples:
    async with store.work(ALL) as work:
        session = await make_session(work, cast.klepp.id, now, invited=[cast.amina, cast.guide])
        help_call = HelpCall(
            id=uuid.uuid4(), centre_id=cast.klepp.id, person_id=cast.amina.id, session_id=session.id, asked_at=now
        )
        work.session.add(help_call)
        sign_in = await make_terminal_sign_in(work, cast.coordinator.id, settings.key_ring, clock.now())
    style = app[PAGES].render("error.html", "nb", heading="x", text="x", request_id=None)
    _, _, hash_and_name = style.partition("/static/")
    return Samples(
        {
            "l.code": await code_of(store, settings, cast.amina),
            "sign-in.code": sign_in.rpartition("/")[2],
            "static.hash": hash_and_name.partition("/")[0],
            "static.name": "join.css",
            "sessions.id": str(session.id),
            "session_id": str(session.id),
            "people.id": str(cast.amina.id),
            "person_id": str(cast.amina.id),
            "help.id": str(help_call.id),
        }
    )


Callers = dict[str, Client]


@pytest.fixture
async def callers(app: web.Application, cast: Cast, store: Store, settings: Settings) -> AsyncIterator[Callers]:
    """A browser for each kind of caller, at one server."""
    server = TestServer(app)
    async with (
        server,
        another_browser(server) as nobody,
        another_browser(server) as participant,
        another_browser(server) as coordinator,
        another_browser(server) as stranger,
    ):
        be(participant, await cookies_of_participant(store, settings, cast.amina))
        be(coordinator, await cookies_of_coordinator(store, settings, cast.coordinator))
        be(stranger, await cookies_of_coordinator(store, settings, cast.kvam_coordinator))
        yield {"nobody": nobody, "participant": participant, "coordinator": coordinator, "stranger": stranger}


async def status_of(client: Client, route: Route, samples: Samples, *, token: bool = True) -> tuple[int, str]:
    headers = {"X-CSRF-Token": await csrf_token(client)} if token and route.method != "GET" else {}
    response = await client.request(route.method, samples.fill(route.path), headers=headers, allow_redirects=False)
    return response.status, response.headers.get("Location", "")


async def rows_of_klepp(store: Store, cast: Cast) -> str:
    """Everything that the database holds of Klepp, as one text."""
    async with store.work(ALL) as work:
        held = {}
        for table in METADATA.sorted_tables:
            if "centre_id" in table.c:
                rows = await work.session.execute(
                    select(table).where(table.c.centre_id == cast.klepp.id).order_by(table.c.id)
                )
                held[table.name] = [[str(value) for value in row] for row in rows]
        return json.dumps(held)


def test_every_open_route_says_what_it_checks() -> None:
    open_routes = {name_of(route) for route in ROUTES if Who.NOBODY in route.allow.who}
    assert open_routes - OPEN.keys() == set(), "say here what the new route checks instead of who calls"
    assert OPEN.keys() - open_routes == set(), "no longer there, or no longer open"


def test_only_callers_without_cookies_go_without_a_csrf_token() -> None:
    assert {name_of(route) for route in ROUTES if not route.csrf} == WITHOUT_CSRF


def test_nothing_changes_by_get() -> None:
    """A route that changes something by GET would be pressed by every preview and scanner."""
    assert {route.method for route in ROUTES} <= {"GET", "POST"}


@each_route
async def test_nobody_gets_in_where_nobody_is_allowed(route: Route, callers: Callers, samples: Samples) -> None:
    status, location = await status_of(callers["nobody"], route, samples)
    if Who.NOBODY in route.allow.who:
        assert status < 500 or route.path == "/readyz"
    elif Who.COORDINATOR in route.allow.who:
        assert (status, location) == (303, "/sign-in")
    else:
        assert status == 404


@each_route
async def test_a_script_of_nobody_is_told_by_status(route: Route, callers: Callers, samples: Samples) -> None:
    if Who.COORDINATOR in route.allow.who and Who.NOBODY not in route.allow.who:
        response = await callers["nobody"].request(
            route.method, samples.fill(route.path), headers={"Accept": "application/json"}, allow_redirects=False
        )
        assert response.status == 401
        assert response.content_type == "application/json"


@each_route
async def test_a_participant_sees_no_coordinators_page(route: Route, callers: Callers, samples: Samples) -> None:
    status, location = await status_of(callers["participant"], route, samples)
    if Who.PARTICIPANT in route.allow.who:
        assert status < 500 or route.path == "/readyz"
        assert location != "/sign-in" or route.path.startswith("/sign-in")
    else:
        assert status == 404


@each_route
async def test_a_coordinator_uses_what_is_theirs(route: Route, callers: Callers, samples: Samples) -> None:
    status, _location = await status_of(callers["coordinator"], route, samples)
    if Who.COORDINATOR in route.allow.who:
        assert status not in {401, 403, 404} or route.path == "/static/{hash}/{name}"
        assert status < 500 or route.path == "/readyz"
    else:
        assert status == 404


@each_route
async def test_a_coordinator_of_another_centre_finds_and_changes_nothing(
    route: Route, callers: Callers, samples: Samples, store: Store, cast: Cast
) -> None:
    if Who.COORDINATOR not in route.allow.who or Who.NOBODY in route.allow.who:
        return
    before = await rows_of_klepp(store, cast)
    status, _location = await status_of(callers["stranger"], route, samples)
    if "{" in route.path:
        assert status in {403, 404}
    assert status < 500
    assert await rows_of_klepp(store, cast) == before


@each_route
async def test_no_change_without_a_csrf_token(
    route: Route, callers: Callers, samples: Samples, store: Store, cast: Cast
) -> None:
    if route.method == "GET" or not route.csrf:
        return
    before = await rows_of_klepp(store, cast)
    for who in (Who.NOBODY, Who.PARTICIPANT, Who.COORDINATOR):
        if who in route.allow.who:
            status, _location = await status_of(callers[who], route, samples, token=False)
            assert status == 403, who
    assert await rows_of_klepp(store, cast) == before


async def test_what_nobody_declared_is_not_found(callers: Callers) -> None:
    for client in callers.values():
        assert (await client.get("/no-such-page", allow_redirects=False)).status == 404
        assert (await client.post("/healthz", allow_redirects=False)).status == 405
