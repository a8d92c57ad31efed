"""Which language a page is in."""

import pytest

from rooms.store.unit_of_work import Store
from tests.support.callers import Client


async def language(client: Client, path: str = "/sign-in", accept: str = "") -> str:
    text = await (await client.get(path, headers={"Accept-Language": accept})).text()
    return text.partition('<html lang="')[2][:2]


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("", "nb"),
        ("nn-NO", "nn"),
        ("no", "nb"),
        ("so, ar;q=0.8, en;q=0.9", "en"),
        ("so,ti", "nb"),
        ("en;q=banana,ar", "ar"),
        (";;;,q=,", "nb"),
    ],
)
async def test_the_browsers_language(client: Client, store: Store, accept: str, expected: str) -> None:
    assert await language(client, accept=accept) == expected


async def test_a_choice_is_remembered_in_this_browser(client: Client, store: Store) -> None:
    assert await language(client, "/sign-in?lang=ar", accept="en") == "ar"
    assert await language(client, accept="en") == "ar"
    assert await language(client, "/sign-in?lang=nn") == "nn"
    assert await language(client) == "nn"


@pytest.mark.parametrize("unknown", ["xx", "", "../../etc", "<script>"])
async def test_an_unknown_choice_is_none(client: Client, store: Store, unknown: str) -> None:
    response = await client.get("/sign-in", params={"lang": unknown}, headers={"Accept-Language": "en"})
    assert '<html lang="en"' in await response.text()
    assert "language" not in response.cookies
