"""People and circles on a real database."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm.exc import StaleDataError

from rooms.audit.records import AuditEntry
from rooms.audit.rules import Event
from rooms.people.records.persons import Person
from rooms.people.rules.roles import StaffRole
from rooms.people.service.circles import list_circles
from rooms.people.service.persons import (
    EmailTaken,
    PersonFacts,
    add_person,
    change_person,
    list_persons,
    person_of,
    staff,
)
from rooms.store.scope import AllCentres, OneCentre
from rooms.store.unit_of_work import Store
from tests.support.cast import Cast
from tests.support.lively import circle_of
from tests.support.queries import counted
from tests.support.town import Town

OLHA = PersonFacts(name="Olha", ui_language="nb", languages=("uk", "ru"), norwegian_level=2, email="o@post.example")


async def test_somebody_new_is_known_and_audited(store: Store, cast: Cast, now: datetime) -> None:
    async with store.work(OneCentre(cast.klepp.id)) as work:
        person = await add_person(work, OLHA, centre_id=cast.klepp.id, actor_id=cast.coordinator.id, now=now)
    async with store.work(OneCentre(cast.klepp.id)) as work:
        found = await person_of(work, person.id)
        assert (found.name, found.languages, found.norwegian_level) == ("Olha", ["uk", "ru"], 2)
        entry = (await work.session.scalars(select(AuditEntry).where(AuditEntry.person_id == person.id))).one()
        assert (entry.event, entry.actor_id) == (Event.PERSON_ADDED, cast.coordinator.id)


async def test_the_second_of_two_who_save_is_told(store: Store, cast: Cast, now: datetime) -> None:
    async with store.work(OneCentre(cast.klepp.id)) as work:
        changed = await change_person(work, cast.amina.id, OLHA, version=1, actor_id=cast.coordinator.id, now=now)
        assert changed.version == 2
    with pytest.raises(StaleDataError):
        async with store.work(OneCentre(cast.klepp.id)) as work:
            await change_person(
                work,
                cast.amina.id,
                PersonFacts(name="Later", ui_language="nb"),
                version=1,
                actor_id=cast.coordinator.id,
                now=now,
            )
    async with store.work(OneCentre(cast.klepp.id)) as work:
        assert (await person_of(work, cast.amina.id)).name == "Olha"


async def test_two_who_save_in_the_same_moment(store: Store, cast: Cast, now: datetime) -> None:
    """Both have read version 1; the one who commits later gets the conflict, and nothing of theirs is written."""
    first, second = store.open(OneCentre(cast.klepp.id)), store.open(OneCentre(cast.klepp.id))
    try:
        (await person_of(first, cast.amina.id)).name = "First"
        (await person_of(second, cast.amina.id)).name = "Second"
        await first.commit()
        with pytest.raises(StaleDataError):
            await second.commit()
    finally:
        await first.session.close()
        await second.session.close()
    async with store.work(OneCentre(cast.klepp.id)) as work:
        assert (await person_of(work, cast.amina.id)).name == "First"


async def test_two_coordinators_cannot_share_an_address(store: Store, cast: Cast, now: datetime) -> None:
    async with store.work(AllCentres("a second coordinator")) as work:
        work.session.add(
            Person(
                centre_id=cast.klepp.id, name="Per", email="per@klepp.example", ui_language="nb",
                staff_role=StaffRole.COORDINATOR, created_at=now,
            )
        )  # fmt: skip
    facts = PersonFacts(name="Kari", ui_language="nb", email="PER@klepp.example")
    with pytest.raises(EmailTaken):
        async with store.work(OneCentre(cast.klepp.id)) as work:
            await change_person(work, cast.coordinator.id, facts, version=1, actor_id=cast.coordinator.id, now=now)


async def test_the_list_holds_those_who_are_still_there(store: Store, cast: Cast, klepp: Town) -> None:
    await klepp.person(name="Hodan who left", left_at=klepp.now)
    async with store.work(OneCentre(cast.klepp.id)) as work:
        assert [one.name for one in await list_persons(work)] == ["Amina", "Kari", "Samira", "Yusuf"]


async def test_circles_hold_those_who_are_still_there(store: Store, cast: Cast, klepp: Town) -> None:
    left = await klepp.person(left_at=klepp.now - timedelta(days=1))
    await circle_of(klepp, "Kvinnegruppa", cast.amina, cast.guide, left)
    await circle_of(klepp, "Tomme")
    async with store.work(OneCentre(cast.klepp.id)) as work:
        with counted() as queries:
            (circle,) = await list_circles(work)
        assert len(queries) == 1
        assert circle.person_ids == {cast.amina.id, cast.guide.id}
    async with store.work(OneCentre(cast.kvam.id)) as work:
        assert await list_circles(work) == []


async def test_the_frame_knows_who_is_there(store: Store, cast: Cast) -> None:
    async with store.work(OneCentre(cast.klepp.id)) as work:
        found = await staff(work, cast.coordinator.id)
        assert (found.name, found.centre_name) == ("Kari", cast.klepp.name)
        with pytest.raises(LookupError):
            await staff(work, cast.kvam_coordinator.id)
