"""The dashboard as a person sees and uses it."""

import pytest

from tests.rooms.dashboard.conftest import OpenDesk
from tests.rooms.dashboard.lively import Lively
from tests.support.browser import axe_finds_nothing, look
from tests.support.cast import Cast

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("language", ["nb", "ar"])
async def test_every_page_is_accessible_and_fits(desk: OpenDesk, lively: Lively, cast: Cast, language: str) -> None:
    session, person = f"/sessions/{lively.session.id}", f"/people/{lively.people['dropped'].id}"
    pages = {
        "today": "/today",
        "plan": "/sessions/new",
        "session": session,
        "invite": f"{session}/invite",
        "cancel": f"{session}/cancel",
        "end": f"{session}/end",
        "people": "/people",
        "person-new": "/people/new",
        "person": person,
        "link": f"{person}/link",
        "link-new": f"{person}/new-link",
        "queue": "/help/queue",
    }
    async with desk(language) as page:
        for name, address in pages.items():
            await page.goto(address)
            await page.locator("main h1").first.wait_for()
            if name in {"today", "session"}:
                await page.locator("#queue .row").first.wait_for()
            await look(page, f"dashboard-{name}-{language}")
            await axe_finds_nothing(page)
