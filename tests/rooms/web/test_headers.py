"""Headers of every answer."""

import pytest

from rooms.store.unit_of_work import Store
from rooms.web.headers import security_headers
from tests.support.callers import Client


def policy(headers: dict[str, str]) -> dict[str, list[str]]:
    parts = (part.split() for part in headers["Content-Security-Policy"].split(";"))
    return {name: values for name, *values in parts}


@pytest.mark.parametrize("path", ["/healthz", "/sign-in", "/nothing/here", "/sign-in/0000000000000000"])
async def test_every_answer_has_them(client: Client, store: Store, path: str) -> None:
    headers = dict((await client.get(path)).headers)
    assert policy(headers)["default-src"] == ["'none'"]
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Robots-Tag"] == "noindex"


def test_scripts_and_styles_come_from_us_alone_and_rooms_from_their_hosts() -> None:
    found = policy(security_headers(["*.whereby.com", "rooms.example:8443"], "https://sammen.example"))
    assert found["script-src"] == found["style-src"] == ["'self'"]
    assert found["frame-src"] == ["*.whereby.com", "rooms.example:8443"]
    assert found["frame-ancestors"] == ["'none'"]
    assert found["base-uri"] == ["'none'"]
    assert found["form-action"] == ["'self'"]
    assert "wss://sammen.example" in found["connect-src"]
    assert not any("unsafe" in value or value == "*" for values in found.values() for value in values)


def test_camera_and_microphone_are_for_us_and_the_rooms() -> None:
    policy_text = security_headers(["rooms.example"], "https://sammen.example")["Permissions-Policy"]
    for device in ("camera", "microphone"):
        assert f'{device}=(self "https://rooms.example")' in policy_text
    assert "geolocation=()" in policy_text


def test_https_is_kept_wherever_it_is_used() -> None:
    assert "Strict-Transport-Security" in security_headers([], "https://sammen.example")
    assert "Strict-Transport-Security" not in security_headers([], "http://localhost:8080")


async def test_assets_are_kept_for_a_year_and_packed(client: Client, store: Store) -> None:
    page = await (await client.get("/sign-in")).text()
    address = page.partition('rel="stylesheet" href="')[2].partition('"')[0]
    plain = await client.get(address, headers={"Accept-Encoding": "identity"})
    packed = await client.get(address, headers={"Accept-Encoding": "gzip"}, auto_decompress=False)
    assert "immutable" in plain.headers["Cache-Control"]
    assert plain.content_type == "text/css"
    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.headers["Vary"] == "Accept-Encoding"
    assert len(await packed.read()) < len(await plain.read()) / 2
    assert (await client.get(f"{address}.map")).status == 404
    assert (await client.get("/static/x/../../pyproject.toml")).status == 404
