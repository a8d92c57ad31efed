"""The board of a breakout as a coordinator uses it: by mouse, by keyboard, on a phone, two at a time."""

import re
from datetime import datetime, timedelta

import pytest
from playwright.async_api import expect

from rooms.breakout.rules.modes import Mode
from rooms.breakout.service.places import raise_hand
from rooms.breakout.service.plans import plan_groups
from tests.rooms.dashboard.conftest import OpenDesk
from tests.support.browser import axe_finds_nothing, look
from tests.support.gathering import Gathering, MakeGathering
from tests.support.waiting import until

pytestmark = pytest.mark.browser


async def drafted(meeting: Gathering, now: datetime) -> str:
    """Groups are made; where their board is."""
    async with meeting.town.work() as work:
        await plan_groups(work, meeting.session.id, keys=meeting.keys, now=now)
    return f"/sessions/{meeting.session.id}/breakout"


@pytest.mark.parametrize("language", ["nb", "ar"])
async def test_every_page_is_accessible_and_fits(
    desk: OpenDesk, gathering: MakeGathering, now: datetime, language: str
) -> None:
    meeting, tables = await gathering(11, absent=[10]), await gathering(7)
    await meeting.plan(now, rounds=3)
    await tables.plan(now, mode=Mode.FREE)
    async with desk(language) as page:

        async def check(name: str) -> None:
            await look(page, f"breakout-{name}-{language}")
            await axe_finds_nothing(page)

        await page.goto(f"/sessions/{meeting.session.id}/breakout/agenda")
        await check("agenda")
        await page.goto(f"/sessions/{meeting.session.id}/breakout")
        await check("empty")
        await page.goto(await drafted(meeting, now))
        await page.locator(".group-menu summary").first.click()
        await page.locator(".group-more summary").last.click()
        await check("draft")
        await page.goto(await drafted(tables, now))
        await page.locator(".group-more summary").first.click()
        await check("tables")
        await meeting.open(now)
        async with meeting.town.work() as work:
            await raise_hand(work, meeting.session.id, meeting.people[1].id, True, now)
        await page.goto(f"/sessions/{meeting.session.id}/breakout")
        await page.locator(".group-more summary").first.click()
        await check("live")


async def test_people_are_dragged_and_another_coordinator_sees_it(
    desk: OpenDesk, gathering: MakeGathering, now: datetime
) -> None:
    meeting = await gathering(12)
    await meeting.plan(now)
    address = await drafted(meeting, now)
    async with desk("en") as page, desk("en") as other:
        await other.goto(address)
        await page.goto(address)
        first, second = page.locator("[data-group='1']"), page.locator("[data-group='2']")
        await expect(first.locator("[data-person]")).to_have_count(4)
        moved = await first.locator("[data-person]").first.get_attribute("data-person")

        async def is_dragged() -> bool:
            # Chromium's first drag on a page is lost when what lies above has just been loaded into it.
            await page.locator(f"[data-person='{moved}']").drag_to(second)
            return await second.locator(f"[data-person='{moved}']").count() == 1

        await until(is_dragged, seconds=60, every=1)
        await expect(second.locator(f"[data-person='{moved}']")).to_contain_text("Locked")
        await expect(other.locator(f"[data-group='2'] [data-person='{moved}']")).to_be_visible()


async def test_all_by_keyboard_alone(desk: OpenDesk, gathering: MakeGathering, now: datetime) -> None:
    meeting = await gathering(12)
    await meeting.plan(now, rounds=2)
    address = await drafted(meeting, now)
    async with desk("en") as page:
        await page.goto(address)
        menu = page.locator("[data-group='1'] .group-menu summary").first
        moved = await page.locator("[data-group='1'] [data-person]").first.get_attribute("data-person")
        await menu.focus()
        await page.keyboard.press("Enter")
        await page.keyboard.press("Tab")
        await page.keyboard.press("End")  # the big room
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await expect(page.locator(f".rest [data-person='{moved}']")).to_be_visible()
        await page.locator("#start").focus()
        await page.keyboard.press("Enter")
        await expect(page.locator(".timer")).to_contain_text(re.compile(r"1?\d:\d\d left"))
        await page.locator("#stop").focus()
        await page.keyboard.press("Enter")
        await expect(page.locator("#stop")).to_have_text("Everybody back now")
        await page.locator("#stop").press("Enter")
        await expect(page).to_have_url(re.compile("/breakout/agenda"))


async def test_the_board_follows_hands_and_the_clock(desk: OpenDesk, gathering: MakeGathering, now: datetime) -> None:
    meeting = await gathering(12)
    await meeting.plan(now)
    await meeting.open(now)
    async with desk("en") as page:
        await page.goto(f"/sessions/{meeting.session.id}/breakout")
        before = await page.locator(".timer").text_content()
        await expect(page.locator(".timer")).not_to_have_text(before or "")
        person = meeting.people[2].id
        async with meeting.town.work() as work:
            await raise_hand(work, meeting.session.id, person, True, now + timedelta(seconds=1))
        await expect(page.locator(f"#in-{person}")).to_contain_text("Hand up")
