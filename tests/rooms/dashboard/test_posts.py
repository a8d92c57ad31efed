"""Information to many: seen before it goes, sent once, in each reader's language, and to nobody who said no."""

import re
import uuid
from datetime import timedelta

import pytest
from playwright.async_api import expect
from sqlalchemy import select

from rooms.audit.records import AuditEntry
from rooms.audit.rules import Event
from rooms.messages.records import Message, Post
from rooms.messages.rules import Kind, MessageState
from rooms.people.rules.contact import PreferredWay
from rooms.people.service.circles import CircleFacts, keep_circle
from rooms.store.scope import AllCentres
from rooms.store.unit_of_work import Store
from tests.rooms.dashboard.conftest import OpenDesk
from tests.rooms.dashboard.conftest import Post as Posted
from tests.support.browser import axe_finds_nothing, look
from tests.support.callers import Client
from tests.support.cast import Cast
from tests.support.town import Town

ALL = AllCentres("tests look at every centre")
WORDS = {"subject-nb": "Vi holder stengt", "words-nb": "Vi holder stengt på fredag.\n\nVelkommen <mandag>!"}


async def written(store: Store) -> list[Message]:
    async with store.work(ALL) as work:
        return list(await work.session.scalars(select(Message).where(Message.kind == Kind.POST)))


async def test_it_is_seen_first_and_sent_once(post: Posted, store: Store, klepp: Town, cast: Cast) -> None:
    silent = await klepp.person(preferred_way=PreferredWay.NONE)
    gone = await klepp.person(left_at=klepp.now)
    form = {"post": str(uuid.uuid4()), "to": "everybody", **WORDS}
    seen = await (await post("/posts/new", do="preview", **form)).text()
    count = int(re.findall(r"This is sent to (\d+) people:", seen)[0])
    assert "Velkommen &lt;mandag&gt;!" in seen
    assert await written(store) == []
    for _ in range(2):
        response = await post("/posts/new", **form)
        assert response.headers["Location"].endswith("/posts?done=post-sent")
    to = [message.person_id for message in await written(store)]
    assert len(to) == len(set(to)) == count
    assert {cast.amina.id, cast.yusuf.id} <= set(to)
    assert not {silent.id, gone.id, cast.kvam_participant.id} & set(to)
    async with store.work(ALL) as work:
        entries = await work.session.scalars(select(AuditEntry).where(AuditEntry.event == Event.POST_SENT))
        assert len(entries.all()) == 1


@pytest.mark.parametrize("which", ["circle", "session"])
async def test_it_goes_to_a_group_or_to_those_invited(
    post: Posted, kari: Client, store: Store, klepp: Town, cast: Cast, which: str
) -> None:
    if which == "circle":
        async with klepp.work() as work:
            circle = await keep_circle(
                work,
                CircleFacts("Kvinnegruppa", is_closed=True, on_stranger=None, person_ids=[cast.amina.id]),
                circle_id=None,
                version=0,
                centre_id=cast.klepp.id,
                actor_id=cast.coordinator.id,
                now=klepp.now,
            )
        chosen = circle.id
    else:
        chosen = (await klepp.session(cast.amina, starts_in=timedelta(days=1))).id
    assert f'value="{which}:{chosen}" selected' in await (await kari.get(f"/posts/new?to={which}:{chosen}")).text()
    await post("/posts/new", post=str(uuid.uuid4()), to=f"{which}:{chosen}", **WORDS)
    assert [message.person_id for message in await written(store)] == [cast.amina.id]
    async with store.work(ALL) as work:
        for message in await work.session.scalars(select(Message)):
            message.state = MessageState.SENT
    text = await (await kari.get("/posts")).text()
    assert "Vi holder stengt" in text
    assert "Sent: 1" in text
    assert ("Kvinnegruppa" if which == "circle" else "Språktrening") in text


@pytest.mark.parametrize(
    "wrong",
    [
        {"subject-nb": "", "words-nb": ""},
        {"subject-nb": ""},
        {"words-nb": " "},
        {"subject-ar": "خبر"},
        {"words-nb": "x" * 3001},
        {"to": "circle:nonsense"},
        {"to": f"circle:{uuid.uuid4()}"},
        {"to": f"session:{uuid.uuid4()}"},
        {"to": "all"},
    ],
)
async def test_what_cannot_be_sent_is_said_and_nothing_is_lost(
    post: Posted, store: Store, wrong: dict[str, str]
) -> None:
    response = await post("/posts/new", **{"post": str(uuid.uuid4()), "to": "everybody", **WORDS, **wrong})
    assert response.status == 422
    text = await response.text()
    for name, typed in ({**WORDS, **wrong}).items():
        assert name == "to" or typed.strip().split("<")[0] in text
    assert await written(store) == []


async def test_another_centre_s_group_cannot_be_written_to(nils: Client, store: Store, klepp: Town, cast: Cast) -> None:
    session = await klepp.session(cast.amina, starts_in=timedelta(days=1))
    assert str(session.id) not in await (await nils.get("/posts/new")).text()
    async with store.work(ALL) as work:
        assert (await work.session.scalars(select(Post))).all() == []


@pytest.mark.browser
@pytest.mark.parametrize("language", ["nb", "ar"])
async def test_writing_to_many_is_accessible_and_fits(desk: OpenDesk, cast: Cast, language: str) -> None:
    save = "main form button[type=submit] >> nth=0"
    async with desk(language) as page:

        async def check(name: str) -> None:
            await look(page, f"dashboard-{name}-{language}")
            await axe_finds_nothing(page)

        await page.goto("/posts/new")
        await page.locator("#subject-nb").fill("Vi holder stengt på fredag")
        await page.locator(save).click()
        await expect(page.locator(".ds-error-summary")).to_be_focused()
        await check("post-wrong")
        await page.locator("#words-nb").fill("Velkommen igjen på mandag.\n\nHilsen Kari")
        await page.locator(save).click()
        await expect(page.locator("#preview-heading")).to_be_focused()
        await check("post-preview")
        await page.locator("main form button[type=submit]:not([name])").click()
        await expect(page).to_have_url(re.compile("done=post-sent$"))
        await check("posts-sent")
