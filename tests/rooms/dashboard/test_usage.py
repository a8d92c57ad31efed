"""The centre's usage, its budget, and the table to take along."""

import csv
import io
import re
import uuid
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from redis.asyncio import Redis
from sqlalchemy import select

from config import clock
from rooms.people.records.circles import Circle
from rooms.usage.records import UsageBudget
from tests.rooms.dashboard.conftest import Post
from tests.support.callers import Client
from tests.support.cast import Cast
from tests.support.lively import circle_of
from tests.support.stays import was_there
from tests.support.town import Town

HOUR = timedelta(hours=1)
#: Late enough in a month, and not so late that a test would cross its end.
NOW = datetime(2026, 11, 23, 17, tzinfo=UTC)


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture(autouse=True)
def _always_now(monkeypatch: pytest.MonkeyPatch) -> None:
    """For the pages too: months must not end while a test runs."""
    monkeypatch.setattr(clock, "now", lambda: NOW)


async def text_of(client: Client, address: str) -> str:
    response = await client.get(address)
    assert response.status == 200
    return re.sub(r"\s+", " ", await response.text())


async def stored(town: Town) -> list[tuple[int | None, int | None, Decimal | None]]:
    async with town.work() as work:
        rows = await work.session.scalars(select(UsageBudget))
        return [(row.minutes, row.kroner, row.kroner_per_minute) for row in rows]


async def has_budget(town: Town, **amounts: object) -> None:
    async with town.work() as work:
        work.session.add(UsageBudget(id=uuid.uuid4(), centre_id=town.centre_id, **amounts))


@pytest.fixture
async def circle(klepp: Town, cast: Cast) -> Circle:
    """An hour of two people, in a group whose name a spreadsheet would take for a formula."""
    circle = await circle_of(klepp, "=1+1 & <b>", cast.amina)
    session = await klepp.session(starts_in=-2 * HOUR, lasts=2 * HOUR, circle_id=circle.id)
    for person in (cast.amina, cast.yusuf):
        await was_there(klepp, session, person, session.starts_at, session.starts_at + HOUR)
    return circle


async def test_a_centre_that_has_done_nothing_yet(kari: Client, cast: Cast) -> None:
    text = await text_of(kari, "/usage")
    assert "Participant minutes: 0" in text
    assert "Nobody has been in a session yet." in text
    assert "Set a budget" in text
    assert "No session is ever stopped because of the budget." in text


@pytest.mark.usefixtures("circle")
async def test_minutes_by_group_against_the_budget(kari: Client, nils: Client, klepp: Town) -> None:
    await has_budget(klepp, kroner=1000, kroner_per_minute=Decimal("1.25"))
    text = await text_of(kari, "/usage")
    assert "120 of 800 participant minutes" in text
    assert "150.00 NOK" in text
    assert "=1+1 &amp; &lt;b&gt;" in text
    assert "Sessions: 1, people: 2" in text
    assert "=1+1" not in await text_of(nils, "/usage")


@pytest.mark.usefixtures("circle")
async def test_the_week_says_so_when_it_runs_out(kari: Client, nils: Client, klepp: Town) -> None:
    assert '<section id="usage-line" class="line"> </section>' in await text_of(kari, "/usage/line")
    await has_budget(klepp, minutes=100)
    assert "is used up." in await text_of(kari, "/usage/line")
    assert "is used up." in await text_of(kari, "/usage")
    assert "used up" not in await text_of(nils, "/usage/line")
    assert 'hx-get="/usage/line"' in await text_of(kari, "/today")


@pytest.mark.usefixtures("circle")
async def test_the_table_to_take_along(kari: Client, klepp: Town) -> None:
    await has_budget(klepp, kroner=1000, kroner_per_minute=Decimal("1.25"))
    response = await kari.get("/usage.csv")
    assert response.content_type == "text/csv"
    assert 'filename="usage.csv"' in response.headers["Content-Disposition"]
    body = await response.read()
    assert body.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(body.decode("utf-8-sig")), delimiter=";"))
    assert rows == [
        ["Month", "Group", "Sessions", "People", "Participant minutes", "Kroner"],
        ["2026-11", "'=1+1 & <b>", "1", "2", "120", "150,00"],
    ]


async def test_what_the_provider_counts(kari: Client, klepp: Town, cast: Cast, redis: Redis) -> None:
    assert "We are asking the provider" in await text_of(kari, "/usage")
    await redis.set("sammen:insights:none", 1)
    assert "The provider gives no figures of its own." in await text_of(kari, "/usage")
    await redis.delete("sammen:insights:none")
    session = await klepp.session(starts_in=-HOUR)
    room = await klepp.room(session)
    await was_there(klepp, session, cast.amina, session.starts_at, session.starts_at + HOUR / 2)
    await redis.hset("sammen:insights:minutes", mapping={"": 0, room.prefix: 42.4})
    text = await text_of(kari, "/usage")
    assert "The provider counts 42 minutes for this month's sessions, we count 30. The difference is 12." in text


async def test_a_budget_is_set_changed_and_taken_away(kari: Client, post: Post, klepp: Town) -> None:
    assert 'name="version" value="0"' in await text_of(kari, "/usage/budget")
    response = await post("/usage/budget", version="0", minutes="12 000", kroner="", kroner_per_minute="")
    assert (response.status, response.headers["Location"]) == (303, "/usage?done=saved")
    response = await post("/usage/budget", version="1", minutes="", kroner="900", kroner_per_minute="0,035")
    assert response.status == 303
    assert await stored(klepp) == [(None, 900, Decimal("0.0350"))]
    text = await text_of(kari, "/usage/budget")
    assert 'value="0.035"' in text
    assert 'name="version" value="2"' in text
    assert (await post("/usage/budget", version="2", minutes="", kroner="", kroner_per_minute="")).status == 303
    assert await stored(klepp) == [(None, None, None)]
    assert "Set a budget" in await text_of(kari, "/usage")


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"minutes": "many"}, "Please write a whole number"),
        ({"minutes": "-5"}, "Please write a whole number"),
        ({"minutes": "1,5"}, "Please write a whole number"),
        ({"minutes": "0"}, "too small or too large"),
        ({"minutes": "9" * 30}, "too small or too large"),
        ({"kroner": "900"}, "Write what a minute costs."),
        ({"kroner": "900", "kroner_per_minute": "cheap"}, "Please write a number, for example 0.035."),
        ({"kroner": "900", "kroner_per_minute": "NaN"}, "Please write a number, for example 0.035."),
        ({"kroner": "900", "kroner_per_minute": "1e999999"}, "too small or too large"),
        ({"kroner": "900", "kroner_per_minute": "0"}, "too small or too large"),
        ({"kroner": "900", "kroner_per_minute": "0.00001"}, "no more than four digits"),
        ({"version": "x"}, "Please write a number."),
    ],
)
async def test_a_wrong_budget_is_explained_and_kept(post: Post, klepp: Town, fields: dict[str, str], says: str) -> None:
    sent = {"version": "0", "minutes": "", "kroner": "", "kroner_per_minute": ""} | fields
    response = await post("/usage/budget", **sent)
    text = await response.text()
    assert response.status == 422
    assert says in text
    assert all(f'value="{typed}"' in text for typed in fields.values())
    assert await stored(klepp) == []


async def test_numbers_may_be_written_as_the_reader_writes_them(post: Post, klepp: Town) -> None:
    response = await post(
        "/usage/budget", version="0", minutes="١٢٠٠", kroner="9\N{NO-BREAK SPACE}000", kroner_per_minute=".5"
    )
    assert response.status == 303
    assert await stored(klepp) == [(1200, 9000, Decimal("0.5"))]


async def test_two_who_change_it_at_once(kari: Client, post: Post, klepp: Town) -> None:
    await post("/usage/budget", version="0", minutes="500", kroner="", kroner_per_minute="")
    response = await post("/usage/budget", version="0", minutes="700", kroner="", kroner_per_minute="")
    text = await response.text()
    assert response.status == 409
    assert "Somebody else changed the budget" in text
    assert "Participant minutes a month: 500" in text
    assert 'value="700"' in text
    assert 'name="version" value="1"' in text
    assert (await post("/usage/budget", version="1", minutes="700", kroner="", kroner_per_minute="")).status == 303
    assert await stored(klepp) == [(700, None, None)]
