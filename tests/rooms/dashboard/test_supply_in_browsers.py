"""The pages about rooms and usage as a person sees them, and how they follow what happens."""

import uuid
from datetime import timedelta
from decimal import Decimal

import pytest
from playwright.async_api import expect
from redis.asyncio import Redis

from rooms.schedule.records import Session
from rooms.store.scope import OneCentre
from rooms.store.unit_of_work import Store
from rooms.store.wakeups import centre_topic
from rooms.supply.records import Room, Shortage
from rooms.supply.rules.room_life import RoomError, RoomState
from rooms.usage.records import UsageBudget
from rooms.whereby.budget import Budget
from tests.rooms.dashboard.conftest import OpenDesk
from tests.support.browser import axe_finds_nothing, look
from tests.support.cast import Cast
from tests.support.lively import circle_of
from tests.support.stays import was_there
from tests.support.town import Town

pytestmark = pytest.mark.browser
HOUR = timedelta(hours=1)


async def a_busy_year(klepp: Town, cast: Cast) -> None:
    """Two groups and none, over months, and a budget that is too small for it."""
    people = [cast.amina, cast.yusuf, cast.guide]
    circles = [
        await circle_of(klepp, "Kvinnegruppa på Klepp med et langt navn", cast.amina),
        await circle_of(klepp, "مجموعة اللغة", cast.amina),
        None,
    ]
    for number, days in enumerate((0, 1, 3, 32, 40, 75)):
        circle = circles[number % 3]
        session = await klepp.session(
            *people, starts_in=-timedelta(days=days) - HOUR, circle_id=circle.id if circle else None
        )
        for person in people:
            await was_there(klepp, session, person, session.starts_at, session.ends_at)
    async with klepp.work() as work:
        work.session.add(
            UsageBudget(
                id=uuid.uuid4(), centre_id=klepp.centre_id, minutes=None, kroner=5, kroner_per_minute=Decimal("0.035")
            )
        )


async def is_short(klepp: Town, title: str) -> Session:
    session = await klepp.session(starts_in=HOUR, title=title)
    async with klepp.work() as work:
        work.session.add(
            Shortage(
                id=uuid.uuid4(), centre_id=klepp.centre_id, session_id=session.id, missing=2, needed=5,
                complete_at=session.opens_at + HOUR / 4, found_at=klepp.now,
            )
        )  # fmt: skip
        work.wake_pages(centre_topic(klepp.centre_id))
    return session


async def much_to_say(klepp: Town) -> Session:
    session = await is_short(klepp, "Språktrening for alle nye i kommunen")
    await klepp.room(session)
    await klepp.room(session, number=2, state=RoomState.CREATING, url=None, last_error=RoomError.DOWN, attempts=3)
    await klepp.room(session, number=3, state=RoomState.WANTED, url=None)
    lost = {"state": RoomState.GONE, "url": None}
    await klepp.room(session, number=4, last_error=RoomError.LOST, **lost)  # type: ignore[arg-type]  # facts of any kind
    await klepp.session(starts_in=5 * HOUR, title="Kvinnetreff")
    await klepp.spare()
    return session


@pytest.mark.parametrize("language", ["nb", "ar"])
async def test_the_pages_are_accessible_and_fit(
    desk: OpenDesk, klepp: Town, cast: Cast, redis: Redis, language: str
) -> None:
    async with desk(language) as page:

        async def check(name: str) -> None:
            await look(page, f"dashboard-{name}-{language}")
            await axe_finds_nothing(page)

        for name in ("supply", "usage"):
            await page.goto(f"/{name}")
            await check(f"{name}-empty")
        await much_to_say(klepp)
        await a_busy_year(klepp, cast)
        await Budget(redis, 100).spend(37)
        for name in ("supply", "usage"):
            await page.goto(f"/{name}")
            await check(name)
        await page.goto("/today")
        await expect(page.locator("#supply-line .ds-alert")).to_be_visible()
        await expect(page.locator("#usage-line p")).to_be_visible()
        await check("today-warned")
        await page.goto("/usage/budget")
        await check("budget")
        await page.locator("#kroner_per_minute").fill("")
        await page.locator("#minutes").fill("x")
        await page.locator("main form button[type=submit]").click()
        await expect(page.locator(".ds-error-summary")).to_be_focused()
        await check("budget-wrong")


async def test_the_page_about_rooms_follows_by_itself(desk: OpenDesk, klepp: Town, cast: Cast, store: Store) -> None:
    session = await klepp.session(starts_in=HOUR)
    room = await klepp.room(session, state=RoomState.CREATING, url=None)
    async with desk() as page:
        await page.goto("/supply")
        await expect(page.locator("#supply")).to_contain_text("Rom klare: 0 av 1")
        async with store.work(OneCentre(cast.klepp.id)) as work:
            found = await work.session.get_one(Room, room.id)
            found.state, found.url = RoomState.READY, "http://localhost:8081/x"
            work.wake_pages(centre_topic(cast.klepp.id))
        await expect(page.locator("#supply")).to_contain_text("Rom klare: 1 av 1")


async def test_a_shortage_comes_to_the_week_s_page_by_itself(desk: OpenDesk, klepp: Town, cast: Cast) -> None:
    async with desk() as page:
        await page.goto("/today")
        await expect(page.locator("#supply-line[hx-trigger^=refresh]")).to_have_count(1)
        await is_short(klepp, "For mange")
        await expect(page.locator("#supply-line")).to_contain_text("For mange")
