"""Every state of the person's page in every language: axe finds nothing, nothing scrolls sideways."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from playwright.async_api import Browser, Page, expect

from rooms.people.records.persons import Person
from rooms.seating.rules.reasons import SeatReason
from tests.conftest import Client
from tests.rooms.join.conftest import open_page
from tests.support.browser import axe_finds_nothing, look
from tests.support.town import Town

pytestmark = pytest.mark.browser

NAMES = {"nb": "Amina", "ar": "أمينة"}
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


async def home(_town: Town, _person: Person) -> None:
    """Nothing is planned."""


async def early(town: Town, person: Person) -> None:
    await town.session(person, starts_in=2 * DAY)


async def waiting(town: Town, person: Person) -> None:
    await town.session(person, starts_in=40 * MINUTE)


async def opened(town: Town, person: Person) -> None:
    await town.room(await town.session(person, starts_in=5 * MINUTE))


async def getting_ready(town: Town, person: Person) -> None:
    await town.session(person, starts_in=5 * MINUTE)


async def full(town: Town, person: Person) -> None:
    room = await town.room(await town.session(person, starts_in=5 * MINUTE))
    await town.fill(room, 6)


async def other_device(town: Town, person: Person) -> None:
    room = await town.room(await town.session(person, starts_in=5 * MINUTE))
    await town.stay(await town.seat(person, room), room)


async def left(town: Town, person: Person) -> None:
    room = await town.room(await town.session(person, starts_in=-5 * MINUTE))
    await town.session(person, starts_in=7 * DAY)
    await town.seat(person, room, reason=SeatReason.LEFT)


async def over(town: Town, person: Person) -> None:
    await town.session(person, starts_in=-2 * HOUR)
    await town.session(person, starts_in=7 * DAY)


async def cancelled(town: Town, person: Person) -> None:
    await town.session(person, starts_in=HOUR, cancelled_at=town.now)
    await town.session(person, starts_in=DAY)


STATES: dict[str, Callable[[Town, Person], Awaitable[None]]] = {
    "home": home,
    "early": early,
    "waiting": waiting,
    "open": opened,
    "getting_ready": getting_ready,
    "full": full,
    "other_device": other_device,
    "left": left,
    "over": over,
    "cancelled": cancelled,
}


async def is_shown(page: Page, state: str) -> None:
    """Wait until the page shows exactly this part."""
    await expect(page.locator(f"[data-page][data-shown={state}]")).to_be_visible()
    await expect(page.locator("[data-state]:visible")).to_have_count(1)
    await expect(page.locator(f"[data-state={state}]")).to_be_visible()


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("language", ["nb", "ar"])
async def test_every_state(devices: Browser, client: Client, town: Town, language: str, state: str) -> None:
    person = await town.person(name=NAMES[language], ui_language=language)
    await STATES[state](town, person)
    async with open_page(devices, client, await town.link(person)) as page:
        await is_shown(page, state)
        await expect(page.locator("html")).to_have_attribute("lang", language)
        await axe_finds_nothing(page)
        await look(page, f"join-{state}-{language}")


@pytest.mark.parametrize("language", ["nb", "ar"])
async def test_a_link_that_does_not_work(devices: Browser, client: Client, town: Town, language: str) -> None:
    async with open_page(devices, client, f"/l/0123456789abcdef?lang={language}") as page:
        await axe_finds_nothing(page)
        await look(page, f"join-refused-{language}")


@pytest.mark.parametrize("width", [320, 640])
async def test_a_small_phone_and_large_letters(devices: Browser, client: Client, town: Town, width: int) -> None:
    """320 px is also what a 640 px window shows at 200 %."""
    person = await town.person(name="Amina Mohammed", ui_language="nb")
    await town.session(person, starts_in=40 * MINUTE, title="Språktrening for nybegynnere og foreldre")
    size = {"width": width, "height": 800}
    async with open_page(devices, client, await town.link(person), viewport=size) as page:
        if width == 640:
            await page.evaluate("document.documentElement.style.fontSize = '200%'")
        for press in ("[data-state=waiting] [data-do=check]", "[data-do=try][data-camera=off]"):
            assert not await page.evaluate(
                "document.documentElement.scrollWidth > document.documentElement.clientWidth"
            )
            await page.locator(press).click()


async def test_without_javascript_the_page_says_what_when_and_whom_to_call(
    devices: Browser, client: Client, town: Town
) -> None:
    person = await town.person(name="Amina", ui_language="nb")
    await town.session(person, starts_in=5 * MINUTE)
    async with open_page(devices, client, await town.link(person), java_script_enabled=False) as page:
        shown = page.locator("[data-state=open]")
        await expect(shown.get_by_text("Møtet trenger JavaScript")).to_be_visible()
        await expect(shown.get_by_text("Språktrening")).to_be_visible()
        await expect(page.get_by_role("link", name="+47 51 00 00 00")).to_be_visible()
        await look(page, "join-no-script-nb")
