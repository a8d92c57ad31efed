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
    "GET /calendar/{code}.ics": "the code of a feed; rate limits for wrong ones",
    "POST /sms-reports": "a password, which the gateway alone knows; the answer tells nothing",
    "POST /provider-events": "the provider's signature over the raw body",
}
#: Routes without a CSRF token: callers that bring no cookie.
WITHOUT_CSRF = {"POST /provider-events", "POST /sms-reports"}


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
async def test_a_route_lets_in_whom_it_allows_and_nobody_else(
    route: Route, callers: Callers, samples: Samples, store: Store, cast: Cast
) -> None:
    """Strangers first, who must leave everything as it was; then whoever may call it."""
    before = await rows_of_klepp(store, cast)
    if Who.NOBODY not in route.allow.who:
        for_coordinators = Who.COORDINATOR in route.allow.who
        assert await status_of(callers["nobody"], route, samples) == (
            (303, "/sign-in") if for_coordinators else (404, "")
        )
        if for_coordinators:
            assert await status_of(callers["nobody"], route, samples, script=True) == (401, "")
        for who in {Who.PARTICIPANT, Who.COORDINATOR} - route.allow.who:
            assert (await status_of(callers[who], route, samples))[0] == 404, who
    if for_staff_only(route):
        status, _location = await status_of(callers["stranger"], route, samples)
        assert status < 500
        assert status in {403, 404} or "{" not in route.path, "another centre's coordinator found something of Klepp's"
    if route.method != "GET" and route.csrf:
        for who in route.allow.who:
            assert (await status_of(callers[who], route, samples, token=False))[0] == 403, f"{who} without a CSRF token"
    if Who.NOBODY not in route.allow.who:
        assert await rows_of_klepp(store, cast) == before
    for who in route.allow.who:
        status, location = await status_of(callers[who], route, samples)
        assert status < 500 or route.path == "/readyz", who
        if Who.NOBODY not in route.allow.who:
            assert status not in {401, 403, 404}, who
            assert location != "/sign-in" or route.path == "/sign-out", who


def for_staff_only(route: Route) -> bool:
    return route.allow.who == {Who.COORDINATOR}


async def test_what_nobody_declared_is_not_found(callers: Callers) -> None:
    for client in callers.values():
        assert (await client.get("/no-such-page", allow_redirects=False)).status == 404
        assert (await client.post("/healthz", allow_redirects=False)).status == 405
