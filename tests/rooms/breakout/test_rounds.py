"""A breakout from *start* to the end, on the real database: who sits where, whatever the clock and others do."""

import asyncio
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from rooms.audit.records import AuditEntry
from rooms.audit.rules import Event
from rooms.breakout.records import Breakout
from rooms.breakout.rules.timing import BreakoutState
from rooms.breakout.service import rounds
from rooms.breakout.service.plans import Agenda, AlreadyOpen, NoBigRoom, plan_groups, save_agenda
from rooms.breakout.service.rounds import Opening
from rooms.breakout.service.whole import NoBreakout, hold
from rooms.schedule.rules.formats import Format
from rooms.seating.service.rotation import rotate_room
from rooms.supply.records import Room
from rooms.supply.rules.room_life import RoomState
from tests.support.gathering import MakeGathering
from tests.support.town import Town

MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)


async def test_everybody_goes_to_a_small_room_and_the_clock_alone_brings_them_back(
    gathering: MakeGathering, now: datetime
) -> None:
    meeting = await gathering(12)
    await meeting.plan(now, rounds=1, round_minutes=12)
    assert await meeting.open(now) is Opening.OPENED
    groups = await meeting.groups_at(now)
    assert sorted(len(group) for group in groups.values()) == [4, 4, 4]
    assert groups.keys() == {room.id for room in meeting.small}
    assert await meeting.groups_at(now + 12 * MINUTE - SECOND) == groups
    # Nobody and nothing does anything, and everybody is back.
    assert set((await meeting.rooms_at(now + 12 * MINUTE)).values()) == {meeting.big.id}
    async with meeting.town.work() as work:
        states = (await work.session.scalars(select(Room.state).where(Room.id.in_(groups)))).all()
    assert set(states) == {RoomState.IN_USE}


async def test_rounds_follow_one_another_with_new_groups(gathering: MakeGathering, now: datetime) -> None:
    meeting = await gathering(12)
    await meeting.plan(now, rounds=3, round_minutes=10, pause_minutes=1)
    await meeting.open(now)
    first = await meeting.groups_at(now)
    between = await meeting.groups_at(now + 10 * MINUTE + 30 * SECOND)
    second = await meeting.groups_at(now + 11 * MINUTE)
    third = await meeting.groups_at(now + 22 * MINUTE)
    assert between == {}
    people = [[frozenset(group) for group in one.values()] for one in (first, second, third)]
    assert all(sum(map(len, one)) == 12 for one in people)
    assert not set(people[0]) & set(people[1])
    assert (await meeting.whole()).state(now + 33 * MINUTE) is BreakoutState.CLOSED


async def test_of_two_who_press_start_one_opens_it(gathering: MakeGathering, now: datetime) -> None:
    meeting = await gathering(12)
    await meeting.plan(now)
    outcomes = await asyncio.gather(*(meeting.open(now) for _ in range(4)))
    assert sorted(outcomes) == [Opening.ALREADY_OPEN] * 3 + [Opening.OPENED]
    async with meeting.town.work() as work:
        opened = select(func.count()).where(AuditEntry.event == Event.BREAKOUT_OPENED)
        assert await work.session.scalar(opened) == 1


async def test_two_who_plan_at_once_make_one_breakout(gathering: MakeGathering, now: datetime) -> None:
    meeting = await gathering(3)
    await asyncio.gather(*(meeting.plan(now) for _ in range(3)), return_exceptions=True)
    async with meeting.town.work() as work:
        assert await work.session.scalar(select(func.count(Breakout.id))) == 1


async def test_where_rooms_are_missing_the_others_begin(gathering: MakeGathering, now: datetime) -> None:
    meeting = await gathering(12, rooms=2)
    await meeting.plan(now)
    assert await meeting.open(now) is Opening.ROOMS_MISSING
    where = await meeting.rooms_at(now)
    assert len(await meeting.groups_at(now)) == 2
    assert sum(room == meeting.big.id for room in where.values()) == 4
    late = await meeting.town.room(meeting.session, number=9)
    async with meeting.town.work() as work:
        assert await rounds.give_rooms(work, await hold(work, meeting.session.id, now), now) == 0
    groups = await meeting.groups_at(now + SECOND)
    assert len(groups[late.id]) == 4


async def test_the_missing_rooms_are_asked_for(gathering: MakeGathering, now: datetime) -> None:
    meeting = await gathering(20, rooms=0)
    await meeting.plan(now)
    await meeting.open(now)
    whole = await meeting.whole()
    assert whole.session.breakout_rooms >= max(len(groups) for groups in whole.groups.values())


async def test_longer_shorter_on_and_back(gathering: MakeGathering, now: datetime) -> None:
    meeting = await gathering(12)
    await meeting.plan(now, rounds=2, round_minutes=10)
    await meeting.open(now)
    actor = meeting.people[0].id
    async with meeting.town.work() as work:
        await rounds.extend(work, meeting.session.id, 5 * MINUTE, actor_id=actor, now=now)
    assert [span.ends_at - now for span in (await meeting.whole()).spans] == [15 * MINUTE, 25 * MINUTE]
    async with meeting.town.work() as work:
        await rounds.go_on(work, meeting.session.id, actor_id=actor, now=now + 2 * MINUTE)
    assert [span.ends_at - now for span in (await meeting.whole()).spans] == [3 * MINUTE, 13 * MINUTE]
    async with meeting.town.work() as work:
        await rounds.stop(work, meeting.session.id, actor_id=actor, now=now + 4 * MINUTE)
    assert (await meeting.whole()).state(now + 4 * MINUTE) is BreakoutState.CLOSING
    async with meeting.town.work() as work:
        await rounds.stop(work, meeting.session.id, actor_id=actor, now=now + 4 * MINUTE + SECOND)
    assert set((await meeting.rooms_at(now + 4 * MINUTE + SECOND)).values()) == {meeting.big.id}
    with pytest.raises(NoBreakout):
        await meeting.whole()


async def test_no_round_outlasts_the_session(gathering: MakeGathering, now: datetime) -> None:
    meeting = await gathering(12, lasts=25 * MINUTE)  # twenty are left
    await meeting.plan(now, rounds=3, round_minutes=12)
    await meeting.open(now)
    spans = (await meeting.whole()).spans
    assert [span.ends_at - now for span in spans] == [12 * MINUTE, 20 * MINUTE]


async def test_a_room_that_rotates_takes_its_group_along(gathering: MakeGathering, now: datetime) -> None:
    meeting = await gathering(12)
    await meeting.town.spare()
    await meeting.plan(now)
    await meeting.open(now)
    before = await meeting.groups_at(now)
    old = meeting.small[0]
    async with meeting.town.work() as work:
        await rotate_room(work, old.id, installation="test", actor_id=None, now=now)
    after = await meeting.groups_at(now)
    assert old.id not in after
    (new,) = after.keys() - before.keys()
    assert after[new] == before[old.id]
    assert set((await meeting.rooms_at(now + 12 * MINUTE)).values()) == {meeting.big.id}


async def test_a_draft_is_made_anew_for_those_who_are_there_and_locks_hold(
    gathering: MakeGathering, now: datetime
) -> None:
    meeting = await gathering(13, absent=[12])
    await meeting.plan(now)
    async with meeting.town.work() as work:
        await plan_groups(work, meeting.session.id, keys=meeting.keys, now=now)
    whole = await meeting.whole()
    seats = whole.seats[whole.rounds[0].id]
    assert seats.keys() == {person.id for person in meeting.people[:12]}
    await meeting.comes(meeting.people[12])
    await meeting.open(now)
    whole = await meeting.whole()
    assert whole.seats[whole.rounds[0].id].keys() == {person.id for person in meeting.people}


async def test_what_cannot_be_planned_is_refused(gathering: MakeGathering, klepp: Town, now: datetime) -> None:
    meeting = await gathering(12)
    practice = await klepp.session(starts_in=-MINUTE, format=Format.PRACTICE)
    async with klepp.work() as work:
        with pytest.raises(NoBigRoom):
            await save_agenda(work, practice.id, Agenda(), version=None, now=now)
    await meeting.plan(now)
    await meeting.open(now)
    async with klepp.work() as work:
        with pytest.raises(AlreadyOpen):
            await save_agenda(work, meeting.session.id, Agenda(), version=None, now=now)


async def test_alone_nobody_is_sent_anywhere(gathering: MakeGathering, now: datetime) -> None:
    meeting = await gathering(12, absent=range(1, 12))
    await meeting.plan(now)
    assert await meeting.open(now) is Opening.TOO_FEW
    assert set((await meeting.rooms_at(now)).values()) == {meeting.big.id}


async def test_once_it_is_over_the_next_one_can_be_planned(gathering: MakeGathering, now: datetime) -> None:
    meeting = await gathering(12)
    await meeting.plan(now, round_minutes=1)
    await meeting.open(now)
    later = now + 2 * MINUTE
    await meeting.plan(later)
    async with meeting.town.work() as work:
        assert await work.session.scalar(select(func.count(Breakout.id)).where(Breakout.closed_at.is_(None))) == 1
    assert (await meeting.whole()).state(later) is BreakoutState.DRAFT
