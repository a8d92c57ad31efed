"""Changes are accepted only from pages of ours."""

import pytest

from config.settings import DEMO_SECRET
from rooms.store.unit_of_work import Store
from rooms.web import csrf
from tests.support.callers import Client, csrf_token
from tests.support.cast import Cast

FORM = {"email": "nobody@klepp.example"}


async def status_of(client: Client, **headers: str) -> int:
    return (await client.post("/sign-in", data=FORM, headers=headers, allow_redirects=False)).status


async def test_with_token_in_form_or_header_it_passes(client: Client, cast: Cast) -> None:
    token = await csrf_token(client)
    response = await client.post("/sign-in", data={"csrf_token": token, **FORM}, allow_redirects=False)
    assert response.status == 303
    assert await status_of(client, **{csrf.HEADER: token}) == 303


async def test_without_any_it_does_not(client: Client, store: Store) -> None:
    assert await status_of(client) == 403  # neither cookie nor token
    await csrf_token(client)
    assert await status_of(client) == 403  # the cookie alone, as another site makes the browser send it


@pytest.mark.parametrize("wrong", ["", "x", "é", "0" * 64])
async def test_a_wrong_token_does_not(client: Client, store: Store, wrong: str) -> None:
    await csrf_token(client)
    response = await client.post("/sign-in", data={"csrf_token": wrong, **FORM}, allow_redirects=False)
    assert response.status == 403
    assert "lang=" in await response.text()  # a page that says what to do, no bare error


async def test_another_browsers_token_does_not(client: Client, store: Store) -> None:
    token = await csrf_token(client)
    client.session.cookie_jar.update_cookies({csrf.COOKIE: "mine, I say"}, client.make_url("/"))
    assert await status_of(client, **{csrf.HEADER: token}) == 403


async def test_a_token_stays_good_for_the_pages_that_are_open(client: Client, store: Store) -> None:
    first = await csrf_token(client)
    assert await csrf_token(client) == first


def test_the_token_needs_the_key() -> None:
    assert csrf.sign(DEMO_SECRET, "cookie") != csrf.sign("another" + DEMO_SECRET, "cookie")
    assert csrf.sign(DEMO_SECRET, "cookie") != csrf.sign(DEMO_SECRET, "cookie2")
