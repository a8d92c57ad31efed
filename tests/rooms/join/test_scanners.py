"""Mail scanners and link previews: they fetch a link again and again, run its page, and count for nobody."""

from datetime import datetime, timedelta

import pytest
from playwright.async_api import Browser
from sqlalchemy import select

from rooms.schedule.records import Invitation, Session
from rooms.store.unit_of_work import Store
from rooms.wiring import METADATA
from tests.conftest import Client
from tests.rooms.join.conftest import open_page
from tests.support.town import Town
from tests.support.waiting import until

PREVIEWS = (
    "WhatsApp/2.23.20.0 A",
    "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 BingPreview/1.0b",
    "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    "TelegramBot (like TwitterBot)",
)


async def everything(store: Store) -> dict[str, list[str]]:
    """All rows of all tables."""
    async with store.engine.connect() as connection:
        return {
            table.name: sorted(map(repr, await connection.execute(select(table)))) for table in METADATA.sorted_tables
        }


async def opened_at(town: Town, session: Session) -> datetime | None:
    async with town.work() as work:
        return (
            await work.session.scalars(select(Invitation.opened_at).where(Invitation.session_id == session.id))
        ).one()


@pytest.mark.parametrize("starts_in", [timedelta(days=2), timedelta(minutes=5)])
async def test_a_link_that_is_fetched_again_and_again_changes_nothing(
    client: Client, store: Store, town: Town, starts_in: timedelta
) -> None:
    person = await town.person()
    session = await town.session(person, starts_in=starts_in)
    link = await town.link(person)
    before = await everything(store)
    assert before["invitation"]
    for _ in range(3):
        for method, headers in (
            ("HEAD", {}),
            ("GET", {}),
            *(("GET", {"User-Agent": preview}) for preview in PREVIEWS),
            ("GET", {"Purpose": "prefetch", "Sec-Purpose": "prefetch"}),
        ):
            client.session.cookie_jar.clear()  # each time a machine that was never here
            async with client.request(method, link, headers=headers, allow_redirects=False) as answer:
                assert answer.status == 200
    assert await everything(store) == before
    assert await opened_at(town, session) is None


@pytest.mark.browser
async def test_a_page_is_opened_by_whoever_moves_and_by_no_machine_that_runs_it(
    devices: Browser, client: Client, town: Town
) -> None:
    person = await town.person()
    session = await town.session(person, starts_in=timedelta(days=2))
    async with open_page(devices, client, "about:blank") as page:
        # A scanner's browser does not say that it is one.
        await page.add_init_script("Object.defineProperty(Navigator.prototype, 'webdriver', { get: () => false })")
        reported: list[str] = []
        page.on("request", lambda request: reported.append(request.url) if "/me/opened" in request.url else None)
        for _ in range(3):
            async with page.expect_response("**/me/now*"):
                await page.goto(await town.link(person))
            await page.evaluate(
                """for (const kind of ["pointermove", "scroll", "pointerdown", "keydown", "touchstart"])
                     document.body.dispatchEvent(new Event(kind, { bubbles: true }))"""
            )
        assert reported == []
        assert await opened_at(town, session) is None
        async with page.expect_response("**/me/opened"):
            await page.mouse.move(50, 50)
            await page.mouse.move(80, 90)

    async def is_opened() -> bool:
        return await opened_at(town, session) is not None

    await until(is_opened)
