"""Pairs of people who are kept together or apart when groups are made. Coordinators only."""

import uuid
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, or_, select
from sqlalchemy.dialects.postgresql import insert

from rooms.audit import service as audit
from rooms.audit.rules import Event
from rooms.breakout.records import Pair
from rooms.breakout.rules.pairs import PairKind
from rooms.people.records.persons import Person
from rooms.store.unit_of_work import UnitOfWork


async def pairs_among(work: UnitOfWork, person_ids: Collection[uuid.UUID]) -> dict[frozenset[uuid.UUID], PairKind]:
    """The pairs of which both are among these people."""
    rows = await work.session.execute(
        select(Pair.one_id, Pair.other_id, Pair.kind).where(Pair.one_id.in_(person_ids), Pair.other_id.in_(person_ids))
    )
    return {frozenset({one, other}): kind for one, other, kind in rows}


async def pairs_of(work: UnitOfWork, person_id: uuid.UUID) -> list[tuple[Pair, Person]]:
    """A person's pairs, each with the other person, by name."""
    rows = await work.session.execute(
        select(Pair, Person)
        .join(
            Person,
            ((Pair.one_id == person_id) & (Person.id == Pair.other_id))
            | ((Pair.other_id == person_id) & (Person.id == Pair.one_id)),
        )
        .where(Person.left_at.is_(None))
        .order_by(Person.name)
    )
    return [(pair, other) for pair, other in rows]


async def keep(
    work: UnitOfWork,
    person_id: uuid.UUID,
    other_id: uuid.UUID,
    kind: PairKind,
    reason: str,
    *,
    actor_id: uuid.UUID,
    now: datetime,
) -> None:
    """Keep two people together, or apart; of two there is one pair, and the last word counts.

    Raises LookupError unless both are people of the centre, and ValueError for one and the same person.
    """
    if person_id == other_id:
        raise ValueError("a pair takes two people")
    people = (await work.session.scalars(select(Person).where(Person.id.in_([person_id, other_id])))).all()
    if len(people) != 2 or people[0].centre_id != people[1].centre_id:
        raise LookupError("no such person")
    one, other = sorted((person_id, other_id))
    values = {"kind": kind, "reason": reason, "created_at": now, "created_by": actor_id}
    centre_id = people[0].centre_id
    await work.session.execute(
        insert(Pair)
        .values(id=uuid.uuid4(), centre_id=centre_id, one_id=one, other_id=other, **values)
        .on_conflict_do_update(index_elements=["one_id", "other_id"], set_=values)
    )
    audit.record(work, Event.PAIR_MADE, centre_id=centre_id, now=now, actor_id=actor_id, person_id=person_id)


async def part(
    work: UnitOfWork, person_id: uuid.UUID, pair_id: uuid.UUID, *, actor_id: uuid.UUID, now: datetime
) -> None:
    """Forget one of a person's pairs; nothing for one that is forgotten already."""
    centre_id = await work.session.scalar(
        delete(Pair)
        .where(Pair.id == pair_id, or_(Pair.one_id == person_id, Pair.other_id == person_id))
        .returning(Pair.centre_id)
    )
    if centre_id is not None:
        audit.record(work, Event.PAIR_REMOVED, centre_id=centre_id, now=now, actor_id=actor_id, person_id=person_id)
