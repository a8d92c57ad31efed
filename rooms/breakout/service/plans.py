"""A breakout before it opens: what it is to be like, and who is to sit with whom."""

import asyncio
import random
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime

from sqlalchemy import delete, insert
from sqlalchemy.orm.exc import StaleDataError

from rooms.breakout.records import Breakout
from rooms.breakout.rules.modes import Levels, Mode
from rooms.breakout.rules.planner import EFFORT, Plan, plan
from rooms.breakout.rules.timing import BreakoutState
from rooms.breakout.service.people import knowledge_of, who_is_there, who_may_come
from rooms.breakout.service.whole import NoBreakout, Whole, hold, hold_session, read, wake
from rooms.schedule.records import Session
from rooms.schedule.service.sessions import PROVISION_DUE
from rooms.seating.records import Group, GroupSeat, Round
from rooms.seating.rules.reasons import GroupSeatReason
from rooms.store.unit_of_work import UnitOfWork
from rooms.store.wakeups import centre_topic
from rooms.supply.rules.demand import SMALL_ROOMS

#: People in a group for whom rooms are made ahead, before anybody knows who comes.
_USUAL = 4
#: Seconds that somebody who presses a button may be kept waiting for a better plan.
PATIENCE = 2.0


class NoBigRoom(Exception):
    """The session's people sit in small rooms from the first minute: there is nothing to break out of."""


class AlreadyOpen(Exception):
    """Somebody has opened it meanwhile."""


@dataclass(frozen=True, slots=True)
class Agenda:
    """What a breakout is to be like. Minutes are whole ones; `lead_minutes` in the big room come first."""

    mode: Mode = Mode.PRACTICE
    levels: Levels = Levels.MIX
    lead_minutes: int = 15
    rounds: int = 1
    round_minutes: int = 12
    pause_minutes: int = 0
    starts_itself: bool = False
    merges_itself: bool = True


def agenda_of(row: object) -> Agenda:
    """The agenda that a breakout or a template holds."""
    return Agenda(**{field.name: getattr(row, field.name) for field in fields(Agenda)})


def write_agenda(row: object, agenda: Agenda) -> None:
    """Have a breakout or a template hold an agenda."""
    for field in fields(Agenda):
        setattr(row, field.name, getattr(agenda, field.name))


async def save_agenda(
    work: UnitOfWork, session_id: uuid.UUID, agenda: Agenda, *, version: int | None, now: datetime
) -> Breakout:
    """Plan a breakout into a session, or change the plan. `version`: of the plan that was read; None: there was none.

    Raises LookupError, NoBigRoom, AlreadyOpen, and StaleDataError when somebody else has saved meanwhile. Groups that
    no longer fit (another mode, fewer rounds) are forgotten.
    """
    session = await hold_session(work, session_id)
    if session.format in SMALL_ROOMS:
        raise NoBigRoom
    try:
        whole = await hold(work, session_id, now)
    except NoBreakout:
        breakout = Breakout(
            id=uuid.uuid4(),
            centre_id=session.centre_id,
            session_id=session.id,
            seed=random.SystemRandom().randrange(2**31),
            unmet=[],
            created_at=now,
        )
        write_agenda(breakout, agenda)
        work.session.add(breakout)
    else:
        breakout = whole.breakout
        if whole.state(now) is not BreakoutState.DRAFT:
            raise AlreadyOpen
        if breakout.version != version:
            raise StaleDataError("changed by somebody else")
        before = agenda_of(breakout)
        write_agenda(breakout, agenda)
        if (before.mode, before.levels, before.rounds) != (agenda.mode, agenda.levels, agenda.rounds):
            await work.session.execute(delete(Round).where(Round.breakout_id == breakout.id))
            breakout.planned_at, breakout.unmet = None, []
    await work.session.flush()
    await want_rooms(work, session, -(-len(await who_may_come(work, session_id)) // _USUAL))
    wake_board(work, session)
    return breakout


async def want_rooms(work: UnitOfWork, session: Session, groups: int) -> None:
    """Have so many small rooms made for a session's groups, or more if more were wanted before."""
    if groups > session.breakout_rooms:
        session.breakout_rooms = groups
        await work.session.flush()
        work.wake_worker(PROVISION_DUE)


async def forget(work: UnitOfWork, session_id: uuid.UUID, now: datetime) -> None:
    """Take a plan out of the session. Raises NoBreakout, and AlreadyOpen."""
    whole = await hold(work, session_id, now)
    if whole.state(now) is not BreakoutState.DRAFT:
        raise AlreadyOpen
    await work.session.delete(whole.breakout)
    whole.session.breakout_rooms = 0
    wake(work, whole)


async def plan_groups(work: UnitOfWork, session_id: uuid.UUID, *, keys: Mapping[str, str], now: datetime) -> None:
    """Make the groups of all rounds: of who is there, or, before anybody is, of who is invited.

    Whom a coordinator locked to a group stays there; groups keep their names. Raises NoBreakout, and AlreadyOpen.
    """
    before = await read(work, session_id)
    people = await who_is_there(work, session_id, now) or await who_may_come(work, session_id)
    made = await planned(work, before, people, keys=keys, now=now)
    whole = await hold(work, session_id, now)
    if whole.state(now) is not BreakoutState.DRAFT:
        raise AlreadyOpen
    await write_plan(work, whole, made, people, now)
    wake_board(work, whole.session)


def wake_board(work: UnitOfWork, session: Session) -> None:
    """After the commit, the centre's boards look."""
    work.wake_pages(centre_topic(session.centre_id))


async def planned(
    work: UnitOfWork, whole: Whole, people: Collection[uuid.UUID], *, keys: Mapping[str, str], now: datetime
) -> Plan | None:
    """A plan for these people, made in another thread; None where they choose by themselves. Changes nothing."""
    if whole.breakout.mode is Mode.FREE:
        return None
    knowledge = await knowledge_of(work, people, keys, now)
    locked = {one.number: whole.locked(one, people) for one in whole.rounds}
    instance = knowledge.instance(whole.breakout, people, rounds=whole.breakout.rounds, locked=locked)
    return await asyncio.to_thread(plan, instance, effort=EFFORT, deadline=PATIENCE)


async def write_plan(
    work: UnitOfWork, whole: Whole, made: Plan | None, people: Collection[uuid.UUID], now: datetime
) -> None:
    """Write a plan down as the breakout's groups and seats, in a few statements however many people there are."""
    breakout = whole.breakout
    if made is None:
        tables = max(2, -(-len(people) // _USUAL))
        groups: Sequence[Sequence[Sequence[str]]] = [[()] * tables for _ in range(breakout.rounds)]
    else:
        groups = made.rounds
    await write_rounds(work, whole, list(enumerate(groups, start=1)), now)
    breakout.unmet = [asdict(unmet) for unmet in made.unmet] if made is not None else []
    breakout.planned_at = now
    await work.session.flush()
    await want_rooms(work, whole.session, max(len(one) for one in groups))


async def write_rounds(
    work: UnitOfWork, whole: Whole, rounds: Sequence[tuple[int, Sequence[Sequence[str]]]], now: datetime
) -> None:
    """Write who sits where in these rounds: (number, people of each group). Names, rooms and locks of groups stay."""
    breakout, session = whole.breakout, whole.session
    common = {"centre_id": session.centre_id}
    known = {one.number: one.id for one in whole.rounds}
    ids = {number: known.get(number, uuid.uuid4()) for number, _ in rounds}
    of_session = common | {"session_id": session.id}
    new = [
        of_session | {"id": ids[number], "breakout_id": breakout.id, "number": number}
        for number, _ in rounds
        if number not in known
    ]
    if new:
        await work.session.execute(insert(Round), new)
    locks = {
        (one.number, seat.person_id): seat.is_locked for one in whole.rounds for seat in whole.seats[one.id].values()
    }
    await work.session.execute(delete(GroupSeat).where(GroupSeat.round_id.in_(ids.values())))
    group_ids: dict[tuple[int, int], uuid.UUID] = {}
    rows = []
    for number, groups in rounds:
        there = {group.number: group.id for group in whole.groups.get(ids[number], ())}
        for place in range(1, len(groups) + 1):
            group_ids[number, place] = there.get(place, uuid.uuid4())
            if place not in there:
                rows.append(of_session | {"id": group_ids[number, place], "round_id": ids[number], "number": place})
        gone = [group_id for place, group_id in there.items() if place > len(groups)]
        if gone:
            await work.session.execute(delete(Group).where(Group.id.in_(gone)))
    if rows:
        await work.session.execute(insert(Group), rows)
    seats = [
        common
        | {
            "id": uuid.uuid4(),
            "round_id": ids[number],
            "group_id": group_ids[number, place],
            "person_id": uuid.UUID(name),
            "reason": GroupSeatReason.PLANNED,
            "is_locked": locks.get((number, uuid.UUID(name)), False),
            "changed_at": now,
        }
        for number, groups in rounds
        for place, names in enumerate(groups, start=1)
        for name in names
    ]
    if seats:
        await work.session.execute(insert(GroupSeat), seats)
