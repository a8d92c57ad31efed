"""Links on paper: a camera that looks at the page reads each person's own link."""

import io
from datetime import timedelta

import pypdfium2
import pytest
import zxingcpp
from sqlalchemy import select

from config.settings import Settings
from rooms.audit.records import AuditEntry
from rooms.audit.rules import Event
from rooms.people.service.circles import CircleFacts, keep_circle
from rooms.store.scope import AllCentres
from rooms.store.unit_of_work import Store
from tests.rooms.dashboard.conftest import Post
from tests.support.callers import Client, code_of
from tests.support.cast import Cast
from tests.support.town import Town

ALL = AllCentres("tests look at every centre")


def pages(pdf: bytes) -> list[tuple[list[str], str]]:
    """What a camera reads on each page, and its text."""
    document = pypdfium2.PdfDocument(io.BytesIO(pdf))
    found = []
    for page in document:
        picture = page.render(scale=2).to_numpy()
        found.append(([code.text for code in zxingcpp.read_barcodes(picture)], page.get_textpage().get_text_bounded()))
    return found


async def printed(post: Post, path: str, layout: str) -> list[tuple[list[str], str]]:
    response = await post(path, layout=layout)
    assert (response.status, response.content_type) == (200, "application/pdf")
    assert "no-store" in response.headers["Cache-Control"]
    return pages(await response.read())


async def test_a_page_each_leads_each_reader_to_their_own_place(
    post: Post, store: Store, settings: Settings, klepp: Town, cast: Cast
) -> None:
    session = await klepp.session(cast.amina, cast.yusuf, starts_in=timedelta(hours=1))
    found = await printed(post, f"/sessions/{session.id}/printed-links", "pages")
    links = [f"{settings.public_url}/l/{await code_of(store, settings, one)}" for one in (cast.amina, cast.yusuf)]
    assert [codes for codes, _ in found] == [[link] for link in links]
    for (_, text), link in zip(found, links, strict=True):
        assert link in text
    assert "Hi, Yusuf!" in found[1][1]
    async with store.work(ALL) as work:
        shown = await work.session.scalars(select(AuditEntry.person_id).where(AuditEntry.event == Event.LINK_SHOWN))
        assert set(shown) == {cast.amina.id, cast.yusuf.id}


async def test_eight_labels_stand_on_a_sheet(
    post: Post, store: Store, settings: Settings, klepp: Town, cast: Cast
) -> None:
    people = [await klepp.person(name=f"Person {number} " + "M" * 90) for number in range(9)]
    async with klepp.work() as work:
        circle = await keep_circle(
            work,
            CircleFacts("Naboer", is_closed=False, on_stranger=None, person_ids=[person.id for person in people]),
            circle_id=None,
            version=0,
            centre_id=cast.klepp.id,
            actor_id=cast.coordinator.id,
            now=klepp.now,
        )
    found = await printed(post, f"/circles/{circle.id}/printed-links", "labels")
    assert [len(codes) for codes, _ in found] == [8, 1]
    links = {f"{settings.public_url}/l/{await code_of(store, settings, one)}" for one in people}
    assert {code for codes, _ in found for code in codes} == links


@pytest.mark.parametrize("layout", ["pages", "what"])
async def test_one_person_gets_a_page(
    post: Post, kari: Client, store: Store, settings: Settings, cast: Cast, layout: str
) -> None:
    path = f"/people/{cast.amina.id}/printed-links"
    assert "/l/" not in await (await kari.get(path)).text()
    [(codes, _)] = await printed(post, path, layout)
    assert codes == [f"{settings.public_url}/l/{await code_of(store, settings, cast.amina)}"]


async def test_where_nobody_is_there_is_nothing_to_print(kari: Client, klepp: Town) -> None:
    session = await klepp.session(starts_in=timedelta(hours=1))
    text = await (await kari.get(f"/sessions/{session.id}/printed-links")).text()
    assert "There is nobody yet." in text
    assert "Make the PDF" not in text
