"""A breakout under way: it opens, lasts longer, goes on to the next round, stops. All of it is written as times.

Whoever asks where they should be reads those times: no timer and no worker has to run for people to get back.
"""

import uuid
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ARRAY, Uuid, func, literal, select, update

from rooms.audit import service as audit
from rooms.audit.rules import Event
from rooms.breakout.rules import timing
from rooms.breakout.rules.modes import Mode
from rooms.breakout.rules.timing import BreakoutState, Span
from rooms.breakout.service.people import who_is_there
from rooms.breakout.service.plans import planned, want_rooms, write_plan
from rooms.breakout.service.whole import NoBreakout, Whole, hold, read, wake
from rooms.seating.records import Group, GroupSeat, Round
from rooms.seating.service.by_clock import OPEN_ROOMS
from rooms.store.unit_of_work import UnitOfWork
from rooms.supply.records import Room
from rooms.supply.rules.room_life import Size
from rooms.supply.service.use import take_into_use


class Opening(StrEnum):
    """What came of pressing *start*."""

    OPENED = "opened"
    #: Some groups have no room yet: their people stay in the big room until it is made.
    ROOMS_MISSING = "rooms_missing"
    #: Somebody was quicker.
    ALREADY_OPEN = "already_open"
    #: The session does not let people in (any more).
    NOT_NOW = "not_now"
    #: Fewer than two people are there.
    TOO_FEW = "too_few"


async def open_breakout(
    work: UnitOfWork, session_id: uuid.UUID, *, keys: Mapping[str, str], actor_id: uuid.UUID | None, now: datetime
) -> Opening:
    """Everybody goes to their group. Raises NoBreakout. Of two who press at once, one opens it.

    Groups that were planned for exactly those who are there are taken as they are; else they are planned anew, with
    whom somebody locked where they are.
    """
    before = await read(work, session_id, seats=False)
    people = await who_is_there(work, session_id, now)
    is_free = before.breakout.mode is Mode.FREE
    if before.breakout.opened_at is None and len(people) < 2 and not is_free:
        return Opening.TOO_FEW
    fits = before.breakout.planned_at is not None and (is_free or await _fits(work, before, people))
    made = None if fits else await planned(work, await read(work, session_id), people, keys=keys, now=now)
    try:
        whole = await hold(work, session_id, now, seats=not fits)
    except NoBreakout:
        return Opening.ALREADY_OPEN  # opened, and over already
    if whole.state(now) is not BreakoutState.DRAFT:
        return Opening.ALREADY_OPEN
    if not whole.session.state_at(now).lets_in:
        return Opening.NOT_NOW
    if not fits:
        await write_plan(work, whole, made, people, now)
        whole = await read(work, session_id, seats=False)
    breakout = whole.breakout
    times = timing.spans(
        now,
        rounds=breakout.rounds,
        length=timedelta(minutes=breakout.round_minutes),
        pause=timedelta(minutes=breakout.pause_minutes),
        until=whole.session.ends_at,
    )
    breakout.opened_at = now
    write_times(whole, times)
    missing = await give_rooms(work, whole, now)
    _note(work, whole, Event.BREAKOUT_OPENED, actor_id, now)
    wake(work, whole)
    return Opening.ROOMS_MISSING if missing else Opening.OPENED


async def _fits(work: UnitOfWork, whole: Whole, people: Collection[uuid.UUID]) -> bool:
    """Whether exactly these people have a seat in each of the rounds."""
    rows = await work.session.execute(
        select(GroupSeat.round_id, func.array_agg(GroupSeat.person_id))
        .where(GroupSeat.round_id.in_([one.id for one in whole.rounds]))
        .group_by(GroupSeat.round_id)
    )
    seated = {round_id: set(person_ids) for round_id, person_ids in rows}
    return bool(whole.rounds) and all(seated.get(one.id) == set(people) for one in whole.rounds)


def write_times(whole: Whole, spans: Sequence[Span]) -> None:
    """Write when the rounds are; those that are not among them are not held."""
    by_number = {span.number: span for span in spans}
    for one in whole.rounds:
        span = by_number.get(one.number)
        one.starts_at, one.ends_at = (span.starts_at, span.ends_at) if span is not None else (None, None)


async def extend(work: UnitOfWork, session_id: uuid.UUID, by: timedelta, *, actor_id: uuid.UUID, now: datetime) -> None:
    """The round lasts so much longer (or shorter), as far as the session does. Raises NoBreakout."""
    whole = await _open_one(work, session_id, now)
    write_times(whole, timing.extended(whole.spans, now, by, whole.session.ends_at))
    _note(work, whole, Event.BREAKOUT_CHANGED, actor_id, now)
    wake(work, whole)


async def stop(work: UnitOfWork, session_id: uuid.UUID, *, actor_id: uuid.UUID, now: datetime) -> None:
    """Everybody goes back to the big room: in a minute, or at once when pressed again. Raises NoBreakout."""
    whole = await _open_one(work, session_id, now)
    write_times(whole, timing.stopped(whole.spans, now))
    if whole.state(now) is BreakoutState.CLOSED:
        whole.breakout.closed_at = now
    _note(work, whole, Event.BREAKOUT_CLOSED, actor_id, now)
    wake(work, whole)


async def go_on(work: UnitOfWork, session_id: uuid.UUID, *, actor_id: uuid.UUID, now: datetime) -> None:
    """On to the next round: in a minute, or at once when pressed again. Raises NoBreakout."""
    whole = await _open_one(work, session_id, now)
    write_times(whole, timing.skipped(whole.spans, now))
    if whole.state(now) is BreakoutState.CLOSED:
        whole.breakout.closed_at = now
    _note(work, whole, Event.BREAKOUT_CHANGED, actor_id, now)
    wake(work, whole)


async def _open_one(work: UnitOfWork, session_id: uuid.UUID, now: datetime) -> Whole:
    whole = await hold(work, session_id, now, seats=False)
    if not whole.state(now).is_open:
        raise NoBreakout
    return whole


def _note(work: UnitOfWork, whole: Whole, event: Event, actor_id: uuid.UUID | None, now: datetime) -> None:
    audit.record(
        work, event, centre_id=whole.session.centre_id, now=now, actor_id=actor_id, session_id=whole.session.id
    )


async def give_rooms(work: UnitOfWork, whole: Whole, now: datetime) -> int:
    """Give each group that has none a room of the session's. Returns how many groups, at most, go without in a round.

    Where rooms are short, groups with most people come first. A room serves one group a round, and the same rooms serve
    all rounds. What is missing is asked for.
    """
    rooms = (
        await work.session.execute(
            select(Room.id, Room.number)
            .where(Room.session_id == whole.session.id, Room.size == Size.SMALL, Room.state.in_(OPEN_ROOMS))
            .order_by(Room.number, Room.generation)
        )
    ).all()
    open_ids = {room_id for room_id, _ in rooms}
    newest = list({number: room_id for room_id, number in rooms}.values())
    given: dict[uuid.UUID, uuid.UUID] = {}
    missing = 0
    for one in whole.rounds:
        if one.ends_at is None or one.ends_at <= now:
            continue
        lacking = [group for group in whole.groups[one.id] if group.room_id not in open_ids]
        taken = {group.room_id for group in whole.groups[one.id]}
        free = [room_id for room_id in newest if room_id not in taken]
        if len(free) < len(lacking):
            sizes = await _sizes(work, one)
            lacking.sort(key=lambda group: (-sizes[group.id], group.number))
        given |= dict(zip((group.id for group in lacking), free, strict=False))
        missing = max(missing, len(lacking) - len(free))
    if given:
        await work.session.flush()
        pairs = select(
            func.unnest(literal(list(given), ARRAY(Uuid()))).label("group_id"),
            func.unnest(literal(list(given.values()), ARRAY(Uuid()))).label("room_id"),
        ).subquery()
        await work.session.execute(
            update(Group)
            .where(Group.id == pairs.c.group_id)
            .values(room_id=pairs.c.room_id)
            .execution_options(synchronize_session=False)
        )
        await take_into_use(work, set(given.values()), now)
    if missing > 0:
        await want_rooms(work, whole.session, max(len(groups) for groups in whole.groups.values()))
    return max(missing, 0)


async def _sizes(work: UnitOfWork, one: Round) -> Counter[uuid.UUID | None]:
    """How many people sit in each group of a round."""
    rows = await work.session.execute(
        select(GroupSeat.group_id, func.count()).where(GroupSeat.round_id == one.id).group_by(GroupSeat.group_id)
    )
    sizes: Counter[uuid.UUID | None] = Counter()
    for group_id, count in rows:
        sizes[group_id] = count
    return sizes
