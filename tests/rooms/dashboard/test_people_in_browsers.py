"""People, lists that become people, and what stands about one person, as a coordinator sees them."""

import pytest
from playwright.async_api import Page, expect

from rooms.breakout.rules.pairs import PairKind
from rooms.breakout.service.pairs import keep
from rooms.people.rules.consent import ConsentKind, GivenHow
from rooms.people.service.consent import give, withdraw
from rooms.people.service.remarks import write_remark
from tests.rooms.dashboard.conftest import OpenDesk
from tests.support.browser import axe_finds_nothing, look
from tests.support.cast import Cast
from tests.support.lively import Lively
from tests.support.town import Town

pytestmark = pytest.mark.browser

#: Thirty people with the usual dirt.
LIST = "Navn;E-post;Tlf;Morsmål;Norsknivå\r\n" + "\r\n".join(
    [
        *(f"Øyvind Nr. {n};oyvind{n}@post.example;{40600000 + n};polsk;A2" for n in range(24)),
        "Åse Ærlig;;406 12 345;ukrainsk, russisk;B1",
        "Åse Ærlig;;+47 40612345;;",
        "Berit;;0047 406 12 345;;",
        "Feil Adresse;ikke-en-adresse;;klingon;",
        ";uten.navn@post.example;12;;",
        "Kari;kari@klepp.example;;;",
    ]
)


@pytest.mark.parametrize("language", ["nb", "ar"])
async def test_a_list_becomes_people_and_is_undone(
    desk: OpenDesk, klepp: Town, lively: Lively, cast: Cast, language: str
) -> None:
    async with klepp.work() as work:
        await write_remark(
            work, cast.amina.id, "Trenger ro rundt seg.\nRing heller enn å skrive.", actor_id=cast.coordinator.id,
            now=klepp.now,
        )  # fmt: skip
        for kind in (ConsentKind.LISTED, ConsentKind.PICTURES):
            await give(work, cast.amina.id, kind, GivenHow.PAPER, actor_id=cast.coordinator.id, now=klepp.now)
        await withdraw(work, cast.amina.id, ConsentKind.PICTURES, actor_id=cast.coordinator.id, now=klepp.now)
        await keep(
            work, cast.amina.id, cast.yusuf.id, PairKind.APART, "Har bedt om det selv", actor_id=cast.coordinator.id,
            now=klepp.now,
        )  # fmt: skip

    async with desk(language) as page:

        async def check(name: str) -> None:
            await look(page, f"people-{name}-{language}")
            await axe_finds_nothing(page)

        await page.goto("/people/import")
        await page.locator("#file").set_input_files(
            {"name": "liste.csv", "mimeType": "text/csv", "buffer": LIST.encode("latin-1")}
        )
        await page.locator("main form button[type=submit]").click()
        await expect(page.locator("[name=anyway]")).to_have_count(3)
        await expect(page.get_by_text("Øyvind Nr. 23")).to_be_visible()
        await check("preview")
        await page.locator("[name=anyway]").first.check()
        await page.locator(".import-go button").first.click()
        await expect(page.locator("form[action$='/undo']")).to_be_visible()
        await check("imported")
        await page.goto("/people/import")
        await check("import")
        await page.goto("/people?language=pl&seen=never")
        await expect(page.locator("#found .row")).to_have_count(24)
        await check("filtered")
        await page.goto(f"/people/{cast.amina.id}")
        await check("person")
        await page.goto(f"/people/{cast.amina.id}/pairs")
        await check("pairs")
        await page.goto(f"/people/{cast.amina.id}/remarks")
        await page.locator("form[action$='/read'] button").click()
        await expect(page.get_by_text("Trenger ro rundt seg.")).to_be_visible()
        await check("remarks")
        await page.goto("/people/import")
        await page.locator("main .row a").click()
        await page.locator("form[action$='/undo'] button").click()
        await page.goto("/people?language=pl")
        await expect(page.locator("#found .row")).to_have_count(0)


async def test_filters_narrow_the_list_at_once(desk: OpenDesk, klepp: Town, cast: Cast) -> None:
    await klepp.person(name="Tesfay", languages=["ti"])
    async with desk() as page:
        await page.goto("/people")
        await page.get_by_text("Velg ut").click()
        await page.get_by_label("Snakker").select_option("ti")
        await expect(page.locator("#found .row")).to_have_count(1)
        await expect(page.locator("#found [name=language]").first).to_have_value("ti")
        await page.get_by_label("Finn med navn").press_sequentially("ingen heter dette")
        await expect(page.locator("#found .row")).to_have_count(0)


async def _focused(page: Page) -> str:
    focused: str = await page.evaluate("document.activeElement.id")
    return focused


async def test_somebody_is_added_with_the_keyboard_alone(desk: OpenDesk, klepp: Town, cast: Cast) -> None:
    async with desk() as page:
        await page.goto("/people/new")
        for name, number in (("Olha Koval", "91234567"), ("Ali", "98765432")):
            assert await _focused(page) == "name"
            await page.keyboard.type(name)
            await page.keyboard.press("Tab")
            await page.keyboard.press("Tab")
            assert await _focused(page) == "phone"
            await page.keyboard.type(number)
            await page.keyboard.press("Enter")
            await expect(page.locator("main h1")).to_have_text(name)
            await page.goto("/people/new")
        await page.goto("/people?search=912 34 567")
        await expect(page.locator("#found .row")).to_have_count(1)
