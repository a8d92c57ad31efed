"""The application's routes as tests see them, and addresses in which Klepp's own ids stand."""

import re
from dataclasses import dataclass

import pytest

from config.settings import DEMO_SECRET, Settings
from rooms.app import make_app
from rooms.web.guard import Route, declared
from tests.support.callers import Client, csrf_token


def name_of(route: Route) -> str:
    return f"{route.method} {route.path}"


def _routes() -> list[Route]:
    """Read from an application that is never started, since pytest wants to know the names before anything runs."""
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


Callers = dict[str, Client]


async def status_of(
    client: Client, route: Route, samples: Samples, *, token: bool = True, script: bool = False
) -> tuple[int, str]:
    """What a caller gets for a route with Klepp's ids in it: the status, and where it leads."""
    headers = {"Origin": str(client.make_url("/").origin())}
    if script:
        headers["Accept"] = "application/json"
    if token and route.method != "GET":
        headers["X-CSRF-Token"] = await csrf_token(client)
    address = samples.fill(route.path)
    async with client.request(route.method, address, headers=headers, allow_redirects=False) as response:
        return response.status, response.headers.get("Location", "")
