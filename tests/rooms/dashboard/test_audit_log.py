"""The log: who did what for whom, by area and person, a page at a time, and nothing of other centres."""

import re
import uuid
from datetime import timedelta
from html import unescape

from rooms.audit.records import AuditEntry
from rooms.audit.rules import Area, Event
from rooms.dashboard.views.audit_words import AREAS, EVENTS
from rooms.people.records.persons import Person
from rooms.store.scope import AllCentres
from rooms.store.unit_of_work import Store
from tests.support.callers import Client
from tests.support.cast import Cast
from tests.support.queries import counted
from tests.support.town import Town

ALL = AllCentres("tests write at every centre")


async def text_of(client: Client, query: str = "") -> str:
    response = await client.get(f"/audit{query}")
    assert response.status == 200
    return re.sub(r"\s+", " ", await response.text())


def told(text: str) -> list[str]:
    """What the entries of a page say, from the top."""
    return re.findall(r"<strong>(.*?)</strong>", text)


async def write(store: Store, town: Town, *rows: tuple[Event, Person | None, uuid.UUID | None]) -> None:
    """Entries with actor and person, each a minute older than the one before, all before this moment."""
    async with store.work(ALL) as work:
        for minutes, (event, actor, person_id) in enumerate(rows):
            work.session.add(
                AuditEntry(
                    id=uuid.uuid4(),
                    centre_id=actor.centre_id if actor else town.centre_id,
                    at=town.now - timedelta(days=1, minutes=minutes),
                    event=event,
                    actor_id=actor.id if actor else None,
                    person_id=person_id,
                )
            )


async def test_it_says_who_did_what_for_whom(kari: Client, store: Store, klepp: Town, cast: Cast) -> None:
    await write(
        store,
        klepp,
        (Event.LINK_SHOWN, cast.coordinator, cast.amina.id),
        (Event.STRANGER_SEEN, None, None),
        (Event.PERSON_CHANGED, cast.coordinator, uuid.uuid4()),
        (Event.CARD_REMOVED, cast.kvam_coordinator, cast.kvam_participant.id),
    )
    text = await text_of(kari)
    assert re.search("Looked at a personal link(?:(?!</li>).)*Kari(?:(?!</li>).)*Amina", text)
    assert re.search("A stranger was seen in a room(?:(?!</li>).)*By: the system", text)
    assert re.search("Changed what is known of a person(?:(?!</li>).)*For: somebody who was deleted", text)
    assert "Removed a conversation card" not in text
    assert "Olena" not in await text_of(kari, f"?person={cast.kvam_participant.id}")


async def test_by_area_and_by_person(kari: Client, store: Store, klepp: Town, cast: Cast) -> None:
    await write(
        store,
        klepp,
        (Event.LINK_SHOWN, cast.coordinator, cast.amina.id),
        (Event.LINK_SHOWN, cast.coordinator, cast.yusuf.id),
        (Event.HELP_ASKED, cast.amina, None),
    )
    assert told(await text_of(kari, f"?person={cast.amina.id}")) == ["Looked at a personal link", "Asked for help"]
    assert f'href="/audit?person={cast.amina.id}"' in await (await kari.get(f"/people/{cast.amina.id}")).text()
    assert told(await text_of(kari, "?area=help")) == ["Asked for help"]
    assert told(await text_of(kari, f"?area=links&person={cast.amina.id}")) == ["Looked at a personal link"]
    assert "Nothing is written here yet." in await text_of(kari, f"?area=texts&person={cast.amina.id}")
    for senseless in ("?area=weather", "?person=amina", "?after=9", "?after=1_" + "-" * 36):
        assert (await kari.get(f"/audit{senseless}")).status == 404


async def test_all_pages_together_hold_every_entry_once(kari: Client, store: Store, klepp: Town, cast: Cast) -> None:
    """Sixty entries of the same moment and sixty more; one is added at the top between two looks."""
    async with store.work(ALL) as work:
        for number in range(120):
            work.session.add(
                AuditEntry(
                    id=uuid.uuid4(),
                    centre_id=cast.klepp.id,
                    at=klepp.now - timedelta(days=1, minutes=max(0, number - 60)),
                    event=Event.CARD_CHANGED,
                    actor_id=cast.coordinator.id,
                )
            )
    address, sizes, queries = "?area=texts", [], set()
    while address:
        with counted() as asked:
            text = await text_of(kari, address)
        sizes.append(len(told(text)))
        queries.add(len(asked))
        older = re.search(r'href="/audit(\?[^"]*after=[^"]*)"', text)
        address = unescape(older[1]) if older else ""
        async with store.work(ALL) as work:
            work.session.add(
                AuditEntry(
                    id=uuid.uuid4(), centre_id=cast.klepp.id, at=klepp.now, event=Event.TEXT_CHANGED, actor_id=None
                )
            )
    assert sizes == [50, 50, 20]
    assert len(queries) == 1


def test_every_event_has_its_words() -> None:
    assert set(EVENTS) == set(Event)
    assert set(AREAS) == set(Area)
