"""Personal links: one current link a person, hashed, and the old one dead at once."""

import asyncio
from datetime import datetime

import pytest
from sqlalchemy import select

from rooms.access.records import Link
from rooms.access.rules.codes import hash_code
from rooms.access.service.links import codes_of, has_code, replace, still_opens
from rooms.audit.records import AuditEntry
from rooms.audit.rules import Event
from rooms.store.scope import AllCentres, OneCentre
from rooms.store.unit_of_work import Store
from tests.support.cast import Cast

KEYS = {"new": "n" * 32, "old": "o" * 32}
OLD_KEYS = {"old": "o" * 32}
ALL = AllCentres("links are found before their centre is known")


async def test_a_link_stays_the_same_and_only_its_hash_is_stored(store: Store, cast: Cast, now: datetime) -> None:
    async with store.work(OneCentre(cast.klepp.id)) as work:
        first = await codes_of(work, [cast.amina.id, cast.yusuf.id], KEYS, now)
    async with store.work(OneCentre(cast.klepp.id)) as work:
        assert await codes_of(work, [cast.amina.id, cast.yusuf.id], KEYS, now) == first
        links = (await work.session.scalars(select(Link))).all()
    assert len(set(first.values())) == 2
    assert {link.person_id: link.code_hash for link in links} == {
        person_id: hash_code(code) for person_id, code in first.items()
    }


async def test_two_workers_at_once_make_one_link(store: Store, cast: Cast, now: datetime) -> None:
    async def one() -> str:
        async with store.work(ALL) as work:
            return (await codes_of(work, [cast.amina.id], KEYS, now))[cast.amina.id]

    codes = await asyncio.gather(*(one() for _ in range(8)))
    assert len(set(codes)) == 1


async def test_a_replaced_link_is_still_found_but_opens_nothing(store: Store, cast: Cast, now: datetime) -> None:
    async with store.work(OneCentre(cast.klepp.id)) as work:
        old = (await codes_of(work, [cast.amina.id], KEYS, now))[cast.amina.id]
    async with store.work(OneCentre(cast.klepp.id)) as work:
        new = await replace(work, cast.amina.id, KEYS, actor_id=cast.coordinator.id, now=now)
    async with store.work(ALL) as work:
        before = (await work.session.scalars(select(Link).where(has_code(old)))).one()
        after = (await work.session.scalars(select(Link).where(has_code(new.upper())))).one()
        assert (before.replaced_at, after.replaced_at) == (now, None)
        assert await work.session.scalar(select(Link.id).where(still_opens(before.id, now))) is None
        assert await work.session.scalar(select(Link.id).where(still_opens(after.id, now))) == after.id
        assert await work.session.scalar(select(Link.id).where(still_opens(None, now))) is None
        audited = (await work.session.scalars(select(AuditEntry))).one()
    assert (audited.event, audited.actor_id) == (Event.LINK_REPLACED, cast.coordinator.id)


@pytest.mark.parametrize("text", ["", "short", "u" * 16, "0" * 17, "é" * 16])
async def test_what_cannot_be_a_code_finds_nothing(store: Store, cast: Cast, text: str) -> None:
    async with store.work(ALL) as work:
        assert (await work.session.scalars(select(Link).where(has_code(text)))).all() == []


async def test_a_link_whose_key_was_retired_is_replaced_by_the_next_message(
    store: Store, cast: Cast, now: datetime
) -> None:
    async with store.work(OneCentre(cast.klepp.id)) as work:
        old = (await codes_of(work, [cast.amina.id], OLD_KEYS, now))[cast.amina.id]
    async with store.work(OneCentre(cast.klepp.id)) as work:
        new = (await codes_of(work, [cast.amina.id], {"new": "n" * 32}, now))[cast.amina.id]
        assert new != old
        assert (await work.session.scalars(select(Link).where(has_code(old)))).one().replaced_at == now


async def test_another_centres_person_gets_no_link(store: Store, cast: Cast, now: datetime) -> None:
    async with store.work(OneCentre(cast.kvam.id)) as work:
        assert await codes_of(work, [cast.amina.id], KEYS, now) == {}
        with pytest.raises(LookupError):
            await replace(work, cast.amina.id, KEYS, actor_id=cast.kvam_coordinator.id, now=now)
