"""The door: one page for whatever is now, nothing changed by looking, a kind page for a link that leads nowhere."""

import re
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from config.settings import Settings
from rooms.access.records import Device
from rooms.access.service import links as access_links
from rooms.schedule.records import Invitation
from rooms.store.scope import AllCentres, OneCentre
from rooms.store.unit_of_work import Store
from tests.conftest import Client
from tests.support.cast import Cast
from tests.support.factories import make_session
from tests.support.town import Town


def visible_part(page: str) -> str:
    """The one part that is not hidden."""
    parts: list[tuple[str, str]] = re.findall(r'data-state="(\w+)"[^>]*?(hidden)?>', page)
    shown = [name for name, hidden in parts if not hidden]
    assert len(shown) == 1, shown
    return shown[0]


@pytest.mark.parametrize(
    ("starts_in", "part"),
    [(None, "home"), (timedelta(days=2), "early"), (timedelta(minutes=30), "waiting"), (timedelta(minutes=5), "open")],
)
async def test_the_page_shows_what_is_now(
    client: Client, store: Store, cast: Cast, town: Town, now: datetime, starts_in: timedelta | None, part: str
) -> None:
    if starts_in is not None:
        async with store.work(OneCentre(cast.klepp.id)) as work:
            await make_session(
                work, cast.klepp.id, now, invited=[cast.yusuf], starts_at=now + starts_in,
                ends_at=now + starts_in + timedelta(hours=1),
            )  # fmt: skip
    answer = await client.get(await town.link(cast.yusuf))
    page = await answer.text()
    assert answer.status == 200
    assert visible_part(page) == part
    assert 'Hello, <bdi data-fill="name">Yusuf</bdi>' in page


async def test_the_page_speaks_the_readers_language(client: Client, cast: Cast, town: Town) -> None:
    page = await (await client.get(await town.link(cast.amina))).text()
    assert '<html lang="ar" dir="rtl"' in page
    chosen = await (await client.get(await town.link(cast.amina), params={"lang": "nn"})).text()
    assert '<html lang="nn"' in chosen


async def test_what_somebody_is_called_is_escaped(client: Client, store: Store, cast: Cast, town: Town) -> None:
    async with store.work(OneCentre(cast.klepp.id)) as work:
        person = await work.session.merge(cast.yusuf)
        person.name = "<script>alert(1)</script>"
    page = await (await client.get(await town.link(cast.yusuf))).text()
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


async def test_looking_changes_nothing(client: Client, store: Store, cast: Cast, town: Town, now: datetime) -> None:
    async with store.work(OneCentre(cast.klepp.id)) as work:
        session = await make_session(work, cast.klepp.id, now, invited=[cast.amina])
    path = await town.link(cast.amina)
    for _ in range(3):
        assert (await client.get(path)).status == 200
        assert (await client.head(path)).status == 200
    async with store.work(AllCentres("looking at what was written")) as work:
        invitation = await work.session.scalar(select(Invitation).where(Invitation.session_id == session.id))
        assert invitation is not None
        assert invitation.opened_at is None
        assert await work.session.scalar(select(func.count()).select_from(Device)) == 0


async def test_a_replaced_link_says_whom_to_call(
    client: Client, store: Store, cast: Cast, town: Town, settings: Settings, now: datetime
) -> None:
    path = await town.link(cast.yusuf)
    assert (await client.get(path)).status == 200
    async with store.work(OneCentre(cast.klepp.id)) as work:
        await access_links.replace(work, cast.yusuf.id, settings.key_ring, actor_id=None, now=now)
    answer = await client.get(path)
    page = await answer.text()
    assert answer.status == 404
    assert 'href="tel:+4751000000"' in page
    assert "Frivilligsentralen i Klepp" in page
    # The cookie of the replaced link opens nothing either.
    assert (await client.get("/me/now", headers={"Accept": "application/json"})).status == 404


@pytest.mark.parametrize("code", ["0123456789abcdef", "short", "%D8%B3%D9%84%D8%A7%D9%85", "a" * 2000])
async def test_a_code_that_never_was_one_names_no_centre(client: Client, cast: Cast, code: str) -> None:
    answer = await client.get(f"/l/{code}", headers={"Accept-Language": "ar"})
    page = await answer.text()
    assert answer.status == 404
    assert 'lang="ar"' in page
    assert "tel:+47" not in page


async def test_guessing_is_slowed_down_and_right_links_are_not(client: Client, cast: Cast, town: Town) -> None:
    path = await town.link(cast.yusuf)
    statuses = {(await client.get(f"/l/0123456789abcd{number:02}")).status for number in range(70)}
    assert statuses == {404, 429}
    assert (await client.get(path)).status == 200


async def test_the_first_page_is_small(client: Client, cast: Cast, town: Town) -> None:
    """Page, style sheet and every script of it, uncompressed, in the language that takes most room."""
    page = await (await client.get(await town.link(cast.amina))).text()
    size = len(page.encode())
    assets = re.findall(r'(?:href|src)="(/static/[^"]+)"', page)
    base = next(address for address in assets if address.endswith("js/join.js")).rpartition("/")[0]
    modules = ("live", "me", "page", "join_room", "device_check", "turn")
    for address in {*assets, *(f"{base}/{name}.js" for name in modules)}:
        answer = await client.get(address)
        assert answer.status == 200
        size += len(await answer.read())
    assert size <= 100_000
