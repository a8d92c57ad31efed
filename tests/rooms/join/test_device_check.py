"""The device check in a real browser: what works, is blocked or missing, and what the server learns of it."""

from datetime import timedelta

import pytest
from playwright.async_api import Browser, Page, expect
from sqlalchemy import select

from rooms.people.records.persons import Person
from rooms.schedule.records import Invitation
from rooms.schedule.rules.formats import DeviceCheck
from tests.conftest import Client
from tests.rooms.join.conftest import open_page
from tests.rooms.join.test_page_states import NAMES, is_shown
from tests.support.browser import axe_finds_nothing, look
from tests.support.town import Town
from tests.support.waiting import until

pytestmark = pytest.mark.browser

MESSENGER = (
    "Mozilla/5.0 (Linux; Android 12; SM-A127F; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 "
    "Chrome/120.0.0.0 Mobile Safari/537.36 [FB_IAB/Orca-Android;FBAV/430.0.0.0.0;]"
)


async def invited(town: Town, language: str = "nb") -> Person:
    person = await town.person(name=NAMES[language], ui_language=language)
    await town.session(person, starts_in=timedelta(minutes=40))
    return person


async def begin(page: Page, camera: str) -> None:
    await page.locator("[data-state=waiting] [data-do=check]").click()
    await is_shown(page, "check")
    await page.locator(f"[data-do=try][data-camera={camera}]").click()


async def kept(town: Town, person: Person) -> DeviceCheck | None:
    async def ask() -> DeviceCheck | None:
        async with town.work() as work:
            found: DeviceCheck | None = await work.session.scalar(
                select(Invitation.device_check).where(Invitation.person_id == person.id)
            )
            return found

    return await until(ask)


@pytest.mark.parametrize("language", ["nb", "ar"])
async def test_each_step_is_readable(devices: Browser, client: Client, town: Town, language: str) -> None:
    person = await invited(town, language)
    async with open_page(devices, client, await town.link(person)) as page:
        await page.locator("[data-state=waiting] [data-do=check]").click()
        await is_shown(page, "check")
        await axe_finds_nothing(page)
        await look(page, f"join-check-choose-{language}")
        await page.locator("[data-do=try][data-camera=off]").click()
        await expect(page.locator("[data-step=trying]")).to_be_visible()
        await expect(page.locator("[data-part=heard]")).to_be_visible()
        await axe_finds_nothing(page)
        await look(page, f"join-check-no-camera-{language}")


async def test_without_camera_is_as_good_as_with(devices: Browser, client: Client, town: Town) -> None:
    person = await invited(town)
    async with open_page(devices, client, await town.link(person)) as page:
        await begin(page, "off")
        await page.locator("[data-do=works]").click()
        await is_shown(page, "waiting")
        await expect(page.locator("[data-state=waiting] [data-part=checked]")).to_be_visible()
        assert await kept(town, person) is DeviceCheck.CAMERA_OFF
        await page.reload()
        await expect(page.locator("[data-state=waiting] [data-part=checked]")).to_be_visible()


async def test_one_sees_oneself_and_the_line_moves(devices: Browser, client: Client, town: Town) -> None:
    person = await invited(town)
    async with open_page(devices, client, await town.link(person)) as page:
        await begin(page, "on")
        await until(lambda: page.evaluate("document.querySelector('video').videoWidth"))
        await expect(page.locator("[data-part=heard]")).to_be_visible()
        await page.locator("[data-do=sound]").click()
        await look(page, "join-check-camera-nb")
        await page.locator("[data-do=works]").click()
        await is_shown(page, "waiting")
        assert await kept(town, person) is DeviceCheck.PASSED


@pytest.mark.parametrize("language", ["nb", "ar"])
async def test_a_blocked_camera(devices: Browser, client: Client, town: Town, language: str) -> None:
    person = await invited(town, language)
    path = await town.link(person)
    async with open_page(devices, client, path, allow=False) as page:
        await page.context.grant_permissions(["microphone"])
        await begin(page, "on")
        await expect(page.locator("[data-problem=camera_blocked]")).to_be_visible()
        await expect(page.locator("[data-problem]:visible")).to_have_count(1)
        await expect(page.locator("[data-problem=camera_blocked] [data-system]:visible")).to_have_count(1)
        assert await kept(town, person) is DeviceCheck.CAMERA_BLOCKED
        await axe_finds_nothing(page)
        await look(page, f"join-check-blocked-{language}")
        await page.locator("[data-do=without-camera]").click()
        await expect(page.locator("[data-step=trying]")).to_be_visible()


async def test_a_blocked_microphone_can_still_listen(devices: Browser, client: Client, town: Town) -> None:
    person = await invited(town)
    async with open_page(devices, client, await town.link(person), allow=False) as page:
        await begin(page, "off")
        await expect(page.locator("[data-problem=microphone_blocked]")).to_be_visible()
        assert await kept(town, person) is DeviceCheck.MICROPHONE_BLOCKED
        await page.locator("[data-do=only-listen]").click()
        await is_shown(page, "waiting")


async def test_a_machine_without_microphone(no_devices: Browser, client: Client, town: Town) -> None:
    person = await invited(town)
    async with open_page(no_devices, client, await town.link(person)) as page:
        await begin(page, "on")
        await expect(page.locator("[data-problem=no_microphone]")).to_be_visible()
        assert await kept(town, person) is DeviceCheck.NO_MICROPHONE
        await look(page, "join-check-no-microphone-nb")


async def test_a_machine_without_camera(devices: Browser, client: Client, town: Town) -> None:
    person = await invited(town)
    async with open_page(devices, client, await town.link(person)) as page:
        await page.evaluate(
            """() => {
              const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
              navigator.mediaDevices.getUserMedia = (wish) =>
                wish.video ? Promise.reject(new DOMException("none", "NotFoundError")) : real(wish);
            }"""
        )
        await begin(page, "on")
        await expect(page.locator("[data-problem=no_camera]")).to_be_visible()
        assert await kept(town, person) is DeviceCheck.NO_CAMERA


@pytest.mark.parametrize("language", ["nb", "ar"])
async def test_inside_messenger_only_a_refusal_is_a_problem(
    devices: Browser, client: Client, town: Town, language: str
) -> None:
    person = await invited(town, language)
    path = await town.link(person)
    async with open_page(devices, client, path, user_agent=MESSENGER) as page:
        await begin(page, "off")
        await expect(page.locator("[data-step=trying]")).to_be_visible()
    async with open_page(devices, client, path, user_agent=MESSENGER, allow=False) as page:
        await begin(page, "off")
        await expect(page.locator("[data-problem=in_app_browser]")).to_be_visible()
        await expect(page.locator("[data-problem=in_app_browser] [data-system=android]")).to_be_visible()
        assert await kept(town, person) is DeviceCheck.IN_APP_BROWSER
        await page.locator("[data-do=copy]").click()
        await expect(page.locator("[data-part=copied]")).to_be_visible()
        await axe_finds_nothing(page)
        await look(page, f"join-check-in-app-{language}")


async def test_a_browser_that_knows_no_video(devices: Browser, client: Client, town: Town) -> None:
    person = await invited(town)
    async with open_page(devices, client, await town.link(person)) as page:
        await page.evaluate("delete window.RTCPeerConnection")
        await begin(page, "on")
        await expect(page.locator("[data-problem=unsupported]")).to_be_visible()
        assert await kept(town, person) is DeviceCheck.UNSUPPORTED


async def test_it_works_by_keyboard_alone(devices: Browser, client: Client, town: Town) -> None:
    person = await invited(town)
    async with open_page(devices, client, await town.link(person)) as page:
        await is_shown(page, "waiting")
        await page.locator("[data-state=waiting] [data-do=check]").focus()
        await page.keyboard.press("Enter")
        assert await page.evaluate("document.activeElement.id") == "check-heading"
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await expect(page.locator("[data-step=trying]")).to_be_visible()
