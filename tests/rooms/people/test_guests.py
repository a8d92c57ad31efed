"""Guests: a link that ends by itself, and a person who is forgotten."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from rooms.people.records.persons import Person
from rooms.people.rules.roles import GuestRole
from rooms.people.service.guests import KEPT_FOR, end_guest, erase_guests
from rooms.people.service.persons import list_persons
from tests.conftest import Client
from tests.support.cast import Cast
from tests.support.town import Town

HOUR = timedelta(hours=1)


async def a_guest(town: Town, **facts: object) -> Person:
    return await town.person(
        **{"name": "Kari Nilsen", "guest_role": GuestRole.LECTURER, "guest_until": town.now + HOUR} | facts
    )


async def test_a_guest_comes_in_with_their_role_beside_the_name(client: Client, klepp: Town) -> None:
    guest = await a_guest(klepp)
    session = await klepp.session(guest, starts_in=-timedelta(minutes=5))
    room = await klepp.room(session)
    await klepp.seat(guest, room)
    page = await client.get(await klepp.link(guest))
    assert page.status == 200
    answer = await (await client.get("/me/now")).json()
    assert "displayName=Kari+%28foredragsholder%29" in answer["room"]["address"] or (
        "displayName=Kari%20%28foredragsholder%29" in answer["room"]["address"]
    )


async def test_a_visit_that_is_over_opens_nothing_and_says_so_kindly(client: Client, klepp: Town, cast: Cast) -> None:
    guest = await a_guest(klepp)
    session = await klepp.session(guest, starts_in=-timedelta(minutes=5))
    await klepp.seat(guest, await klepp.room(session))
    link = await klepp.link(guest)
    assert (await client.get(link)).status == 200
    async with klepp.work() as work:
        await end_guest(work, guest.id, actor_id=cast.coordinator.id, now=klepp.now)
    page = await client.get(link)
    text = await page.text()
    assert page.status == 404
    assert "besøket er over" in text
    assert (await client.get("/me/now")).status == 404
    with pytest.raises(LookupError):
        async with klepp.work() as work:
            await end_guest(work, cast.amina.id, actor_id=cast.coordinator.id, now=klepp.now)


async def test_guests_are_not_among_the_people_and_are_forgotten(klepp: Town, cast: Cast) -> None:
    guest = await a_guest(klepp)
    async with klepp.work() as work:
        assert guest.id not in {person.id for person in await list_persons(work)}
        assert await erase_guests(work, klepp.now + HOUR + KEPT_FOR - HOUR / 2) == []
        assert await erase_guests(work, klepp.now + HOUR + KEPT_FOR) == [guest.id]
        assert await work.session.scalar(select(Person.id).where(Person.id == guest.id)) is None
