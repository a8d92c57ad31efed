"""A series through the form: seen before it is planned, one message for all of it, and called off from a day on."""

import uuid
from collections import Counter
from datetime import datetime, timedelta

import pytest
from playwright.async_api import expect
from sqlalchemy import select

from config.clock import local
from rooms.messages.records import Message
from rooms.messages.rules import Kind
from rooms.schedule.records import Session
from rooms.store.scope import AllCentres
from rooms.store.unit_of_work import Store
from tests.rooms.dashboard.conftest import OpenDesk, Post
from tests.support.browser import axe_finds_nothing, look
from tests.support.callers import Client
from tests.support.cast import Cast

ALL = AllCentres("tests look everywhere")


def form(now: datetime, **other: str) -> dict[str, str]:
    day = local(now).date() + timedelta(days=2)
    return {
        "plan": str(uuid.uuid4()), "title": "Kaffe og prat", "format": "practice", "day": day.isoformat(),
        "time": "18:30", "minutes": "60", "opens_before": "10", "every": "week",
        "until": (day + timedelta(days=21)).isoformat(),
    } | other  # fmt: skip


async def sessions(store: Store) -> list[Session]:
    async with store.work(ALL) as work:
        return list(await work.session.scalars(select(Session).order_by(Session.starts_at)))


async def kinds(store: Store) -> Counter[Kind]:
    async with store.work(ALL) as work:
        return Counter(await work.session.scalars(select(Message.kind)))


async def test_a_series_is_planned_once(store: Store, post: Post, cast: Cast, now: datetime) -> None:
    asked = form(now, person=str(cast.amina.id))
    for _ in range(2):
        response = await post("/sessions/new", **asked)
        assert response.headers["Location"].endswith("?done=series-planned")
    planned = await sessions(store)
    assert len(planned) == 4
    assert len({session.series_id for session in planned}) == 1
    assert {f"{local(session.starts_at):%H:%M}" for session in planned} == {"18:30"}
    assert {session.ends_at - session.starts_at for session in planned} == {timedelta(hours=1)}
    assert await kinds(store) == {Kind.INVITATION: 4}


@pytest.mark.parametrize(
    ("other", "says"),
    [
        ({"until": "2020-01-01"}, "The last day lies before the first one."),
        ({"until": "2099-01-01"}, "This day is more than a year away."),
        ({"until": "soon"}, "Please choose a day."),
    ],
)
async def test_a_senseless_end_is_told(
    store: Store, post: Post, now: datetime, other: dict[str, str], says: str
) -> None:
    response = await post("/sessions/new", **form(now, **other))
    assert response.status == 422
    assert says in await response.text()
    assert await sessions(store) == []


async def test_the_days_are_shown_with_what_is_left_out(kari: Client) -> None:
    asked = {"day": "2027-03-11", "every": "week", "until": "2027-04-08", "skip_holidays": "yes"}
    text = await (await kari.get("/sessions/new/days", params=asked)).text()
    assert "Sessions: 4" in text
    assert "Skjærtorsdag" in text
    for wrong in ({}, {"every": "week"}, {"every": "never", "day": "x", "until": "y"}):
        response = await kari.get("/sessions/new/days", params=wrong)
        assert response.status == 200
        assert "Sessions:" not in await response.text()


@pytest.mark.parametrize(("which", "left"), [("one", 3), ("from", 1)])
async def test_one_or_all_that_follow_are_called_off(
    store: Store, post: Post, kari: Client, cast: Cast, now: datetime, which: str, left: int
) -> None:
    await post("/sessions/new", **form(now, person=str(cast.amina.id)))
    second = (await sessions(store))[1]
    assert "This one and all later ones: 3" in await (await kari.get(f"/sessions/{second.id}/cancel")).text()
    await post(f"/sessions/{second.id}/cancel", which=which)
    states = [session.cancelled_at is None for session in await sessions(store)]
    assert states == ([True, False, True, True] if which == "one" else [True, False, False, False])
    assert sum(states) == left
    assert (await kinds(store))[Kind.CANCELLATION] == 4 - left


@pytest.mark.browser
@pytest.mark.parametrize("language", ["nb", "ar"])
async def test_the_days_follow_what_is_chosen(desk: OpenDesk, store: Store, now: datetime, language: str) -> None:
    asked = form(now)
    async with desk(language) as page:
        await page.goto("/sessions/new")
        await page.locator("#skip_holidays").uncheck()
        for name in ("day", "until"):
            await page.locator(f"#{name}").fill(asked[name])
        await page.locator("#every").select_option("week")
        await expect(page.locator("#days li")).to_have_count(4)
        await axe_finds_nothing(page)
        await look(page, f"dashboard-plan-series-{language}")
        await page.locator("#every").select_option("two_weeks")
        await expect(page.locator("#days li")).to_have_count(2)
        await page.locator("main form button[type=submit]").first.click()
        await page.wait_for_url("**/sessions/*done=series-planned")
    assert len(await sessions(store)) == 2
