"""Those who come when a round is under way: they find a place, and nobody is moved for them."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from rooms.breakout.rules import latecomers
from rooms.breakout.rules.instance import Member
from rooms.breakout.rules.modes import Mode
from rooms.breakout.service.people import Knowledge, knowledge_of, who_is_there
from rooms.breakout.service.places import sit
from rooms.breakout.service.rounds import give_rooms
from rooms.breakout.service.whole import NoBreakout, Whole, hold, read, wake
from rooms.seating.records import Group, Round
from rooms.seating.rules.reasons import GroupSeatReason
from rooms.store.unit_of_work import UnitOfWork


async def place_the_rest(work: UnitOfWork, session_id: uuid.UUID, *, keys: Mapping[str, str], now: datetime) -> int:
    """Whoever is there and in no group of a round gets the best place, in this round and those to come.

    Returns how many were placed. Whoever fits nowhere stays in the big room; when two or more wait there, a new group
    is opened for them. Harmless to repeat; does nothing where people choose for themselves.
    """
    try:
        whole = await hold(work, session_id, now)
    except (NoBreakout, LookupError):
        return 0
    if whole.round_on(now) is None or whole.breakout.mode is Mode.FREE:
        return 0
    there = await who_is_there(work, session_id, now)
    rounds = [one for one in whole.rounds if one.ends_at is not None and one.ends_at > now]
    missing = {one.id: there - whole.seats[one.id].keys() for one in rounds}
    if not any(missing.values()):
        return 0
    everybody = there.union(*(whole.seats[one.id].keys() for one in rounds))
    knowledge = await knowledge_of(work, everybody, keys, now)
    placed = 0
    for one in rounds:
        placed += await _place(work, whole, one, missing[one.id], knowledge=knowledge, now=now)
    if placed:
        await give_rooms(work, await read(work, session_id), now)
        wake(work, whole)
    return placed


async def _place(
    work: UnitOfWork,
    whole: Whole,
    one: Round,
    people: Collection[uuid.UUID],
    *,
    knowledge: Knowledge,
    now: datetime,
) -> int:
    groups = [list(members) for members in whole.people_in(one)]
    instance = knowledge.instance(whole.breakout, set(people).union(whole.seats[one.id]))
    by_id = instance.by_id()
    waiting: list[str] = []
    # Guides first, so that newcomers find one.
    for name in sorted(by_id.keys() & {str(person) for person in people}, key=lambda name: (_rank(by_id[name]), name)):
        place = latecomers.best_group(instance, groups, name)
        if place is None:
            waiting.append(name)
            continue
        groups[place].append(name)
        await sit(work, one, uuid.UUID(name), whole.groups[one.id][place], GroupSeatReason.LATE, now=now)
    opened = latecomers.open_for_waiting(instance, groups, waiting) if len(waiting) > 1 else None
    if opened is not None:
        await _open(work, whole, one, opened, waiting, now=now)
        waiting = [name for name in waiting if name not in opened]
    return len(people) - len(waiting)


def _rank(member: Member) -> tuple[bool, bool]:
    return not member.is_guide, not member.is_newcomer


async def _open(
    work: UnitOfWork, whole: Whole, one: Round, people: Sequence[str], waiting: Collection[str], *, now: datetime
) -> None:
    """Open a group for those who wait, with whoever keeps them company."""
    group = Group(
        id=uuid.uuid4(),
        centre_id=one.centre_id,
        session_id=whole.session.id,
        round_id=one.id,
        number=max((group.number for group in whole.groups[one.id]), default=0) + 1,
    )
    work.session.add(group)
    await work.session.flush()
    for name in people:
        reason = GroupSeatReason.LATE if name in waiting else GroupSeatReason.MENDED
        await sit(work, one, uuid.UUID(name), group, reason, now=now)
