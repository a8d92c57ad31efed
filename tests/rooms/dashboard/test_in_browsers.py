"""The dashboard as a person sees and uses it."""

import asyncio
import re
import time
from datetime import datetime, timedelta

import pytest
from playwright.async_api import Page, WebSocketRoute, expect

from rooms.breakout.rules.pairs import PairKind
from rooms.breakout.service.cards import CardFacts, save_card
from rooms.breakout.service.pairs import keep
from rooms.people.rules.roles import Company
from rooms.people.service.persons import person_of
from rooms.schedule.service.invitations import mark_opened
from rooms.store.scope import OneCentre
from rooms.store.unit_of_work import Store
from superuser_training.help.service import calls
from tests.rooms.dashboard.conftest import OpenDesk
from tests.support.browser import axe_finds_nothing, look
from tests.support.cast import Cast
from tests.support.lively import Lively, circle_of
from tests.support.town import Town

pytestmark = pytest.mark.browser


async def _known(town: Town, cast: Cast, lively: Lively) -> None:
    """Amina is kept to a group that she has left and has two pairs; a card was changed."""
    async with town.work() as work:
        for other, kind in (("dropped", PairKind.APART), ("failed", PairKind.TOGETHER)):
            await keep(
                work,
                cast.amina.id,
                lively.people[other].id,
                kind,
                "Har bedt om det selv",
                actor_id=cast.coordinator.id,
                now=town.now,
            )
        person = await person_of(work, cast.amina.id)
        person.company, person.company_circle_id, person.is_woman = Company.CIRCLE, lively.circle.id, True
        await save_card(
            work,
            "1-food",
            CardFacts(1, "Kaffe", ["Med melk?", "Når drikker folk kaffe?"], is_hidden=True),
            seen_at=None,
            centre_id=town.centre_id,
            actor_id=cast.coordinator.id,
            now=town.now,
        )


@pytest.mark.parametrize("language", ["nb", "ar"])
async def test_every_page_is_accessible_and_fits(
    desk: OpenDesk, klepp: Town, lively: Lively, cast: Cast, language: str
) -> None:
    session, person = f"/sessions/{lively.session.id}", f"/people/{lively.people['dropped'].id}"
    later = await klepp.session(starts_in=timedelta(days=1))
    pages = {
        "today": "/today",
        "plan": "/sessions/new",
        "session": session,
        "invite": f"{session}/invite",
        "move": f"/sessions/{later.id}/move",
        "cancel": f"{session}/cancel",
        "end": f"{session}/end",
        "people": "/people",
        "person-new": "/people/new",
        "person": person,
        "pairs": f"/people/{cast.amina.id}/pairs",
        "remarks": f"{person}/remarks",
        "import": "/people/import",
        "link": f"{person}/link",
        "link-new": f"{person}/new-link",
        "queue": "/help/queue",
        "circles": "/circles",
        "circle-new": "/circles/new",
        "circle": f"/circles/{lively.circle.id}",
        "feed": f"/circles/{lively.circle.id}/feed",
        "messages": "/messages",
        "posts": "/posts",
        "texts": "/texts",
        "text": "/texts/edit?kind=invitation&language=ar",
        "texts-preview": "/texts/preview?kind=invitation",
        "printed": f"{session}/printed-links",
        "guest": f"{session}/guests",
        "person-company": f"/people/{cast.amina.id}",
        "cards": "/cards",
        "card-new": "/cards/new",
        "card": "/cards/1-food",
    }
    await _known(klepp, cast, lively)
    async with desk(language) as page:
        for name, address in pages.items():
            await page.goto(address)
            await page.locator("main h1").first.wait_for()
            await page.locator("main details").evaluate_all("all => all.forEach(one => { one.open = true; })")
            if name in {"today", "session"}:
                await page.locator("#queue .row").first.wait_for()
            await look(page, f"dashboard-{name}-{language}")
            await axe_finds_nothing(page)


@pytest.mark.parametrize("language", ["nb", "ar"])
async def test_every_answer_is_accessible_and_fits(
    desk: OpenDesk, klepp: Town, cast: Cast, store: Store, language: str
) -> None:
    """What a page shows when it is empty, when something is wrong, and when something was done."""
    save = "main form button[type=submit] >> nth=0"
    async with desk(language) as page:

        async def check(name: str) -> None:
            await look(page, f"dashboard-{name}-{language}")
            await axe_finds_nothing(page)

        await page.goto("/today")
        await expect(page.locator("#queue[hx-trigger^=refresh]")).to_be_visible()
        await check("today-empty")
        await page.goto("/sessions/new")
        await page.locator("#title").fill("")
        await page.locator("#minutes").fill("3")
        await page.locator(save).click()
        await expect(page.locator(".ds-error-summary")).to_be_focused()
        await check("plan-wrong")
        await page.goto(f"/people/{cast.amina.id}")
        async with store.work(OneCentre(cast.klepp.id)) as work:
            (await person_of(work, cast.amina.id)).name = "Amina Nour"
        await page.locator("#name").fill("Amina N.")
        await page.locator(save).click()
        await expect(page.locator("[role=alert]")).to_be_focused()
        await check("person-conflict")
        await page.locator(save).click()
        await expect(page).to_have_url(re.compile("done=saved$"))
        await check("person-saved")
        await page.goto(f"/people/{cast.amina.id}/pairs")
        await page.locator("#pairs form button[type=submit]").last.click()
        await expect(page.locator("#pairs .ds-error-summary")).to_be_focused()
        await check("pairs-wrong")
        await page.goto("/cards/new")
        await page.locator(save).click()
        await expect(page.locator(".ds-error-summary")).to_be_focused()
        await check("card-wrong")
        await page.goto(f"/people/{cast.yusuf.id}/link")
        await page.locator(save).click()
        await expect(page.locator("#address")).to_have_value(re.compile("/l/"))
        await check("link-shown")
        await page.context.clear_cookies(name="coordinator")
        await page.goto("/")
        await check("front")


async def tab_to(page: Page, name: str) -> None:
    """Press Tab until the link, button or field of this name has the focus."""
    for _ in range(60):
        await page.keyboard.press("Tab")
        here = await page.evaluate("(e => e.labels?.[0]?.innerText || e.innerText)(document.activeElement)")
        if (here or "").strip().startswith(name):
            return
    raise AssertionError(f"no {name} on the way of the Tab key")


async def test_a_session_is_planned_by_keyboard_alone(desk: OpenDesk, cast: Cast, klepp: Town) -> None:
    """From the week to the planned session without a mouse, and well within half a minute."""
    await circle_of(klepp, "Kvinnegruppa", cast.amina, cast.guide)
    async with desk() as page:
        await page.goto("/today")
        began = time.monotonic()
        await tab_to(page, "Ny økt")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("textbox", name="Navn")).to_be_focused()
        await page.keyboard.press("Control+A")
        await page.keyboard.type("Kaffe og prat")
        await tab_to(page, "Alle i Kvinnegruppa")
        await page.keyboard.press("Space")
        await tab_to(page, "Finn med navn eller språk")
        await page.keyboard.type("soom")
        await page.keyboard.press("Enter")
        await expect(page.get_by_text("Valgt: 3")).to_be_visible()
        await tab_to(page, "Lag økten og send lenkene")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("heading", name="Kaffe og prat")).to_be_visible()
        assert time.monotonic() - began < 30
        await expect(page.get_by_text("Økten er laget.")).to_be_visible()
        for name in ("Amina", "Samira", "Yusuf"):
            await expect(page.locator("#board").get_by_role("link", name=name, exact=True)).to_be_visible()


async def test_the_board_follows_what_happens_by_itself(
    desk: OpenDesk, klepp: Town, cast: Cast, store: Store, now: datetime
) -> None:
    session = await klepp.session(cast.amina, starts_in=timedelta(minutes=5))
    async with desk() as page:
        await page.goto(f"/sessions/{session.id}")
        row = page.locator(f"#row-{cast.amina.id}")
        await expect(row).to_contain_text("Har ikke fått lenken")
        await expect(page.locator("#queue")).to_contain_text("Ingen venter på deg.")
        async with store.work(OneCentre(cast.klepp.id)) as work:
            await mark_opened(work, session.id, cast.amina.id, now)
        await expect(row).to_contain_text("Har åpnet lenken")
        async with store.work(OneCentre(cast.klepp.id)) as work:
            await calls.ask(work, cast.amina.id, centre_id=cast.klepp.id, session_id=session.id, now=now)
        await expect(page.locator("#queue")).to_contain_text("Ber om hjelp")
        await expect(page.get_by_role("status").filter(has_text="Venter på deg: 1")).to_have_count(1)
        await page.get_by_role("button", name="Jeg hjelper").click()
        await expect(page.locator("#queue")).to_contain_text("Ingen venter på deg.")


async def test_what_is_looked_at_keeps_the_focus_while_the_board_changes(
    desk: OpenDesk, klepp: Town, cast: Cast, store: Store, now: datetime
) -> None:
    session = await klepp.session(cast.amina, cast.yusuf, starts_in=timedelta(minutes=5))
    async with desk() as page:
        await page.goto(f"/sessions/{session.id}")
        link = page.locator(f"#link-{cast.yusuf.id}")
        await link.focus()
        async with store.work(OneCentre(cast.klepp.id)) as work:
            await mark_opened(work, session.id, cast.amina.id, now)
        await expect(page.locator(f"#row-{cast.amina.id}")).to_contain_text("Har åpnet lenken")
        await expect(link).to_be_focused()


async def test_what_changed_before_the_page_listens_is_shown(
    desk: OpenDesk, klepp: Town, cast: Cast, store: Store, now: datetime
) -> None:
    session = await klepp.session(cast.amina, starts_in=timedelta(minutes=5))
    loaded = asyncio.Event()

    async def later(socket: WebSocketRoute) -> None:
        await loaded.wait()
        socket.connect_to_server()

    async with desk() as page:
        await page.route_web_socket(re.compile("/live"), later)
        await page.goto(f"/sessions/{session.id}")
        async with store.work(OneCentre(cast.klepp.id)) as work:
            await mark_opened(work, session.id, cast.amina.id, now)
        loaded.set()
        await expect(page.locator(f"#row-{cast.amina.id}")).to_contain_text("Har åpnet lenken")


async def test_a_signed_out_board_goes_to_the_sign_in_page(
    desk: OpenDesk, klepp: Town, cast: Cast, store: Store, now: datetime
) -> None:
    session = await klepp.session(cast.amina, starts_in=timedelta(minutes=5))
    async with desk() as page:
        await page.goto(f"/sessions/{session.id}")
        await expect(page.locator("#queue")).to_contain_text("Ingen venter på deg.")
        await page.context.clear_cookies()
        async with store.work(OneCentre(cast.klepp.id)) as work:
            await mark_opened(work, session.id, cast.amina.id, now)
        await expect(page).to_have_url(re.compile("/sign-in$"))


async def test_people_are_found_while_typing(desk: OpenDesk, lively: Lively) -> None:
    async with desk() as page:
        await page.goto("/people")
        await page.get_by_label("Finn med navn").press_sequentially("olha")
        await expect(page.locator("#found .row")).to_have_count(1)
        await expect(page.get_by_label("Finn med navn")).to_be_focused()
        await page.goto("/sessions/new")
        await page.get_by_label("Finn med navn eller språk").fill("tiếng")
        await expect(page.locator("[data-filter]:visible")).to_have_count(1)
        await page.get_by_label("Finn med navn eller språk").fill("nobody is called this")
        await expect(page.get_by_text("Ingen med det navnet.")).to_be_visible()


async def test_without_scripts_everything_can_still_be_done(desk: OpenDesk, lively: Lively) -> None:
    async with desk(scripts=False) as page:
        await page.goto("/today")
        await page.get_by_role("link", name="Hvem som venter på deg").click()
        await page.get_by_role("button", name="Jeg hjelper").click()
        await page.goto("/people")
        await page.get_by_label("Finn med navn").fill("olha")
        await page.get_by_role("button", name="Søk").click()
        await expect(page.locator("#found .row")).to_have_count(1)
        await page.goto("/sessions/new")
        await page.get_by_label("Alle i Kvinnegruppa (2)").check()
        await page.get_by_role("button", name="Lag økten og send lenkene").click()
        await expect(page.locator("#board .row")).to_have_count(2)
