"""People and their links."""

import re
from datetime import datetime

import pytest
from sqlalchemy import func, select, update

from config.settings import Settings
from rooms.access.records import Link
from rooms.audit.records import AuditEntry
from rooms.audit.rules import Event
from rooms.messages.records import Message
from rooms.messages.rules import Kind
from rooms.people.records.persons import Person
from rooms.people.rules.contact import PreferredWay
from rooms.store.scope import AllCentres
from rooms.store.unit_of_work import Store
from tests.rooms.dashboard.conftest import Post
from tests.support.callers import Client, code_of
from tests.support.cast import Cast
from tests.support.town import Town

ALL = AllCentres("tests look everywhere")
OLHA: dict[str, str | list[str]] = {
    "name": "Olha Kovalenko",
    "mother_tongue": "uk",
    "languages": ["ru", "uk", "xx"],
    "norwegian_level": "2",
    "email": " Olha@POST.example ",
    "phone": "912 34 567",
    "ui_language": "nb",
    "is_guide": "yes",
}


async def person_named(store: Store, name: str) -> Person | None:
    async with store.work(ALL) as work:
        found: Person | None = await work.session.scalar(select(Person).where(Person.name == name))
        return found


async def test_somebody_is_added(store: Store, post: Post, cast: Cast) -> None:
    response = await post("/people/new", **OLHA)
    person = await person_named(store, "Olha Kovalenko")
    assert person is not None
    assert response.headers["Location"] == f"/people/{person.id}?done=added"
    assert person.centre_id == cast.klepp.id
    assert person.languages == ["uk", "ru"]
    assert (person.email, person.phone) == ("Olha@post.example", "+4791234567")
    assert (person.norwegian_level, person.ui_language, person.is_guide) == (2, "nb", True)
    assert person.staff_role is None


async def test_a_name_is_enough(store: Store, post: Post) -> None:
    assert (await post("/people/new", name="Ali", ui_language="ar")).status == 303
    person = await person_named(store, "Ali")
    assert person is not None
    assert (person.languages, person.email, person.phone, person.norwegian_level) == ([], None, None, None)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"name": " "}, "Name: Please fill this in."),
        ({"email": "olha@"}, "E-mail: This does not look like an e-mail address."),
        ({"phone": "12"}, "Phone: This does not look like a phone number."),
        ({"mother_tongue": "no"}, "Mother tongue: Please choose one."),
        ({"norwegian_level": "9"}, "Norwegian: Please choose one."),
        ({"ui_language": "tlh"}, "Language of messages and pages: Please choose one."),
    ],
)
async def test_what_is_wrong_is_said_and_nothing_typed_is_lost(
    store: Store, post: Post, wrong: dict[str, str], words: str
) -> None:
    response = await post("/people/new", **OLHA | wrong)
    text = await response.text()
    assert response.status == 422
    assert words in text
    for field, typed in (OLHA | wrong).items():
        if field in {"name", "email", "phone"} and isinstance(typed, str):
            assert f'value="{typed.strip()}"' in text
    assert re.search(r'id="language-ru"[^>]*\schecked', text)
    assert await person_named(store, "Olha Kovalenko") is None


async def test_somebody_is_corrected(store: Store, post: Post, kari: Client, cast: Cast) -> None:
    page = await (await kari.get(f"/people/{cast.amina.id}")).text()
    assert 'value="Amina"' in page
    assert 'name="version" value="1"' in page
    assert (await post(f"/people/{cast.amina.id}", version="1", **OLHA)).status == 303
    assert await person_named(store, "Olha Kovalenko") is not None


async def test_whoever_is_a_guide_stays_one_when_the_page_is_saved_as_it_is(kari: Client, cast: Cast) -> None:
    page = await (await kari.get(f"/people/{cast.guide.id}")).text()
    assert re.search(r'id="is_guide"[^>]*\schecked', page)
    page = await (await kari.get(f"/people/{cast.amina.id}")).text()
    assert not re.search(r'id="is_guide"[^>]*\schecked', page)


async def test_the_second_of_two_sees_both_and_can_decide(store: Store, post: Post, kari: Client, cast: Cast) -> None:
    await post(f"/people/{cast.amina.id}", version="1", **OLHA | {"name": "Hers"})
    response = await post(f"/people/{cast.amina.id}", version="1", **OLHA | {"name": "Mine"})
    text = await response.text()
    assert response.status == 409
    assert "Somebody else changed this person while you were writing" in text
    assert 'value="Mine"' in text
    assert "Hers" in text
    assert await person_named(store, "Mine") is None
    version = re.search(r'name="version" value="(\d+)"', text)
    assert version is not None
    assert (await post(f"/people/{cast.amina.id}", version=version[1], **OLHA | {"name": "Mine"})).status == 303
    assert await person_named(store, "Mine") is not None


async def test_a_coordinator_keeps_the_role_when_corrected(store: Store, post: Post, cast: Cast) -> None:
    await post(f"/people/{cast.coordinator.id}", version="1", **OLHA)
    person = await person_named(store, "Olha Kovalenko")
    assert person is not None
    assert person.staff_role is not None


async def test_the_list_is_searched(kari: Client, klepp: Town) -> None:
    await klepp.person(name="Hodan", phone="+4791234567")
    found = await (await kari.get("/people", params={"search": "1234567"})).text()
    assert "Hodan" in found
    assert "Amina" not in found
    assert "Nobody was found." in await (await kari.get("/people", params={"search": "\0zz%"})).text()


async def test_a_link_is_shown_on_demand_and_that_is_written_down(
    store: Store, settings: Settings, post: Post, kari: Client, cast: Cast
) -> None:
    code = await code_of(store, settings, cast.amina)
    address = f"/people/{cast.amina.id}/link"
    assert code not in await (await kari.get(address)).text()
    shown = await post(address)
    assert f"{settings.public_url}/l/{code}" in await shown.text()
    assert shown.headers["Cache-Control"] == "no-store"
    async with store.work(ALL) as work:
        entry = (await work.session.scalars(select(AuditEntry).where(AuditEntry.event == Event.LINK_SHOWN))).one()
        assert (entry.actor_id, entry.person_id) == (cast.coordinator.id, cast.amina.id)


async def test_a_link_is_made_for_whoever_has_none(store: Store, post: Post, cast: Cast) -> None:
    assert "/l/" in await (await post(f"/people/{cast.yusuf.id}/link")).text()
    async with store.work(ALL) as work:
        assert await work.session.scalar(select(func.count(Link.id)).where(Link.person_id == cast.yusuf.id)) == 1


async def test_a_new_link_asks_first_and_ends_the_old_one(
    store: Store, settings: Settings, post: Post, kari: Client, cast: Cast
) -> None:
    old = await code_of(store, settings, cast.amina)
    address = f"/people/{cast.amina.id}/new-link"
    assert "The old link stops working at once" in await (await kari.get(address)).text()
    assert (await kari.get(f"/l/{old}")).status == 200
    text = await (await post(address)).text()
    new = await code_of(store, settings, cast.amina)
    assert new != old
    assert f"/l/{new}" in text
    assert (await kari.get(f"/l/{old}")).status == 404
    assert (await kari.get(f"/l/{new}")).status == 200


@pytest.mark.parametrize(("send", "kinds"), [("yes", [Kind.NEW_LINK]), ("", [])])
async def test_a_new_link_is_sent_to_its_person_if_asked(
    store: Store, post: Post, kari: Client, cast: Cast, send: str, kinds: list[Kind]
) -> None:
    address = f"/people/{cast.amina.id}/new-link"
    assert 'name="send" value="yes" checked' in await (await kari.get(address)).text()
    text = await (await post(address, send=send)).text()
    assert ("It is being sent to them." in text) == bool(kinds)
    async with store.work(ALL) as work:
        messages = (await work.session.scalars(select(Message).where(Message.person_id == cast.amina.id))).all()
    assert [message.kind for message in messages] == kinds


@pytest.mark.parametrize("facts", [{"email": None}, {"preferred_way": PreferredWay.NONE}])
async def test_whoever_cannot_or_will_not_be_written_to_is_sent_nothing(
    store: Store, post: Post, kari: Client, klepp: Town, facts: dict[str, object]
) -> None:
    person = await klepp.person(**facts)
    address = f"/people/{person.id}/new-link"
    assert 'name="send"' not in await (await kari.get(address)).text()
    await post(address, send="yes")
    async with store.work(ALL) as work:
        assert (await work.session.scalars(select(Message))).all() == []


async def test_what_somebody_wishes_to_be_told_is_kept(store: Store, post: Post, kari: Client, cast: Cast) -> None:
    address = f"/people/{cast.amina.id}"
    for version, wish, way in (("1", "yes", "none"), ("2", "", "email")):
        wishes = {"wants_open_now": wish, "preferred_way": way}
        assert (await post(address, version=version, **OLHA | wishes)).status == 303
        async with store.work(ALL) as work:
            person = await work.session.get_one(Person, cast.amina.id)
        assert (person.wants_open_now, person.preferred_way.value) == (bool(wish), way)
        text = await (await kari.get(address)).text()
        assert (re.search(r'name="wants_open_now" value="yes" checked', text) is not None) == bool(wish)
        assert re.search(rf'<option value="{way}" selected', text)


async def test_the_address_of_another_coordinator_is_refused(
    store: Store, post: Post, klepp: Town, cast: Cast, now: datetime
) -> None:
    other = await klepp.person(name="Per", email="per@klepp.example")
    async with store.work(ALL) as work:
        await work.session.execute(update(Person).where(Person.id == other.id).values(staff_role="coordinator"))
    response = await post(f"/people/{cast.coordinator.id}", version="1", **OLHA | {"email": "PER@klepp.example"})
    assert response.status == 422
    assert "Another coordinator signs in with this address." in await response.text()
