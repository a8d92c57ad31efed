"""«I cannot come», «I come a little late»: one tap, taken back as easily; coordinators see it, reminders heed it."""

from datetime import timedelta

import pytest
from playwright.async_api import Browser, expect
from sqlalchemy import select

from config.clock import local
from rooms.messages.records import Message
from rooms.schedule.records import Invitation, Session
from rooms.schedule.rules.formats import Answer
from rooms.schedule.service.reminders import write_due_reminders
from rooms.seating.service.ways_in import ways_in
from rooms.store.scope import AllCentres
from rooms.store.unit_of_work import Store
from tests.conftest import Client
from tests.rooms.join.conftest import open_page
from tests.rooms.join.test_me import open_on
from tests.support.browser import axe_finds_nothing, look
from tests.support.town import Town

DAY = timedelta(days=1)


async def answer_to(town: Town, session: Session) -> Answer | None:
    async with town.work() as work:
        return (await work.session.scalars(select(Invitation.answer).where(Invitation.session_id == session.id))).one()


async def test_the_last_answer_holds_and_the_coordinator_sees_it(client: Client, town: Town) -> None:
    person = await town.person()
    session = await town.session(person, starts_in=2 * DAY)
    phone = await open_on(client, town, person)
    assert (await phone.now())["answer"] is None
    for said in ("absent", "late", "coming"):
        status, answer = await phone.post("/me/answer", answer=said, session=str(session.id))
        assert (status, answer["answer"]) == (200, said)
        assert answer["texts"]["said"]
    async with town.work() as work:
        [one] = await ways_in(work, Invitation.session_id == session.id, town.now)
    assert (one.answer, one.unreached) == (Answer.COMING, None)


@pytest.mark.parametrize("body", [{}, {"answer": "maybe"}, {"answer": 1}])
async def test_nonsense_is_no_answer(client: Client, town: Town, body: dict[str, object]) -> None:
    person = await town.person()
    session = await town.session(person, starts_in=2 * DAY)
    phone = await open_on(client, town, person)
    async with client.post("/me/answer", json=body | {"session": str(session.id)}, headers=phone.headers) as response:
        assert response.status == 400
    assert await answer_to(town, session) is None


async def test_an_answer_to_a_meeting_that_is_no_longer_next_changes_nothing(client: Client, town: Town) -> None:
    person = await town.person()
    later = await town.session(person, starts_in=2 * DAY)
    first = await town.session(person, starts_in=DAY)
    phone = await open_on(client, town, person)
    await phone.post("/me/answer", answer="absent", session=str(later.id))
    assert (await answer_to(town, first), await answer_to(town, later)) == (None, None)


async def test_whoever_cannot_come_is_not_reminded(client: Client, store: Store, town: Town) -> None:
    absent, late = await town.person(), await town.person()
    evening = local(town.now + 2 * DAY).replace(hour=18, minute=0)  # when everybody is reminded
    session = await town.session(absent, late, starts_in=evening - town.now)
    for person, said in ((absent, "absent"), (late, "late")):
        client.session.cookie_jar.clear()
        phone = await open_on(client, town, person)
        await phone.post("/me/answer", answer=said, session=str(session.id))
    async with store.work(AllCentres("reminders of every centre")) as work:
        await write_due_reminders(work, session.starts_at - timedelta(minutes=45))
        reminded = set(await work.session.scalars(select(Message.person_id)))
    assert reminded == {late.id}


@pytest.mark.browser
@pytest.mark.parametrize("language", ["nb", "ar"])
async def test_one_tap_says_it_and_no_machine_s_press(
    devices: Browser, client: Client, town: Town, language: str
) -> None:
    person = await town.person(ui_language=language)
    session = await town.session(person, starts_in=2 * DAY)
    async with open_page(devices, client, await town.link(person)) as page:
        absent = page.locator("[data-state=early] [data-answer=absent]")
        await expect(absent).to_be_visible()
        await absent.evaluate("button => button.click()")  # as a mail scanner presses
        await expect(page.locator("[data-state=early] [data-part=said]")).to_be_hidden()
        assert await answer_to(town, session) is None
        await absent.click()
        await expect(page.locator("[data-state=early] [data-part=said]")).to_be_visible()
        await axe_finds_nothing(page)
        await look(page, f"join-answer-{language}")
    assert await answer_to(town, session) is Answer.ABSENT
