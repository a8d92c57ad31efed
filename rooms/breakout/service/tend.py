"""What a running breakout needs from time to time; a worker looks every few seconds.

Nothing here has to happen for people to get where they should be: that follows from the clock. It is made better:
late-comers, groups that have become small, rooms that were missing, the next round for those who are really there.
"""

import asyncio
import uuid
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import exists, select

from rooms.breakout.records import Breakout
from rooms.breakout.rules import latecomers
from rooms.breakout.rules.instance import Pair
from rooms.breakout.rules.modes import Mode
from rooms.breakout.rules.planner import EFFORT, plan
from rooms.breakout.rules.score import pairs_of
from rooms.breakout.rules.timing import BreakoutState
from rooms.breakout.service.late import place_the_rest
from rooms.breakout.service.people import Knowledge, knowledge_of, who_is_there, who_was_there
from rooms.breakout.service.places import sit
from rooms.breakout.service.plans import PATIENCE, write_rounds
from rooms.breakout.service.rounds import give_rooms, open_breakout
from rooms.breakout.service.whole import NoBreakout, Whole, hold, read, wake
from rooms.schedule.records import Session
from rooms.seating.records import Round
from rooms.seating.rules.reasons import GroupSeatReason
from rooms.seating.rules.seat import NOTICE
from rooms.store.unit_of_work import UnitOfWork

#: A phone that sleeps, or a page that is loaded anew, is back by then; a group is not mended before.
AWAY_FOR = timedelta(seconds=90)


async def sessions_to_tend(work: UnitOfWork, now: datetime) -> list[uuid.UUID]:
    """Sessions with a breakout that is open, or that opens by itself."""
    rows = await work.session.scalars(
        select(Breakout.session_id)
        .join(Session, Session.id == Breakout.session_id)
        .where(
            Breakout.closed_at.is_(None),
            Breakout.opened_at.is_not(None) | Breakout.starts_itself,
            Session.starts_at <= now,
            exists().where(Round.breakout_id == Breakout.id) | Breakout.starts_itself,
        )
    )
    return list(rows)


async def begin(work: UnitOfWork, session_id: uuid.UUID, *, keys: Mapping[str, str], now: datetime) -> None:
    """Open a breakout that opens by itself, when its session has run for as long as was planned."""
    try:
        whole = await read(work, session_id)
    except NoBreakout:
        return
    due = whole.session.starts_at + timedelta(minutes=whole.breakout.lead_minutes)
    if whole.breakout.starts_itself and whole.state(now) is BreakoutState.DRAFT and now >= due:
        await open_breakout(work, session_id, keys=keys, actor_id=None, now=now)


async def give_rooms_again(work: UnitOfWork, session_id: uuid.UUID, *, keys: Mapping[str, str], now: datetime) -> None:
    """Rooms for groups that had to go without; and what the clock has closed is written down as closed."""
    del keys
    try:
        whole = await hold(work, session_id, now)
    except (NoBreakout, LookupError):
        return
    if not whole.state(now).is_open:
        return
    before = {group.id: group.room_id for groups in whole.groups.values() for group in groups}
    await give_rooms(work, whole, now)
    after = await read(work, session_id)
    if any(before[group.id] != group.room_id for groups in after.groups.values() for group in groups):
        wake(work, whole)


async def mend_groups(work: UnitOfWork, session_id: uuid.UUID, *, keys: Mapping[str, str], now: datetime) -> int:
    """Merge groups that have become too small, and give a guide to groups whose guide has gone. Returns how many moved.

    Only where the coordinator chose so, not in the last minute of a round, and not for somebody who may be back.
    """
    try:
        whole = await hold(work, session_id, now)
    except (NoBreakout, LookupError):
        return 0
    one = whole.round_on(now)
    if one is None or not whole.breakout.merges_itself or whole.breakout.mode is Mode.FREE:
        return 0
    if whole.state(now) is BreakoutState.CLOSING or one.starts_at is None or now - one.starts_at < AWAY_FOR:
        return 0
    there = await who_was_there(work, session_id, now - AWAY_FOR, now)
    knowledge = await knowledge_of(work, {*there, *whole.seats[one.id]}, keys, now)
    moves = mending(whole, one, there, knowledge)
    rows = whole.groups[one.id]
    for name, place in moves.items():
        await sit(work, one, uuid.UUID(name), rows[place], GroupSeatReason.MENDED, now=now)
    if moves:
        wake(work, whole)
    return len(moves)


def mending(whole: Whole, one: Round, there: Collection[uuid.UUID], knowledge: Knowledge) -> dict[str, int]:
    """Who should move where (index of the group) so that no group is too small or without a guide that it could have.

    Whoever is away from a group that is given up moves along, so that they come back to people.
    """
    names = {str(person) for person in there}
    seated = [list(group) for group in whole.people_in(one)]
    groups = [[name for name in group if name in names] for group in seated]
    instance = knowledge.instance(whole.breakout, {*there, *whole.seats[one.id]} & knowledge.members.keys())
    moves: dict[str, int] = {}

    def go(person: str, place: int) -> None:
        for group in groups:
            if person in group:
                group.remove(person)
        groups[place].append(person)
        moves[person] = place

    for index in latecomers.too_small(instance, groups):
        ways = latecomers.merges(instance, groups, index) if groups[index] else []
        if not ways:
            continue
        for person, place in ways[0].moves.items():
            go(person, place)
        if not groups[index]:
            home = next(iter(ways[0].moves.values()))
            away = [name for name in seated[index] if name not in names]
            moves |= {name: home for name in away if name in instance.by_id()}
    members = instance.by_id()
    for index in latecomers.without_guide(instance, groups):
        spare = {
            name
            for group in groups
            if len(group) > instance.sizes.least and sum(members[name].is_guide for name in group) > 1
            for name in group
            if members[name].is_guide
        }
        guide = latecomers.guide_for(instance, groups[index], spare)
        if guide is not None:
            go(guide, index)
    return moves


async def replan_next(work: UnitOfWork, session_id: uuid.UUID, *, keys: Mapping[str, str], now: datetime) -> bool:
    """Shortly before a round begins, plan the rounds to come for those who are there. Whether it was needed."""
    try:
        whole = await read(work, session_id)
    except NoBreakout:
        return False
    coming = [one for one in whole.rounds if one.starts_at is not None and one.starts_at > now]
    if not coming or whole.breakout.mode is Mode.FREE or coming[0].starts_at is None:
        return False
    if coming[0].starts_at - now > NOTICE:
        return False
    there = await who_is_there(work, session_id, now)
    if len(there) < 2 or all(set(whole.seats[one.id]) == there for one in coming):
        return False
    knowledge = await knowledge_of(work, there, keys, now)
    numbers = {one.number: index for index, one in enumerate(coming, start=1)}
    locked = {numbers[one.number]: whole.locked(one, there) for one in coming}
    instance = knowledge.instance(whole.breakout, there, rounds=len(coming), locked=locked)
    met: Counter[Pair] = Counter(instance.met)
    for one in whole.rounds:
        if one not in coming:
            met.update(pair for group in whole.people_in(one) for pair in pairs_of(group))
    made = await asyncio.to_thread(plan, replace(instance, met=met), effort=EFFORT, deadline=PATIENCE)
    whole = await hold(work, session_id, now)
    still = [one.number for one in whole.rounds if one.starts_at is not None and one.starts_at > now]
    if still != list(numbers):
        return False  # the coordinator was quicker
    await write_rounds(work, whole, list(zip(numbers, made.rounds, strict=True)), now)
    await give_rooms(work, await read(work, session_id), now)
    wake(work, whole)
    return True


#: What there is to do, in this order, each in a transaction of its own: harmless to repeat, and to be killed in.
STEPS: Sequence[Callable[..., Awaitable[object]]] = (begin, give_rooms_again, place_the_rest, mend_groups, replan_next)
