"""The week, the front page, and how little each page asks of the database."""

import re
from datetime import datetime, timedelta

import pytest

from config.clock import local
from tests.support.callers import Client, another_browser
from tests.support.cast import Cast
from tests.support.lively import Lively
from tests.support.queries import counted
from tests.support.town import Town


async def test_the_bare_address(kari: Client) -> None:
    response = await kari.get("/", allow_redirects=False)
    assert (response.status, response.headers["Location"]) == (303, "/today")
    async with another_browser(kari.server) as nobody:  # type: ignore[arg-type]  # it is a TestServer
        page = await nobody.get("/", headers={"Accept-Language": "en"})
        assert page.status == 200
        assert "Sign in as coordinator" in await page.text()


async def test_an_empty_week_teaches(kari: Client) -> None:
    text = await (await kari.get("/today")).text()
    assert "Nothing is planned for these seven days." in text
    assert 'href="/sessions/new"' in text


async def test_what_is_open_now_comes_first(kari: Client, klepp: Town) -> None:
    await klepp.session(starts_in=timedelta(minutes=-20), title="Running")
    await klepp.session(starts_in=timedelta(minutes=5), title="Opening")
    await klepp.session(starts_in=timedelta(hours=26), title="Tomorrow")
    text = await (await kari.get("/today")).text()
    assert text.index('id="in-front"') < text.index("Running") < text.index("Opening") < text.index("Tomorrow")
    assert text.count("Running</bdi>") == 1
    assert re.search(r'id="in-front">\s*Now\s*<', text)


async def test_else_the_next_one_whatever_is_cancelled(kari: Client, klepp: Town, now: datetime) -> None:
    await klepp.session(starts_in=timedelta(hours=1), title="Called off", cancelled_at=now)
    await klepp.session(starts_in=timedelta(hours=2), title="Real one")
    text = await (await kari.get("/today")).text()
    assert text.index("Next:") < text.index("Real one") < text.index("Called off")


async def test_other_weeks(kari: Client, klepp: Town, now: datetime) -> None:
    await klepp.session(starts_in=timedelta(days=9), title="In nine days")
    assert "In nine days" not in await (await kari.get("/today")).text()
    later = (local(now).date() + timedelta(days=7)).isoformat()
    assert "In nine days" in await (await kari.get("/today", params={"from": later})).text()


@pytest.mark.parametrize("wished", ["x", "0001-01-01", "9999-12-31", "2026-13-01"])
async def test_a_senseless_day_is_today(kari: Client, wished: str) -> None:
    page = await kari.get("/today", params={"from": wished})
    assert page.status == 200
    assert "<h1" in await page.text()


async def test_no_page_asks_more_when_there_is_more(kari: Client, klepp: Town, cast: Cast, lively: Lively) -> None:
    """The caller and the frame take one query each; the page itself one to six."""
    session, person = f"/sessions/{lively.session.id}", f"/people/{cast.amina.id}"
    most = {
        "/today": 4,
        session: 5,
        "/people": 5,
        person: 8,
        "/sessions/new": 4,
        f"{session}/invite": 6,
        f"{session}/cancel": 3,
        "/help/queue": 4,
        "/strangers": 3,
    }

    async def asked() -> dict[str, int]:
        found = {}
        for address in most:
            with counted() as queries:
                assert (await kari.get(address)).status == 200
            found[address] = len(queries)
        return found

    few = await asked()
    for number in range(12):
        many = [await klepp.person() for _ in range(3)]
        await klepp.session(*many, starts_in=timedelta(hours=2 + number))
    assert await asked() == few
    assert {address: count for address, count in few.items() if count > most[address]} == {}


async def test_today_says_who_is_not_reached_and_why(kari: Client, klepp: Town, now: datetime) -> None:
    people = [await klepp.person(name=f"Nobody wrote to {number:02}") for number in range(22)]
    session = await klepp.session(*people, starts_in=timedelta(hours=3))
    text = await (await kari.get("/today")).text()
    assert "Not reached yet" in text
    assert text.count("Was not sent the link") == text.count("/send-again") == 20
    assert f'id="row-{session.id}-{people[0].id}"' in text
    assert "And more, on their sessions' pages: 2" in text
    later = (local(now).date() + timedelta(days=1)).isoformat()
    assert "Not reached yet" not in await (await kari.get("/today", params={"from": later})).text()
