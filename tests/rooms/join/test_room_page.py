"""From the link into a real room and out again: the page, the live channel, the room server and its webhooks."""

from datetime import timedelta

import pytest
from playwright.async_api import Browser, Page, expect
from sqlalchemy import select, update

from rooms.people.records.persons import Person
from rooms.schedule.records import Session
from rooms.seating.records import Presence, ProviderEvent, Seat
from rooms.seating.rules.reasons import SeatReason
from rooms.seating.service.rotation import Rotation, rotate_room
from rooms.store.wakeups import session_topic
from rooms.supply.records import Room
from rooms.supply.rules.room_life import RoomState
from tests.rooms.join.conftest import Site, open_page
from tests.rooms.join.test_page_states import is_shown
from tests.support.browser import axe_finds_nothing, look
from tests.support.town import Town
from tests.support.waiting import until

pytestmark = pytest.mark.browser


async def stays(town: Town, person: Person) -> list[Presence]:
    """Where the person is now, as a page told of it."""
    async with town.work() as work:
        found = await work.session.scalars(
            select(Presence).where(
                Presence.person_id == person.id, Presence.left_at.is_(None), Presence.device_id.is_not(None)
            )
        )
        return list(found)


async def is_inside(page: Page, town: Town, person: Person) -> Presence:
    """Wait until the room is shown and the server knows that the person is in it."""
    await is_shown(page, "room")
    await expect(page.locator("iframe")).to_have_count(1)

    async def one() -> list[Presence]:
        return await stays(town, person)

    return (await until(one))[0]


async def nobody_inside(town: Town, person: Person) -> None:
    async def gone() -> bool:
        return not await stays(town, person)

    await until(gone)


async def test_in_by_one_tap_and_out_by_another(devices: Browser, site: Site, town: Town) -> None:
    person = await town.person(name="Amina", ui_language="nb")
    session = await town.session(person, starts_in=timedelta(minutes=5))
    room = await town.room(session, **await site.meeting())
    async with open_page(devices, site.client, await town.link(person)) as page:
        await page.locator("[data-do=join][data-camera=off]").click()
        stay = await is_inside(page, town, person)
        assert stay.room_id == room.id
        address = await page.locator("iframe").get_attribute("src")
        assert address is not None
        assert "displayName=Amina" in address
        assert f"externalId={stay.seat_id}" in address
        assert "video=off" in address
        await axe_finds_nothing(page)
        await look(page, "join-room-nb")
        await page.locator("[data-do=leave]").click()
        await is_shown(page, "left")
        await expect(page.locator("iframe")).to_have_count(0)
        await nobody_inside(town, person)
        await page.locator("[data-do=rejoin]").click()
        await is_inside(page, town, person)

    async def worked_on() -> int:
        async with town.work() as work:
            return len(list(await work.session.scalars(select(ProviderEvent.event_id))))

    assert await until(worked_on) >= 1
    async with town.work() as work:
        seat = await work.session.scalar(select(Seat).where(Seat.person_id == person.id))
        known = await work.session.get(Room, room.id)
    assert seat is not None
    assert known is not None
    assert seat.room_id == room.id
    assert known.state is RoomState.IN_USE


async def test_the_waiting_page_turns_into_the_room_by_itself(devices: Browser, site: Site, town: Town) -> None:
    person = await town.person(name="Amina", ui_language="ar")
    session = await town.session(person, starts_in=timedelta(minutes=30))
    async with open_page(devices, site.client, await town.link(person)) as page:
        await page.locator("[data-state=waiting] [data-do=check]").click()
        await page.locator("[data-do=try][data-camera=off]").click()
        await page.locator("[data-do=works]").click()
        await is_shown(page, "waiting")
        await town.room(session, **await site.meeting())
        async with town.work() as work:
            await work.session.execute(
                update(Session).where(Session.id == session.id).values(starts_at=town.now + timedelta(minutes=5))
            )
            work.wake_pages(session_topic(session.id))
        await is_inside(page, town, person)


async def test_a_room_that_is_ready_late_opens_by_itself(devices: Browser, site: Site, town: Town) -> None:
    person = await town.person(name="Amina", ui_language="nb")
    session = await town.session(person, starts_in=timedelta(minutes=5))
    async with open_page(devices, site.client, await town.link(person)) as page:
        await is_shown(page, "getting_ready")
        await town.room(session, **await site.meeting())
        async with town.work() as work:
            work.wake_pages(session_topic(session.id))
        await is_shown(page, "open")
        await page.locator("[data-do=join][data-camera=off]").click()
        await is_inside(page, town, person)


async def test_a_moved_seat_takes_its_person_along(devices: Browser, site: Site, town: Town) -> None:
    person = await town.person(name="Amina", ui_language="nb")
    session = await town.session(person, starts_in=timedelta(minutes=5))
    await town.room(session, **await site.meeting())
    async with open_page(devices, site.client, await town.link(person)) as page:
        await page.locator("[data-do=join][data-camera=off]").click()
        first = await is_inside(page, town, person)
        other = await town.room(session, number=2, **await site.meeting())
        async with town.work() as work:
            await work.session.execute(
                update(Seat)
                .where(Seat.id == first.seat_id)
                .values(room_id=other.id, version=Seat.version + 1, reason=SeatReason.MOVED)
            )
            work.wake_pages(session_topic(session.id))

        async def moved() -> bool:
            return [stay.room_id for stay in await stays(town, person)] == [other.id]

        await until(moved)
        await expect(page.locator("iframe")).to_have_count(1)


async def test_a_rotation_leaves_camera_and_microphone_as_they_were(devices: Browser, site: Site, town: Town) -> None:
    """Came in unseen, then switched the camera on and the microphone off: so it is in the new room."""
    person = await town.person(name="Amina", ui_language="nb")
    session = await town.session(person, starts_in=timedelta(minutes=5))
    old = await town.room(session, **await site.meeting())
    await town.spare(**await site.meeting())
    async with open_page(devices, site.client, await town.link(person)) as page:
        await page.locator("[data-do=join][data-camera=off]").click()
        await is_inside(page, town, person)
        inside = page.frame_locator("iframe")
        await inside.locator("#camera").click()
        await expect(inside.locator("#camera")).to_have_attribute("aria-pressed", "true")
        await inside.locator("#microphone").click()
        await expect(inside.locator("#microphone")).to_have_attribute("aria-pressed", "false")
        async with town.work() as work:
            assert await rotate_room(work, old.id, installation="sammen", actor_id=None, now=town.now) is Rotation.MOVED

        async def moved() -> bool:
            now_in = {stay.room_id for stay in await stays(town, person)}
            return bool(now_in) and old.id not in now_in

        await until(moved)
        address = await page.locator("iframe").get_attribute("src")
        assert address is not None
        assert "video=off" not in address
        assert "audio=off" in address
        await expect(inside.locator("#camera")).to_have_attribute("aria-pressed", "true")
        await expect(inside.locator("#microphone")).to_have_attribute("aria-pressed", "false")


async def test_a_session_that_ends_says_goodbye(devices: Browser, site: Site, town: Town) -> None:
    person = await town.person(name="Amina", ui_language="nb")
    session = await town.session(person, starts_in=timedelta(minutes=-5))
    await town.room(session, **await site.meeting())
    async with open_page(devices, site.client, await town.link(person)) as page:
        await page.locator("[data-do=join][data-camera=off]").click()
        await is_inside(page, town, person)
        async with town.work() as work:
            await work.session.execute(update(Session).where(Session.id == session.id).values(ended_at=town.now))
            work.wake_pages(session_topic(session.id))
        await is_shown(page, "over")
        await expect(page.locator("iframe")).to_have_count(0)
        await nobody_inside(town, person)


async def test_a_deleted_room_leads_to_the_next_one(devices: Browser, site: Site, town: Town) -> None:
    person = await town.person(name="Amina", ui_language="nb")
    session = await town.session(person, starts_in=timedelta(minutes=5))
    meeting = await site.meeting()
    room = await town.room(session, **meeting)
    async with open_page(devices, site.client, await town.link(person)) as page:
        await page.locator("[data-do=join][data-camera=off]").click()
        await is_inside(page, town, person)
        other = await town.room(session, number=2, **await site.meeting())
        async with town.work() as work:
            await work.session.execute(update(Room).where(Room.id == room.id).values(state=RoomState.RETIRING))
        await site.delete(meeting["meeting_id"])

        async def moved() -> bool:
            return other.id in [stay.room_id for stay in await stays(town, person)]

        await until(moved)


async def test_a_second_device_has_to_be_let_in(devices: Browser, site: Site, town: Town) -> None:
    person = await town.person(name="Amina", ui_language="nb")
    session = await town.session(person, starts_in=timedelta(minutes=5))
    await town.room(session, **await site.meeting())
    link = await town.link(person)
    async with open_page(devices, site.client, link) as phone:
        await phone.locator("[data-do=join][data-camera=off]").click()
        await is_inside(phone, town, person)
        async with open_page(devices, site.client, link) as pc:
            await is_shown(pc, "other_device")
            await pc.locator("[data-do=ask-in]").click()
            await expect(pc.locator("[data-part=asked]")).to_be_visible()
            await phone.locator("[data-do=leave]").click()
            await is_inside(pc, town, person)


async def test_whoever_shares_a_phone_never_acts_as_the_other(devices: Browser, site: Site, town: Town) -> None:
    first = await town.person(name="Amina", ui_language="nb")
    second = await town.person(name="Olena", ui_language="nb")
    async with open_page(devices, site.client, await town.link(first)) as page:
        await expect(page.get_by_text("Hei, Amina")).to_be_visible()
        other = await page.context.new_page()
        await other.goto(await town.link(second))
        await expect(other.get_by_text("Hei, Olena")).to_be_visible()
        status = await page.evaluate(
            """fetch("/me/now", {headers: {"Accept": "application/json",
                "X-Link": document.querySelector("[data-page]").dataset.link}}).then((answer) => answer.status)"""
        )
        assert status == 409


async def test_help_that_cannot_be_sent_names_the_phone(devices: Browser, site: Site, town: Town) -> None:
    person = await town.person(name="Amina", ui_language="nb")
    session = await town.session(person, starts_in=timedelta(minutes=5))
    await town.room(session, **await site.meeting())
    async with open_page(devices, site.client, await town.link(person)) as page:
        await page.locator("[data-do=join][data-camera=off]").click()
        await is_inside(page, town, person)
        await page.route("**/help", lambda route: route.abort())
        await page.locator("[data-state=room] [data-do=help]").click()
        sheet = page.locator("[data-part=help]")
        await expect(sheet.locator("[data-part=help-failed]")).to_be_visible()
        await expect(sheet.get_by_role("link", name="+47 51 00 00 00")).to_be_visible()
        await axe_finds_nothing(page)
        await look(page, "join-help-nb")
