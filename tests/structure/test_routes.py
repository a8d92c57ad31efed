"""Every declared route, tried by every kind of caller. A route that is new to this file fails it."""

import json

from sqlalchemy import select

from rooms.store.scope import AllCentres
from rooms.store.unit_of_work import Store
from rooms.web.guard import Route
from rooms.web.keys import Who
from rooms.wiring import METADATA
from tests.structure.routes import ROUTES, Callers, Samples, each_route, name_of, status_of
from tests.support.cast import Cast

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
    if Who.NOBODY in route.allow.who:
        assert status < 500 or route.path == "/readyz"
    elif Who.COORDINATOR in route.allow.who:
        assert status < 500
        assert status not in {401, 403, 404}
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
