"""Who sits in which group: a coordinator moves and locks, participants choose a table, hands go up."""

import uuid
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from rooms.audit import service as audit
from rooms.audit.rules import Event
from rooms.breakout.rules.modes import Mode
from rooms.breakout.rules.timing import BreakoutState
from rooms.breakout.service.people import knowledge_of
from rooms.breakout.service.whole import Gone, NoBreakout, Whole, hold, read, wake
from rooms.schedule.records import Invitation
from rooms.seating.records import Group, GroupSeat, Round
from rooms.seating.rules.arrival import PLACES
from rooms.seating.rules.reasons import GroupSeatReason
from rooms.store.unit_of_work import UnitOfWork
from rooms.store.wakeups import centre_topic
from rooms.supply.rules.room_life import Size


class GroupFull(Exception):
    """No more people fit into the group's room, or into the table."""


class KeptApart(Exception):
    """Somebody in the group may not sit with this person. Participants are told that the table is full."""


async def move(
    work: UnitOfWork,
    session_id: uuid.UUID,
    person_id: uuid.UUID,
    *,
    round_number: int | None,
    group_number: int | None,
    keys: Mapping[str, str],
    actor_id: uuid.UUID,
    now: datetime,
) -> None:
    """A coordinator puts somebody into a group, or (None) into the big room, and planning leaves them there.

    `round_number`: None for the round that is on. Raises NoBreakout, Gone, GroupFull, and KeptApart:
    not even a coordinator's slip brings two people together who are kept apart.
    """
    whole = await hold(work, session_id, now)
    one = _round(whole, round_number, now)
    group = whole.group(one, group_number) if group_number is not None else None
    if not await _is_invited(work, session_id, person_id):
        raise Gone
    if group is not None:
        await _check(work, whole, one, group, person_id, most=PLACES[Size.SMALL], keys=keys, now=now)
    reason = GroupSeatReason.VISITING if person_id == actor_id else GroupSeatReason.MOVED
    await sit(work, one, person_id, group, reason, now=now, is_locked=True)
    audit.record(
        work,
        Event.BREAKOUT_MOVED,
        centre_id=whole.session.centre_id,
        now=now,
        actor_id=actor_id,
        person_id=person_id,
        session_id=session_id,
    )
    wake(work, whole)


async def lock(
    work: UnitOfWork, session_id: uuid.UUID, person_id: uuid.UUID, *, round_number: int, locked: bool, now: datetime
) -> None:
    """Have planning leave somebody in their group, or not. Raises NoBreakout, and Gone."""
    whole = await hold(work, session_id, now)
    seat = whole.seats[whole.round(round_number).id].get(person_id)
    if seat is None:
        raise Gone
    seat.is_locked = locked
    work.wake_pages(centre_topic(whole.session.centre_id))


async def recall(
    work: UnitOfWork, session_id: uuid.UUID, group_number: int, *, actor_id: uuid.UUID, now: datetime
) -> None:
    """One group goes back to the big room until the round is over. Raises NoBreakout, and Gone."""
    whole = await hold(work, session_id, now)
    one = _round(whole, None, now)
    group = whole.group(one, group_number)
    for seat in whole.seats[one.id].values():
        if seat.group_id == group.id:
            seat.group_id, seat.reason, seat.changed_at, seat.hand_at = None, GroupSeatReason.MOVED, now, None
    audit.record(
        work, Event.BREAKOUT_MOVED, centre_id=whole.session.centre_id, now=now, actor_id=actor_id, session_id=session_id
    )
    wake(work, whole)


async def describe(
    work: UnitOfWork,
    session_id: uuid.UUID,
    *,
    round_number: int,
    group_number: int,
    name: str | None,
    most: int | None,
    now: datetime,
) -> None:
    """Give a group its name, and a table its cap; in all rounds to come, too. Raises NoBreakout, and Gone."""
    whole = await hold(work, session_id, now)
    whole.group(whole.round(round_number), group_number)
    for one in whole.rounds:
        for group in whole.groups[one.id]:
            if one.number >= round_number and group.number == group_number:
                group.name, group.most = name or None, most
    wake(work, whole)


async def choose(
    work: UnitOfWork,
    session_id: uuid.UUID,
    person_id: uuid.UUID,
    group_number: int | None,
    *,
    keys: Mapping[str, str],
    now: datetime,
) -> None:
    """A participant walks to a table, or (None) back to the big room. Only where people choose by themselves.

    Raises NoBreakout when there is nothing to choose (any more), Gone, GroupFull, and KeptApart.
    """
    whole = await hold(work, session_id, now)
    one = whole.round_on(now)
    if one is None or whole.breakout.mode is not Mode.FREE or not await _is_invited(work, session_id, person_id):
        raise NoBreakout
    group = whole.group(one, group_number) if group_number is not None else None
    if group is not None:
        if group.room_id is None:
            raise GroupFull
        most = min(group.most or PLACES[Size.SMALL], PLACES[Size.SMALL])
        await _check(work, whole, one, group, person_id, most=most, keys=keys, now=now)
    await sit(work, one, person_id, group, GroupSeatReason.CHOSEN, now=now)
    wake(work, whole)


async def raise_hand(work: UnitOfWork, session_id: uuid.UUID, person_id: uuid.UUID, up: bool, now: datetime) -> None:
    """Somebody in a group puts their hand up, or down. Raises NoBreakout when they are in none."""
    whole = await read(work, session_id)
    one = whole.round_on(now)
    seat = whole.seats[one.id].get(person_id) if one is not None else None
    if seat is None or seat.group_id is None:
        raise NoBreakout
    seat.hand_at = (seat.hand_at or now) if up else None
    work.wake_pages(centre_topic(whole.session.centre_id))


async def sit(
    work: UnitOfWork,
    one: Round,
    person_id: uuid.UUID,
    group: Group | None,
    reason: GroupSeatReason,
    *,
    now: datetime,
    is_locked: bool = False,
) -> None:
    """Write down that somebody sits in a group of a round, or by decision in the big room. The seats are held."""
    values = {
        "group_id": group.id if group is not None else None,
        "reason": reason,
        "is_locked": is_locked,
        "hand_at": None,
        "changed_at": now,
    }
    await work.session.flush()
    await work.session.execute(
        insert(GroupSeat)
        .values(id=uuid.uuid4(), centre_id=one.centre_id, round_id=one.id, person_id=person_id, **values)
        .on_conflict_do_update(index_elements=["round_id", "person_id"], set_=values)
    )


async def _check(
    work: UnitOfWork,
    whole: Whole,
    one: Round,
    group: Group,
    person_id: uuid.UUID,
    *,
    most: int,
    keys: Mapping[str, str],
    now: datetime,
) -> None:
    others = [seat.person_id for seat in whole.seats[one.id].values() if seat.group_id == group.id]
    others = [other for other in others if other != person_id]
    if len(others) >= most:
        raise GroupFull
    knowledge = await knowledge_of(work, [person_id, *others], keys, now)
    instance = knowledge.instance(whole.breakout, knowledge.members)
    if any(instance.conflict(knowledge.members[person_id], knowledge.members[other]) for other in others):
        raise KeptApart


def _round(whole: Whole, number: int | None, now: datetime) -> Round:
    one = whole.round(number) if number is not None else whole.round_on(now)
    if one is None or whole.state(now) is BreakoutState.CLOSED:
        raise NoBreakout
    return one


async def _is_invited(work: UnitOfWork, session_id: uuid.UUID, person_id: uuid.UUID) -> bool:
    return (
        await work.session.scalar(
            select(Invitation.id).where(Invitation.session_id == session_id, Invitation.person_id == person_id)
        )
    ) is not None
