"""A second device at the same time: the rule, and the way through the database."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from rooms.access.records import Link
from rooms.access.rules.devices import LET_IN_FOR, WAITS_FOR, Entry, device_id_of, entry, hash_device
from rooms.access.service.devices import NotAllowed, ThisDevice, enter, let_in, waiting_devices
from rooms.access.service.links import codes_of
from rooms.audit.records import AuditEntry
from rooms.audit.rules import Event
from rooms.people.records.persons import Person
from rooms.store.scope import OneCentre
from rooms.store.unit_of_work import Store, UnitOfWork
from tests.support.cast import Cast

NOW = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)
PHONE, PC = uuid.UUID(int=1), uuid.UUID(int=2)
KEYS = {"k": "s" * 32}


@pytest.mark.parametrize("present", [[], [PHONE], [PHONE, PHONE]])
def test_alone_with_a_link_one_walks_in(present: list[uuid.UUID | None]) -> None:
    assert entry(PHONE, None, present, NOW) is Entry.IN


@pytest.mark.parametrize("present", [[PC], [PC, PHONE], [None]])
def test_beside_another_device_one_asks(present: list[uuid.UUID | None]) -> None:
    assert entry(PHONE, None, present, NOW) is Entry.ASK


@given(st.timedeltas(timedelta(0), timedelta(days=3)))
def test_a_yes_holds_for_the_day(since: timedelta) -> None:
    expected = Entry.IN if since < LET_IN_FOR else Entry.ASK
    assert entry(PHONE, NOW - since, [PC], NOW) is expected


@given(st.uuids(), st.uuids(), st.text(max_size=40), st.text(max_size=40))
def test_one_browser_with_one_link_is_one_device(one: uuid.UUID, other: uuid.UUID, a: str, b: str) -> None:
    ids = {device_id_of(link_id, token) for link_id in {one, other} for token in {a, b}}
    assert len(ids) == len({one, other}) * len({a, b})


async def device(work: UnitOfWork, person: Person, token: str) -> ThisDevice:
    await codes_of(work, [person.id], KEYS, NOW)
    link = (await work.session.scalars(select(Link).where(Link.person_id == person.id))).one()
    return ThisDevice(device_id_of(link.id, token), hash_device(token), link.id, person.id, person.centre_id)


async def test_a_second_device_waits_is_seen_and_let_in(store: Store, cast: Cast) -> None:
    klepp = OneCentre(cast.klepp.id)
    async with store.work(klepp) as work:
        phone, pc = await device(work, cast.amina, "phone"), await device(work, cast.amina, "pc")
        assert await enter(work, phone, [], NOW) is Entry.IN
        assert await enter(work, pc, [phone.id], NOW) is Entry.ASK
    async with store.work(klepp) as work:
        assert await enter(work, pc, [phone.id], NOW + timedelta(seconds=30)) is Entry.ASK
        waiting = await waiting_devices(work, [cast.amina.id], NOW + timedelta(seconds=40))
        assert [(w.device_id, w.person_id, w.asked_at) for w in waiting] == [(pc.id, cast.amina.id, NOW)]
        assert await waiting_devices(work, [cast.yusuf.id], NOW) == []
        assert await waiting_devices(work, [cast.amina.id], NOW + timedelta(seconds=31) + WAITS_FOR) == []
    async with store.work(klepp) as work:
        await let_in(work, pc.id, actor_id=cast.guide.id, now=NOW + timedelta(minutes=1))
    async with store.work(klepp) as work:
        assert await enter(work, pc, [phone.id], NOW + timedelta(minutes=1)) is Entry.IN
        assert await waiting_devices(work, [cast.amina.id], NOW + timedelta(minutes=1)) == []
        entries = (await work.session.scalars(select(AuditEntry))).all()
    assert [(e.event, e.actor_id, e.person_id) for e in entries] == [
        (Event.DEVICE_LET_IN, cast.guide.id, cast.amina.id)
    ]


async def test_it_walks_in_by_itself_when_the_other_one_has_left(store: Store, cast: Cast) -> None:
    async with store.work(OneCentre(cast.klepp.id)) as work:
        pc = await device(work, cast.amina, "pc")
        assert await enter(work, pc, [PHONE], NOW) is Entry.ASK
        assert await enter(work, pc, [], NOW) is Entry.IN
        await work.session.flush()
        assert await waiting_devices(work, [cast.amina.id], NOW) == []


async def test_who_may_let_in(store: Store, cast: Cast) -> None:
    async with store.work(OneCentre(cast.klepp.id)) as work:
        pc = await device(work, cast.amina, "pc")
        await enter(work, pc, [PHONE], NOW)
    for nobody in (cast.yusuf, cast.amina, cast.kvam_coordinator):
        with pytest.raises(NotAllowed):
            async with store.work(OneCentre(cast.klepp.id)) as work:
                await let_in(work, pc.id, actor_id=nobody.id, now=NOW)
    with pytest.raises(LookupError):  # Kvam's coordinator, at home, does not even know the device
        async with store.work(OneCentre(cast.kvam.id)) as work:
            await let_in(work, pc.id, actor_id=cast.kvam_coordinator.id, now=NOW)
    async with store.work(OneCentre(cast.klepp.id)) as work:
        await let_in(work, pc.id, actor_id=cast.coordinator.id, now=NOW)
        await let_in(work, pc.id, actor_id=cast.guide.id, now=NOW)  # somebody else was quicker
        await work.session.flush()
        assert len((await work.session.scalars(select(AuditEntry))).all()) == 1
