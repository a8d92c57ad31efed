"""Late-comers, leavers and those who come back; groups that have become small; a guide who has gone."""

import uuid
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update

from rooms.breakout.records import Pair
from rooms.breakout.rules.modes import Mode
from rooms.breakout.rules.pairs import PairKind
from rooms.breakout.service import places
from rooms.breakout.service.late import place_the_rest
from rooms.breakout.service.places import GroupFull, KeptApart
from rooms.breakout.service.plans import plan_groups
from rooms.breakout.service.tables import tables
from rooms.breakout.service.tend import AWAY_FOR, STEPS, mend_groups, replan_next, sessions_to_tend
from rooms.breakout.service.whole import Gone, NoBreakout
from rooms.people.records.persons import Person
from rooms.people.rules.roles import Company, StaffRole
from rooms.seating.records import GroupSeat, Presence, Seat
from rooms.seating.rules.reasons import GroupSeatReason, SeatReason
from tests.support.gathering import Gathering, MakeGathering

MINUTE = timedelta(minutes=1)


async def place(meeting: Gathering, now: datetime) -> int:
    async with meeting.town.work() as work:
        return await place_the_rest(work, meeting.session.id, keys=meeting.keys, now=now)


async def tend(meeting: Gathering, now: datetime) -> None:
    for step in STEPS:
        async with meeting.town.work() as work:
            await step(work, meeting.session.id, keys=meeting.keys, now=now)


async def gone(meeting: Gathering, people: set[uuid.UUID], since: datetime, *, left: bool = False) -> None:
    """Their browsers were last heard of then."""
    async with meeting.town.work() as work:
        await work.session.execute(
            update(Presence).where(Presence.person_id.in_(people)).values(left_at=since, last_seen_at=since)
        )
        if left:
            await work.session.execute(update(Seat).where(Seat.person_id.in_(people)).values(reason=SeatReason.LEFT))


async def test_a_late_comer_finds_a_group_and_moves_nobody(gathering: MakeGathering, now: datetime) -> None:
    meeting = await gathering(13, absent=[12])
    await meeting.plan(now, rounds=2)
    await meeting.open(now)
    before = await meeting.rooms_at(now)
    await meeting.comes(meeting.people[12])
    assert await place(meeting, now + MINUTE) == 2  # in this round and the next
    after = await meeting.rooms_at(now + MINUTE)
    assert {person: after[person] for person in before} == before
    assert after[meeting.people[12].id] in {room.id for room in meeting.small}
    assert await place(meeting, now + MINUTE) == 0


async def test_whoever_fits_nowhere_waits_and_two_open_a_group(gathering: MakeGathering, now: datetime) -> None:
    meeting = await gathering(12, rooms=3, guides=0, absent=[10, 11])
    await meeting.plan(now)
    async with meeting.town.work() as work:
        await plan_groups(work, meeting.session.id, keys=meeting.keys, now=now)
    whole = await meeting.whole()
    one = whole.rounds[0]
    # Two groups of five.
    async with meeting.town.work() as work:
        for index, person in enumerate(meeting.people[:10]):
            await places.sit(
                work, one, person.id, whole.group(one, 1 + index % 2), GroupSeatReason.PLANNED, now=now, is_locked=True
            )
    await meeting.open(now)
    assert sorted(map(len, (await meeting.groups_at(now)).values())) == [5, 5]
    await meeting.comes(meeting.people[10])
    await place(meeting, now)
    assert (await meeting.rooms_at(now))[meeting.people[10].id] == meeting.big.id
    await meeting.comes(meeting.people[11])
    await place(meeting, now)
    assert sorted(map(len, (await meeting.groups_at(now)).values())) == [3, 4, 5]


async def test_a_small_group_is_merged_and_whoever_is_away_from_it_comes_back_to_people(
    gathering: MakeGathering, now: datetime
) -> None:
    meeting = await gathering(12)
    await meeting.plan(now)
    await meeting.open(now)
    groups = await meeting.groups_at(now)
    room, members = next(iter(groups.items()))
    stays, *leave = sorted(members)
    later = now + 4 * MINUTE
    async with meeting.town.work() as work:
        others = {person.id for person in meeting.people} - set(leave)
        await work.session.execute(update(Presence).where(Presence.person_id.in_(others)).values(last_seen_at=later))
    await gone(meeting, set(leave), later - AWAY_FOR + timedelta(seconds=5))
    async with meeting.town.work() as work:
        assert await mend_groups(work, meeting.session.id, keys=meeting.keys, now=later) == 0
    await gone(meeting, set(leave), later - AWAY_FOR - timedelta(seconds=5))
    async with meeting.town.work() as work:
        assert await mend_groups(work, meeting.session.id, keys=meeting.keys, now=later) > 0
    after = await meeting.rooms_at(later)
    company = [person for person in others if after[person] == after[stays]]
    assert len(company) >= 3
    assert {after[person] for person in leave} == {after[stays]}
    assert room not in after.values() or after[stays] == room


async def test_only_if_the_coordinator_chose_so(gathering: MakeGathering, now: datetime) -> None:
    meeting = await gathering(12)
    await meeting.plan(now, merges_itself=False)
    await meeting.open(now)
    group = next(iter((await meeting.groups_at(now)).values()))
    later = now + 4 * MINUTE
    await gone(meeting, set(sorted(group)[:2]), now, left=True)
    async with meeting.town.work() as work:
        assert await mend_groups(work, meeting.session.id, keys=meeting.keys, now=later) == 0


async def test_the_next_round_is_planned_for_those_who_are_there(gathering: MakeGathering, now: datetime) -> None:
    meeting = await gathering(12)
    await meeting.plan(now, rounds=2, round_minutes=10)
    await meeting.open(now)
    left = {person.id for person in meeting.people[:2]}
    await gone(meeting, left, now, left=True)
    soon = now + 9 * MINUTE + timedelta(seconds=30)
    others = {person.id for person in meeting.people[2:]}
    async with meeting.town.work() as work:
        await work.session.execute(update(Presence).where(Presence.person_id.in_(others)).values(last_seen_at=soon))
    async with meeting.town.work() as work:
        assert not await replan_next(work, meeting.session.id, keys=meeting.keys, now=now + MINUTE)
        assert await replan_next(work, meeting.session.id, keys=meeting.keys, now=soon)
    whole = await meeting.whole()
    assert whole.seats[whole.rounds[1].id].keys() == others
    async with meeting.town.work() as work:
        assert not await replan_next(work, meeting.session.id, keys=meeting.keys, now=soon)


async def test_it_begins_by_itself(gathering: MakeGathering, now: datetime) -> None:
    meeting = await gathering(12)  # began five minutes ago
    await meeting.plan(now, starts_itself=True, lead_minutes=6)
    for moment, opened in ((now, False), (now + MINUTE, True)):
        async with meeting.town.work() as work:
            assert await sessions_to_tend(work, moment) == [meeting.session.id]
        await tend(meeting, moment)
        assert bool(await meeting.groups_at(moment)) is opened


async def test_what_the_clock_has_closed_is_written_down(gathering: MakeGathering, now: datetime) -> None:
    meeting = await gathering(12)
    await meeting.plan(now, round_minutes=1)
    await meeting.open(now)
    await tend(meeting, now + 2 * MINUTE)
    async with meeting.town.work() as work:
        assert await sessions_to_tend(work, now + 2 * MINUTE) == []


async def test_a_coordinator_moves_people_but_nobody_to_whom_they_are_kept_from(
    gathering: MakeGathering, now: datetime
) -> None:
    meeting = await gathering(12)
    await meeting.plan(now)
    one, other = sorted(person.id for person in meeting.people[3:5])
    async with meeting.town.work() as work:
        work.session.add(
            Pair(centre_id=meeting.town.centre_id, one_id=one, other_id=other, kind=PairKind.APART, reason="x",
                 created_at=now)
        )  # fmt: skip
        await plan_groups(work, meeting.session.id, keys=meeting.keys, now=now)
    whole = await meeting.whole()
    number = {group.id: group.number for group in whole.groups[whole.rounds[0].id]}
    there = number[whole.seats[whole.rounds[0].id][other].group_id or uuid.UUID(int=0)]

    async def move(person: uuid.UUID, group: int | None) -> None:
        async with meeting.town.work() as work:
            await places.move(
                work,
                meeting.session.id,
                person,
                round_number=1,
                group_number=group,
                keys=meeting.keys,
                actor_id=meeting.people[0].id,
                now=now,
            )

    with pytest.raises(KeptApart):
        await move(one, there)
    await move(one, None)
    await meeting.open(now)
    assert (await meeting.rooms_at(now))[one] != (await meeting.rooms_at(now))[other]
    with pytest.raises(Gone):
        await move((await meeting.town.person()).id, 1)
    with pytest.raises(Gone):
        await move(one, 99)


async def test_whoever_sits_only_with_women_is_never_with_a_man(gathering: MakeGathering, now: datetime) -> None:
    meeting = await gathering(9, absent=[8])
    women = meeting.people[:4]
    async with meeting.town.work() as work:
        for person in women:
            found = await work.session.get_one(Person, person.id)
            found.is_woman, found.company = True, Company.WOMEN
    await meeting.plan(now)
    await meeting.open(now)
    await meeting.comes(meeting.people[8])
    await place(meeting, now)
    ids = {person.id for person in women}
    for group in (await meeting.groups_at(now)).values():
        assert group <= ids or not group & ids


async def test_a_group_is_called_back(gathering: MakeGathering, now: datetime) -> None:
    meeting = await gathering(12)
    await meeting.plan(now)
    await meeting.open(now)
    async with meeting.town.work() as work:
        await places.recall(work, meeting.session.id, 1, actor_id=meeting.people[0].id, now=now)
    assert len(await meeting.groups_at(now)) == 2
    assert await place(meeting, now) == 0  # by decision: nobody sends them off again


async def test_staff_and_guests_are_in_no_group_unless_they_are_put_there(
    gathering: MakeGathering, now: datetime
) -> None:
    meeting = await gathering(7)
    async with meeting.town.work() as work:
        found = await work.session.get_one(Person, meeting.people[6].id)
        found.staff_role = StaffRole.COORDINATOR
    await meeting.plan(now)
    await meeting.open(now)
    assert (await meeting.rooms_at(now))[meeting.people[6].id] == meeting.big.id


async def test_tables_are_chosen_freely_up_to_their_cap(gathering: MakeGathering, now: datetime) -> None:
    meeting = await gathering(12)
    await meeting.plan(now, mode=Mode.FREE)
    async with meeting.town.work() as work:
        await plan_groups(work, meeting.session.id, keys=meeting.keys, now=now)
        await places.describe(work, meeting.session.id, round_number=1, group_number=1, name="Hage", most=2, now=now)

    async def choose(person: Person, number: int | None) -> None:
        async with meeting.town.work() as work:
            await places.choose(work, meeting.session.id, person.id, number, keys=meeting.keys, now=now)

    with pytest.raises(NoBreakout):
        await choose(meeting.people[0], 1)
    await meeting.open(now)
    assert await meeting.groups_at(now) == {}
    assert await place(meeting, now) == 0
    await choose(meeting.people[0], 1)
    await choose(meeting.people[1], 1)
    with pytest.raises(GroupFull):
        await choose(meeting.people[2], 1)
    await choose(meeting.people[1], None)
    await choose(meeting.people[2], 1)
    async with meeting.town.work() as work:
        found = await tables(work, meeting.session.id, meeting.people[2].id, now)
    assert (found[0].name, found[0].people, found[0].most, found[0].mine) == ("Hage", 2, 2, True)
    assert set((await meeting.rooms_at(now + 12 * MINUTE)).values()) == {meeting.big.id}


async def test_a_hand_goes_up_and_down(gathering: MakeGathering, now: datetime) -> None:
    meeting = await gathering(12)
    await meeting.plan(now)
    person = meeting.people[5].id
    async with meeting.town.work() as work:
        with pytest.raises(NoBreakout):
            await places.raise_hand(work, meeting.session.id, person, True, now)
    await meeting.open(now)
    for up in (True, False):
        async with meeting.town.work() as work:
            await places.raise_hand(work, meeting.session.id, person, up, now)
            hand = select(GroupSeat.hand_at).where(GroupSeat.person_id == person)
            assert (await work.session.scalar(hand) == now) is up
