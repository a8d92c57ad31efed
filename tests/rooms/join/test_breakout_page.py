"""A breakout as participants live it: into the group, what they are told there, and back, by the clock alone."""

import uuid
from datetime import timedelta

import pytest
from playwright.async_api import Browser, Page, expect
from sqlalchemy import select, update

from config import clock
from rooms.breakout.rules.modes import Mode
from rooms.breakout.service.announcements import announce
from rooms.breakout.service.plans import Agenda, plan_groups, save_agenda
from rooms.breakout.service.rounds import Opening, open_breakout
from rooms.people.records.persons import Person
from rooms.schedule.records import Session
from rooms.schedule.rules.formats import Format
from rooms.seating.records import GroupSeat, Presence, Round
from rooms.store.wakeups import seats_topic
from rooms.supply.records import Room
from rooms.supply.rules.room_life import Size
from tests.rooms.join.conftest import Site, open_page
from tests.rooms.join.test_room_page import is_inside, stays
from tests.support.browser import axe_finds_nothing, look
from tests.support.town import Town
from tests.support.waiting import until

pytestmark = pytest.mark.browser


async def gather(site: Site, town: Town, *people: Person) -> tuple[Session, Room, Room]:
    """A gathering with a big and a small room."""
    session = await town.session(*people, starts_in=-timedelta(minutes=5), format=Format.GATHERING)
    big = await town.room(session, size=Size.XL, **await site.meeting())
    return session, big, await town.room(session, number=2, **await site.meeting())


async def start(town: Town, session: Session, **agenda: object) -> None:
    async with town.work() as work:
        await save_agenda(work, session.id, Agenda(**agenda), version=None, now=clock.now())  # type: ignore[arg-type]
    if agenda.get("mode") is Mode.FREE:
        async with town.work() as work:
            await plan_groups(work, session.id, keys=town.settings.key_ring, now=clock.now())
    async with town.work() as work:
        opening = await open_breakout(work, session.id, keys=town.settings.key_ring, actor_id=None, now=clock.now())
    assert opening in {Opening.OPENED, Opening.ROOMS_MISSING}


async def enter(page: Page) -> None:
    await page.locator("[data-do=join][data-camera=off]").click()


async def is_in(town: Town, person: Person, room: Room) -> None:
    """Wait until the person's page has told that it is in that room, and in no other."""

    async def there() -> bool:
        return [stay.room_id for stay in await stays(town, person)] == [room.id]

    await until(there, seconds=40)


async def end_in(town: Town, session: Session, seconds: float) -> None:
    """Have the round end in so long."""
    async with town.work() as work:
        await work.session.execute(
            update(Round)
            .where(Round.session_id == session.id)
            .values(ends_at=clock.now() + timedelta(seconds=seconds))
            .execution_options(synchronize_session=False)
        )
        work.wake_pages(seats_topic(session.id))


@pytest.mark.parametrize("language", ["nb", "ar"])
async def test_into_the_group_and_back(devices: Browser, site: Site, town: Town, language: str) -> None:
    amina = await town.person(name="Amina Nour", ui_language=language)
    guide = await town.person(name="Kari Lie", ui_language="en", is_guide=True)
    session, big, small = await gather(site, town, amina, guide)
    async with (
        open_page(devices, site.client, await town.link(amina)) as page,
        open_page(devices, site.client, await town.link(guide)) as other,
    ):
        for one, person in ((page, amina), (other, guide)):
            await enter(one)
            await is_inside(one, town, person)
            await is_in(town, person, big)
        inside = page.frame_locator("iframe")
        await inside.locator("#microphone").click()
        await expect(inside.locator("#microphone")).to_have_attribute("aria-pressed", "false")
        await start(town, session)
        await is_in(town, amina, small)
        await is_in(town, guide, small)
        address = await page.locator("iframe").get_attribute("src")
        assert address is not None
        assert "audio=off" in address, "the microphone stays as it was"
        where = page.locator("[data-part=turn-where]")
        await expect(where).to_contain_text("Kari")
        await expect(page.locator("[data-part=turn-time]")).to_be_visible()
        async with town.work() as work:
            await announce(work, session.id, ready="slowly", now=clock.now())
        await expect(page.locator("[data-part=turn-said] li")).to_have_count(1)
        await expect(other.locator("[data-part=turn-said]")).to_contain_text("Speak slowly")
        await page.locator("[data-part=hand]").click()
        await expect(page.locator("[data-part=hand]")).to_have_attribute("aria-pressed", "true")
        await look(page, f"turn-{language}")
        await axe_finds_nothing(page)
        await other.locator("[data-part=group]").click()
        sheet = other.locator("[data-part=group-sheet]")
        await expect(sheet).to_contain_text("Hand up")
        await expect(sheet.locator("details").first).to_be_visible()
        await look(other, "turn-guide")
        await axe_finds_nothing(other)
        await end_in(town, session, 6)
        await expect(page.locator("[data-part=turn-closing]")).to_be_visible()
        await is_in(town, amina, big)
        await is_in(town, guide, big)
        await expect(page.locator("[data-part=turn-closing]")).to_be_hidden()


async def test_whoever_reloads_sleeps_or_comes_late_is_in_the_group(devices: Browser, site: Site, town: Town) -> None:
    first, second, late = [await town.person(name=name) for name in ("Ana", "Bo", "Cem")]
    session, big, small = await gather(site, town, first, second, late)
    async with (
        open_page(devices, site.client, await town.link(first)) as page,
        open_page(devices, site.client, await town.link(second)) as asleep,
    ):
        for one, person in ((page, first), (asleep, second)):
            await enter(one)
            await is_in(town, person, big)
        await asleep.context.set_offline(True)
        await start(town, session)
        await is_in(town, first, small)
        await page.reload()
        await enter(page)
        await is_in(town, first, small)
        await asleep.context.set_offline(False)
        await asleep.evaluate("window.dispatchEvent(new Event('online'))")
        await is_in(town, second, small)
        async with open_page(devices, site.client, await town.link(late)) as new:
            await enter(new)
            await is_in(town, late, small)
            await expect(new.locator("[data-part=turn-where]")).to_contain_text("Ana")
        async with town.work() as work:
            # Nobody was ever in two rooms at once.
            open_stays = await work.session.scalars(
                select(Presence.person_id).where(Presence.left_at.is_(None), Presence.device_id.is_not(None))
            )
            found = open_stays.all()
        assert len(found) == len(set(found))


async def test_tables_are_chosen_on_the_page(devices: Browser, site: Site, town: Town) -> None:
    amina = await town.person(name="Amina", ui_language="en")
    session, big, small = await gather(site, town, amina)
    async with open_page(devices, site.client, await town.link(amina)) as page:
        await enter(page)
        await is_in(town, amina, big)
        await start(town, session, mode=Mode.FREE)
        table = page.locator("[data-table]").first
        await table.click()
        await is_in(town, amina, small)
        await expect(table).to_have_attribute("aria-pressed", "true")
        await look(page, "turn-tables")
        await axe_finds_nothing(page)
        async with town.work() as work:
            group_id = await work.session.scalar(select(GroupSeat.group_id).where(GroupSeat.person_id == amina.id))
        assert isinstance(group_id, uuid.UUID)
        await page.locator("[data-part=table-back]").click()
        await is_in(town, amina, big)
