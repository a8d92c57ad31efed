"""Whom the planner has to place, and what it knows of them."""

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, func, or_, select

from rooms.breakout.records import Breakout
from rooms.breakout.rules.instance import Instance, Member
from rooms.breakout.rules.pairs import PairKind
from rooms.breakout.service.history import met_among
from rooms.breakout.service.pairs import pairs_among
from rooms.people.records.circles import Circle, Membership
from rooms.people.records.persons import Person
from rooms.people.rules.roles import Company
from rooms.schedule.records import Invitation, Session
from rooms.seating.records import Presence, Seat
from rooms.seating.rules.arrival import ON_THE_WAY
from rooms.seating.rules.presence import SILENT_AFTER
from rooms.seating.rules.reasons import SeatReason
from rooms.seating.service.occupancy import is_live
from rooms.store.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What the planner knows of some people."""

    members: Mapping[uuid.UUID, Member]
    pairs: Mapping[frozenset[uuid.UUID], PairKind]
    met: Mapping[frozenset[uuid.UUID], int]

    def instance(self, breakout: Breakout, person_ids: Collection[uuid.UUID], **more: object) -> Instance:
        """The planning task for these of the people, in the breakout's mode. `more`: fields of `Instance`."""
        ids = set(person_ids)

        def of(kind: PairKind) -> frozenset[frozenset[str]]:
            return frozenset(_names(pair) for pair, what in self.pairs.items() if what is kind and pair <= ids)

        facts = {
            "members": tuple(self.members[person_id] for person_id in sorted(ids) if person_id in self.members),
            "mode": breakout.mode,
            "levels": breakout.levels,
            "together": of(PairKind.TOGETHER),
            "apart": of(PairKind.APART),
            "met": {_names(pair): times for pair, times in self.met.items() if pair <= ids},
            "seed": breakout.seed,
        }
        return Instance(**facts | more)  # type: ignore[arg-type]  # the fields' types are Instance's


def _names(pair: Collection[uuid.UUID]) -> frozenset[str]:
    return frozenset(str(person_id) for person_id in pair)


async def knowledge_of(
    work: UnitOfWork, person_ids: Collection[uuid.UUID], keys: Mapping[str, str], now: datetime
) -> Knowledge:
    """What the planner may know of these people. `keys`: the key ring, for the history's pseudonyms."""
    circles = (
        select(func.array_agg(Membership.circle_id))
        .join(Circle, Circle.id == Membership.circle_id)
        .where(Membership.person_id == Person.id, Circle.is_closed)
        .correlate(Person)
        .scalar_subquery()
    )
    # Whoever was in a room of an earlier session knows how it goes.
    was_here = exists(
        select(Presence.id)
        .join(Seat, Seat.id == Presence.seat_id)
        .join(Session, Session.id == Seat.session_id)
        .where(Presence.person_id == Person.id, Session.ends_at < now)
    )
    rows = await work.session.execute(select(Person, circles, was_here).where(Person.id.in_(person_ids)))
    members = {
        person.id: Member(
            id=str(person.id),
            is_guide=person.is_guide,
            is_newcomer=not person.is_guide and not known,
            languages=tuple(person.languages),
            level=person.norwegian_level,
            is_woman=person.is_woman,
            women_only=person.company is Company.WOMEN,
            circles=frozenset(str(circle_id) for circle_id in circle_ids or ()),
            circle_only=str(person.company_circle_id) if person.company is Company.CIRCLE else None,
        )
        for person, circle_ids, known in rows.all()
    }
    return Knowledge(members, await pairs_among(work, person_ids), await met_among(work, person_ids, keys))


async def who_is_there(work: UnitOfWork, session_id: uuid.UUID, now: datetime) -> set[uuid.UUID]:
    """Who is in a room of the session, or was just given a place in one, and takes part in groups.

    Coordinators and guests look in where they like: they are in no group unless somebody puts them there.
    """
    is_there = exists().where(Presence.seat_id == Seat.id, is_live(now - SILENT_AFTER))
    rows = await work.session.scalars(
        select(Seat.person_id)
        .join(Person, Person.id == Seat.person_id)
        .where(
            Seat.session_id == session_id,
            Seat.reason != SeatReason.LEFT,
            or_(Seat.changed_at > now - ON_THE_WAY, is_there),
            takes_part(),
        )
    )
    return set(rows)


async def who_was_there(work: UnitOfWork, session_id: uuid.UUID, since: datetime, now: datetime) -> set[uuid.UUID]:
    """As `who_is_there`, and whoever was in a room after `since` without leaving: a phone that sleeps comes back."""
    lately = exists().where(Presence.seat_id == Seat.id, func.greatest(Presence.last_seen_at, Presence.left_at) > since)
    rows = await work.session.scalars(
        select(Seat.person_id).where(Seat.session_id == session_id, Seat.reason != SeatReason.LEFT, lately)
    )
    return set(rows) | await who_is_there(work, session_id, now)


async def who_may_come(work: UnitOfWork, session_id: uuid.UUID) -> set[uuid.UUID]:
    """Everybody invited who takes part in groups: whom to plan for before the session opens."""
    rows = await work.session.scalars(
        select(Person.id)
        .join(Invitation, Invitation.person_id == Person.id)
        .where(Invitation.session_id == session_id, Person.left_at.is_(None), takes_part())
    )
    return set(rows)


def takes_part() -> ColumnElement[bool]:
    """Whether a `Person` is one for groups."""
    return and_(Person.guest_role.is_(None), or_(Person.staff_role.is_(None), Person.is_guide))
