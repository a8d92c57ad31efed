"""What coordinators see of a breakout: groups with their people, who is there, what is missing, what was said."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from rooms.breakout.records import Breakout
from rooms.breakout.rules.timing import BreakoutState, Span, running
from rooms.breakout.service.announcements import Said, said
from rooms.breakout.service.whole import Whole, read
from rooms.people.records.persons import Person
from rooms.schedule.records import Invitation
from rooms.seating.records import Group, GroupSeat, Round
from rooms.seating.rules.reasons import GroupSeatReason
from rooms.seating.service.by_clock import OPEN_ROOMS
from rooms.seating.service.presence import Here, whereabouts
from rooms.store.unit_of_work import UnitOfWork
from rooms.supply.records import Room


@dataclass(frozen=True, slots=True)
class InGroup:
    """A person on the board. `is_there`: in a room of the session; `is_here`: in this group's room."""

    person: Person
    is_there: bool
    is_here: bool
    is_locked: bool
    reason: GroupSeatReason | None
    hand_at: datetime | None


@dataclass(frozen=True, slots=True)
class Card:
    """A group on the board."""

    number: int
    name: str | None
    most: int | None
    has_room: bool
    people: Sequence[InGroup]

    @property
    def hands(self) -> int:
        """How many have their hand up."""
        return sum(one.hand_at is not None for one in self.people)

    @property
    def lacks_guide(self) -> bool:
        """Whether there are people and no guide."""
        return bool(self.people) and not any(one.person.is_guide for one in self.people)

    @property
    def here(self) -> int:
        """How many are in its room."""
        return sum(one.is_here for one in self.people)

    @property
    def is_small(self) -> bool:
        """Whether it holds fewer people than there should be."""
        return 0 < len(self.people) < 3


@dataclass(frozen=True, slots=True)
class Unmet:
    """What a plan could not meet: a rule of `rules.score.Rule`, in a round, and whom it concerns, by name."""

    rule: str
    round: int
    names: Sequence[str]
    count: int


@dataclass(frozen=True, slots=True)
class BreakoutBoard:
    """A breakout as its page shows it. `round_number`: the round shown; `rest`: who is in no group of it."""

    breakout: Breakout
    state: BreakoutState
    spans: Sequence[Span]
    span: Span | None
    round_number: int
    cards: Sequence[Card]
    rest: Sequence[InGroup]
    unmet: Sequence[Unmet]
    said: Sequence[Said]

    @property
    def rooms_missing(self) -> int:
        """Groups without a room."""
        return sum(not card.has_room for card in self.cards)


async def breakout_board(
    work: UnitOfWork, session_id: uuid.UUID, now: datetime, *, round_number: int | None = None
) -> BreakoutBoard:
    """The session's breakout. Raises NoBreakout. Without `round_number` the round that is on, else the next."""
    whole = await read(work, session_id)
    spans = whole.spans
    shown = round_number or _round_to_show(whole, now)
    one = next((one for one in whole.rounds if one.number == shown), None)
    people = await _people(work, session_id)
    here = (await whereabouts(work, [session_id], now))[session_id]
    state = whole.state(now)
    cards: list[Card] = []
    seated: set[uuid.UUID] = set()
    if one is not None:
        rooms = await _open_rooms(work, whole, one)
        for group in whole.groups[one.id]:
            inside = [
                _in_group(people[seat.person_id], seat, here, group)
                for seat in whole.seats[one.id].values()
                if seat.group_id == group.id and seat.person_id in people
            ]
            seated.update(member.person.id for member in inside)
            has_room = group.room_id in rooms or state is BreakoutState.DRAFT
            cards.append(Card(group.number, group.name, group.most, has_room, sorted(inside, key=_order)))
    rest = [
        _in_group(person, whole.seats[one.id].get(person.id) if one is not None else None, here, None)
        for person in people.values()
        if person.id not in seated and (person.id in here or _takes_part(person))
    ]
    return BreakoutBoard(
        breakout=whole.breakout,
        state=state,
        spans=spans,
        span=running(spans, now),
        round_number=shown,
        cards=cards,
        rest=sorted(rest, key=_order),
        unmet=_unmet(whole.breakout, people, shown),
        said=await said(work, session_id, now, to_all=True) if state.is_open else (),
    )


def _round_to_show(whole: Whole, now: datetime) -> int:
    span = next((span for span in whole.spans if span.ends_at > now), None)
    return span.number if span is not None else 1


async def _people(work: UnitOfWork, session_id: uuid.UUID) -> dict[uuid.UUID, Person]:
    rows = await work.session.scalars(
        select(Person)
        .join(Invitation, Invitation.person_id == Person.id)
        .where(Invitation.session_id == session_id, Person.left_at.is_(None))
    )
    return {person.id: person for person in rows}


async def _open_rooms(work: UnitOfWork, whole: Whole, one: Round) -> set[uuid.UUID]:
    ids = [group.room_id for group in whole.groups[one.id] if group.room_id is not None]
    rows = await work.session.scalars(select(Room.id).where(Room.id.in_(ids), Room.state.in_(OPEN_ROOMS)))
    return set(rows)


def _in_group(person: Person, seat: GroupSeat | None, here: Mapping[uuid.UUID, Here], group: Group | None) -> InGroup:
    stay = here.get(person.id)
    is_there = stay is not None and stay.is_there
    return InGroup(
        person=person,
        is_there=is_there,
        is_here=is_there and stay is not None and group is not None and stay.room_id == group.room_id,
        is_locked=seat is not None and seat.is_locked,
        reason=seat.reason if seat is not None else None,
        hand_at=seat.hand_at if seat is not None else None,
    )


def _takes_part(person: Person) -> bool:
    """As `people.takes_part`, for a row that is there already."""
    return person.guest_role is None and (person.staff_role is None or person.is_guide)


def _order(one: InGroup) -> tuple[bool, str, uuid.UUID]:
    return not one.person.is_guide, one.person.name.lower(), one.person.id


def _unmet(breakout: Breakout, people: Mapping[uuid.UUID, Person], round_number: int) -> list[Unmet]:
    return [
        Unmet(
            rule=one["rule"],
            round=one["round"],
            names=[people[uuid.UUID(name)].name for name in one["people"] if uuid.UUID(name) in people],
            count=one["count"],
        )
        for one in breakout.unmet
        if one["round"] == round_number
    ]
