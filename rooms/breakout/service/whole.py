"""A session's breakout with its rounds, groups and seats, read at once."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from rooms.breakout.records import Breakout
from rooms.breakout.rules.timing import BreakoutState, Span, running, state_of
from rooms.schedule.records import Session
from rooms.seating.records import Group, GroupSeat, Round
from rooms.store.unit_of_work import UnitOfWork
from rooms.store.wakeups import centre_topic, seats_topic


class Gone(Exception):
    """The round, the group or the seat is there no more, or the person is not invited: what was seen is old."""


class NoBreakout(Exception):
    """The session has none that is planned or open."""


@dataclass(frozen=True, slots=True)
class Whole:
    """A breakout as it is stored. Rounds and groups by number; seats by round and person."""

    session: Session
    breakout: Breakout
    rounds: Sequence[Round]
    groups: Mapping[uuid.UUID, Sequence[Group]]
    seats: Mapping[uuid.UUID, Mapping[uuid.UUID, GroupSeat]]

    @property
    def spans(self) -> list[Span]:
        """The rounds that are to be held, when they are."""
        return [
            Span(one.number, one.starts_at, one.ends_at)
            for one in self.rounds
            if one.starts_at is not None and one.ends_at is not None
        ]

    def state(self, now: datetime) -> BreakoutState:
        """Where it stands, by the clock."""
        breakout = self.breakout
        return state_of(self.spans, now, opened=breakout.opened_at is not None, closed=breakout.closed_at is not None)

    def round_on(self, now: datetime) -> Round | None:
        """The round in which people sit now."""
        span = running(self.spans, now)
        return self.round(span.number) if span is not None else None

    def round(self, number: int) -> Round:
        """The round of that number. Raises Gone."""
        found = next((one for one in self.rounds if one.number == number), None)
        if found is None:
            raise Gone
        return found

    def group(self, round_: Round, number: int) -> Group:
        """The group of that number in a round. Raises Gone."""
        found = next((one for one in self.groups[round_.id] if one.number == number), None)
        if found is None:
            raise Gone
        return found

    def people_in(self, round_: Round) -> tuple[tuple[str, ...], ...]:
        """Who sits in each group of a round, as the planner names and orders them."""
        inside: dict[uuid.UUID, list[str]] = {group.id: [] for group in self.groups[round_.id]}
        for person_id, seat in sorted(self.seats[round_.id].items()):
            if seat.group_id is not None:
                inside[seat.group_id].append(str(person_id))
        return tuple(tuple(inside[group.id]) for group in self.groups[round_.id])

    def locked(self, round_: Round, people: Collection[uuid.UUID]) -> dict[str, int]:
        """Those of these people whom a coordinator locked to a group of a round, by the group's place."""
        index = {group.id: place for place, group in enumerate(self.groups[round_.id])}
        return {
            str(seat.person_id): index[seat.group_id]
            for seat in self.seats[round_.id].values()
            if seat.is_locked and seat.group_id is not None and seat.person_id in people
        }


async def hold(work: UnitOfWork, session_id: uuid.UUID, now: datetime, *, seats: bool = True) -> Whole:
    """The session's breakout, its seats standing still until the commit. Raises NoBreakout. `seats`: as `read`.

    Locks the session's row as arriving and rotating do, so that whatever changes seats does so one after the other.
    One that the clock has closed is written down as closed.
    """
    await hold_session(work, session_id)
    whole = await read(work, session_id, seats=seats)
    if whole.state(now) is BreakoutState.CLOSED:
        whole.breakout.closed_at = max((span.ends_at for span in whole.spans), default=now)
        await work.session.flush()
        raise NoBreakout
    return whole


async def hold_session(work: UnitOfWork, session_id: uuid.UUID) -> Session:
    """The session, locked so that its seats stand still. Raises LookupError."""
    session: Session | None = await work.session.scalar(
        select(Session).where(Session.id == session_id).with_for_update(key_share=True)
    )
    if session is None:
        raise LookupError("no such session")
    return session


async def read(work: UnitOfWork, session_id: uuid.UUID, *, seats: bool = True) -> Whole:
    """The session's breakout that nobody has closed yet. Raises NoBreakout.

    `seats=False` leaves out who sits where, for those who need only times and groups: there may be thousands.
    """
    fresh = {"populate_existing": True}
    found = (
        await work.session.execute(
            select(Breakout, Session)
            .join(Session, Session.id == Breakout.session_id)
            .where(Breakout.session_id == session_id, Breakout.closed_at.is_(None))
            .execution_options(**fresh)
        )
    ).one_or_none()
    if found is None:
        raise NoBreakout
    breakout, session = found
    rounds = (
        await work.session.scalars(
            select(Round).where(Round.breakout_id == breakout.id).order_by(Round.number).execution_options(**fresh)
        )
    ).all()
    groups: dict[uuid.UUID, list[Group]] = {one.id: [] for one in rounds}
    seated: dict[uuid.UUID, dict[uuid.UUID, GroupSeat]] = {one.id: {} for one in rounds}
    for group in await work.session.scalars(
        select(Group).where(Group.round_id.in_(groups)).order_by(Group.number).execution_options(**fresh)
    ):
        groups[group.round_id].append(group)
    if seats:
        for seat in await work.session.scalars(
            select(GroupSeat).where(GroupSeat.round_id.in_(groups)).execution_options(**fresh)
        ):
            seated[seat.round_id][seat.person_id] = seat
    return Whole(session, breakout, rounds, groups, seated)


def wake(work: UnitOfWork, whole: Whole) -> None:
    """After the commit, people's pages follow their seats, and boards look."""
    work.wake_pages(seats_topic(whole.session.id), centre_topic(whole.session.centre_id))
