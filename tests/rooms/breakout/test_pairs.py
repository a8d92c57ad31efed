"""Pairs of people: one for two, for the planner and for coordinators."""

import pytest
from sqlalchemy import select

from rooms.audit.records import AuditEntry
from rooms.audit.rules import Event
from rooms.breakout.records import Pair
from rooms.breakout.rules.pairs import PairKind
from rooms.breakout.service.pairs import keep, pairs_among, pairs_of, part
from rooms.people.records.persons import Person
from rooms.store.scope import OneCentre
from rooms.store.unit_of_work import Store
from tests.support.cast import Cast
from tests.support.town import Town


async def make(town: Town, one: Person, other: Person, kind: PairKind, actor: Person, reason: str = "") -> None:
    async with town.store.work(OneCentre(town.centre_id)) as work:
        await keep(work, one.id, other.id, kind, reason, actor_id=actor.id, now=town.now)


async def test_of_two_people_the_last_word_counts(klepp: Town, cast: Cast) -> None:
    await make(klepp, cast.amina, cast.yusuf, PairKind.TOGETHER, cast.coordinator, "søsken")
    await make(klepp, cast.yusuf, cast.amina, PairKind.APART, cast.coordinator, "uenige")
    async with klepp.work() as work:
        assert await pairs_among(work, [cast.amina.id, cast.yusuf.id]) == {
            frozenset({cast.amina.id, cast.yusuf.id}): PairKind.APART
        }
        for person, other in ((cast.amina, cast.yusuf), (cast.yusuf, cast.amina)):
            ((pair, found),) = await pairs_of(work, person.id)
            assert (found.id, pair.reason, pair.created_by) == (other.id, "uenige", cast.coordinator.id)


async def test_only_pairs_of_which_both_are_there_count(klepp: Town, cast: Cast) -> None:
    await make(klepp, cast.amina, cast.yusuf, PairKind.APART, cast.coordinator)
    await make(klepp, cast.guide, cast.amina, PairKind.TOGETHER, cast.coordinator)
    async with klepp.work() as work:
        assert await pairs_among(work, [cast.amina.id, cast.guide.id]) == {
            frozenset({cast.amina.id, cast.guide.id}): PairKind.TOGETHER
        }
        assert await pairs_among(work, [cast.amina.id]) == {}
        assert [other.name for _pair, other in await pairs_of(work, cast.amina.id)] == ["Samira", "Yusuf"]


async def test_whoever_left_is_in_no_list(klepp: Town, cast: Cast) -> None:
    await make(klepp, cast.amina, cast.yusuf, PairKind.APART, cast.coordinator)
    async with klepp.work() as work:
        (await work.session.get_one(Person, cast.yusuf.id)).left_at = klepp.now
    async with klepp.work() as work:
        assert await pairs_of(work, cast.amina.id) == []


async def test_a_pair_takes_two_people_of_the_centre(store: Store, klepp: Town, cast: Cast) -> None:
    with pytest.raises(ValueError, match="two people"):
        await make(klepp, cast.amina, cast.amina, PairKind.APART, cast.coordinator)
    with pytest.raises(LookupError):
        await make(klepp, cast.amina, cast.kvam_participant, PairKind.APART, cast.coordinator)
    async with klepp.work() as work:  # one that sees all centres
        with pytest.raises(LookupError):
            await keep(
                work, cast.amina.id, cast.kvam_participant.id, PairKind.APART, "", actor_id=cast.coordinator.id,
                now=klepp.now,
            )  # fmt: skip
        assert (await work.session.scalars(select(Pair))).all() == []


async def test_what_is_done_is_written_down_without_its_reason(klepp: Town, cast: Cast) -> None:
    await make(klepp, cast.amina, cast.yusuf, PairKind.APART, cast.coordinator, "Hemmelig grunn")
    async with klepp.work() as work:
        pair_id = (await work.session.scalars(select(Pair.id))).one()
        await part(work, cast.yusuf.id, pair_id, actor_id=cast.coordinator.id, now=klepp.now)
        await part(work, cast.yusuf.id, pair_id, actor_id=cast.coordinator.id, now=klepp.now)  # somebody else was first
    async with klepp.work() as work:
        assert (await work.session.scalars(select(Pair))).all() == []
        entries = (await work.session.scalars(select(AuditEntry))).all()
    assert {(entry.event, entry.person_id) for entry in entries} == {
        (Event.PAIR_MADE, cast.amina.id),
        (Event.PAIR_REMOVED, cast.yusuf.id),
    }
    assert len(entries) == 2
    assert all("Hemmelig" not in str(vars(entry)) for entry in entries)


async def test_a_pair_of_others_is_left_alone(klepp: Town, cast: Cast) -> None:
    await make(klepp, cast.amina, cast.yusuf, PairKind.APART, cast.coordinator)
    async with klepp.work() as work:
        pair_id = (await work.session.scalars(select(Pair.id))).one()
        await part(work, cast.guide.id, pair_id, actor_id=cast.coordinator.id, now=klepp.now)
        assert (await work.session.scalars(select(Pair.id))).all() == [pair_id]
