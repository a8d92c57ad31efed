"""The list of people: whom it finds, page by page, and what it asks the database for."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update

from rooms.people.rules.contact import PreferredWay
from rooms.seating.records import Presence
from rooms.seating.rules.wanted import Reached, Seen, Wanted, words_of
from rooms.seating.service.find_people import PAGE, all_people, find_people
from rooms.store.scope import OneCentre
from rooms.store.unit_of_work import Store
from tests.support.cast import Cast
from tests.support.lively import circle_of
from tests.support.queries import counted
from tests.support.town import Town


async def names(store: Store, town: Town, wanted: Wanted) -> set[str]:
    async with store.work(OneCentre(town.centre_id)) as work:
        found = await find_people(work, wanted, after=None, now=town.now)
        assert found.count == len(found.people)
        assert [one.person.id for one in await all_people(work, wanted, town.now)] == [
            one.person.id for one in found.people
        ]
    return {one.person.name for one in found.people}


@pytest.mark.parametrize(
    "search",
    ["hodan", "warsame hodan", "1234567", "912 34 567", "+47 912 34 567", "0047 912-34-567", "100%", "(912)34"],
)
async def test_every_word_has_to_stand_in_name_email_or_phone(
    store: Store, cast: Cast, klepp: Town, search: str
) -> None:
    await klepp.person(name="Hodan 100% Warsame", phone="+4791234567")
    await klepp.person(name="Hodan who left", left_at=klepp.now)
    assert await names(store, klepp, Wanted(search=search)) == {"Hodan 100% Warsame"}


async def test_nobody_of_another_centre_and_no_pattern(store: Store, cast: Cast, klepp: Town) -> None:
    assert await names(store, klepp, Wanted(search="Olena")) == set()
    assert await names(store, klepp, Wanted(search="___")) == set()
    assert await names(store, klepp, Wanted()) == {"Amina", "Kari", "Samira", "Yusuf"}


@given(st.text(max_size=40))
def test_a_search_becomes_words_without_spaces(search: str) -> None:
    assert all(word and not any(letter.isspace() for letter in word) for word in words_of(search))


async def test_filters(store: Store, cast: Cast, klepp: Town) -> None:
    circle = await circle_of(klepp, "Kvinnegruppa", cast.amina)
    await klepp.person(name="Sms", email=None, phone="+4791234567", norwegian_level=5, languages=["ti"])
    await klepp.person(name="Either", phone="+4791234568", preferred_way=PreferredWay.SMS, languages=["ti", "ar"])
    await klepp.person(name="Quiet", preferred_way=PreferredWay.NONE, languages=["ti"])
    await klepp.person(name="Nothing", email=None, languages=["ti"])
    for wanted, found in (
        (Wanted(language="ti"), {"Sms", "Either", "Quiet", "Nothing"}),
        (Wanted(language="ar", search="either"), {"Either"}),
        (Wanted(level=5), {"Sms"}),
        (Wanted(circle_id=circle.id), {"Amina"}),
        (Wanted(reached=Reached.EMAIL), {"Amina", "Kari", "Samira", "Yusuf"}),
        (Wanted(reached=Reached.SMS), {"Sms", "Either"}),
        (Wanted(reached=Reached.UNWANTED), {"Quiet"}),
        (Wanted(reached=Reached.NO_WAY), {"Nothing"}),
    ):
        assert await names(store, klepp, wanted) == found, wanted


async def test_when_somebody_was_last_in_a_room(store: Store, cast: Cast, klepp: Town) -> None:
    session = await klepp.session(starts_in=timedelta(hours=-1))
    room = await klepp.room(session)
    for person, ago in ((cast.amina, 1), (cast.yusuf, 20), (cast.guide, 50)):
        stay = await klepp.stay(await klepp.seat(person, room), room)
        moment = klepp.now - timedelta(days=ago)
        async with klepp.work() as work:
            await work.session.execute(
                update(Presence).where(Presence.id == stay.id).values(joined_at=moment, last_seen_at=moment)
            )
    for seen, found in (
        (Seen.RECENTLY, {"Amina"}),
        (Seen.LATELY, {"Amina", "Yusuf"}),
        (Seen.NOT_LATELY, {"Samira"}),
        (Seen.NEVER, {"Kari"}),
    ):
        assert await names(store, klepp, Wanted(seen=seen)) == found
    async with store.work(OneCentre(klepp.centre_id)) as work:
        page = await find_people(work, Wanted(search="yusuf"), after=None, now=klepp.now)
    assert page.people[0].last_seen_at == klepp.now - timedelta(days=20)


async def test_page_after_page_shows_everybody_once_and_asks_no_more(store: Store, cast: Cast, klepp: Town) -> None:
    async with klepp.work() as work:
        with counted() as few:
            await find_people(work, Wanted(), after=None, now=klepp.now)
    for number in range(2 * PAGE):
        await klepp.person(name=f"aNNa {number % 3}" if number % 2 else f"Anna {number % 3}")
    seen = []
    async with store.work(OneCentre(klepp.centre_id)) as work:
        after, pages = None, 0
        while pages == 0 or after is not None:
            with counted() as many:
                found = await find_people(work, Wanted(), after=after, now=klepp.now)
            assert len(many) == len(few) == 2
            assert found.count == 2 * PAGE + 4
            seen += [(one.person.name.lower(), one.person.id) for one in found.people]
            after, pages = found.next_after, pages + 1
    assert pages == 3
    assert seen == sorted(seen)
    assert len(set(seen)) == 2 * PAGE + 4
