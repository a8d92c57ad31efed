"""Find people of a centre, and when each was last in a room. It asks no more often when there are more people."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ScalarSelect, Select, exists, func, or_, select, tuple_
from sqlalchemy.orm import aliased

from rooms.people.records.circles import Membership
from rooms.people.records.persons import Person
from rooms.people.rules.contact import PreferredWay
from rooms.seating.records import Presence
from rooms.seating.rules.wanted import LATELY, RECENTLY, Reached, Seen, Wanted, words_of
from rooms.store.unit_of_work import UnitOfWork

PAGE = 50


@dataclass(frozen=True, slots=True)
class Listed:
    """A person, and when they were last in a room."""

    person: Person
    last_seen_at: datetime | None


@dataclass(frozen=True, slots=True)
class Found:
    """One page of those who were found. `next_after`: the last one here, when there are more."""

    people: list[Listed]
    count: int
    next_after: uuid.UUID | None


async def find_people(work: UnitOfWork, wanted: Wanted, *, after: uuid.UUID | None, now: datetime) -> Found:
    """A page of fifty by name: the first, or the one after that person. Two queries."""
    chosen = _matching(wanted, now)
    page = chosen.add_columns(_last_seen()).limit(PAGE + 1)
    if after is not None:
        there = aliased(Person)
        page = page.where(
            tuple_(func.lower(Person.name), Person.id)
            > select(func.lower(there.name), there.id).where(there.id == after).scalar_subquery()
        )
    people = [Listed(person, seen) for person, seen in await work.session.execute(page)]
    count = await work.session.scalar(select(func.count()).select_from(chosen.order_by(None).subquery()))
    has_more = len(people) > PAGE
    return Found(people[:PAGE], count or 0, people[PAGE - 1].person.id if has_more else None)


async def all_people(work: UnitOfWork, wanted: Wanted, now: datetime) -> list[Listed]:
    """Everybody who is wanted, by name. One query."""
    rows = await work.session.execute(_matching(wanted, now).add_columns(_last_seen()))
    return [Listed(person, seen) for person, seen in rows]


def _last_seen() -> ScalarSelect[datetime]:
    return (
        select(func.max(Presence.last_seen_at))
        .where(Presence.person_id == Person.id)
        .correlate(Person)
        .scalar_subquery()
    )


def _matching(wanted: Wanted, now: datetime) -> Select[Person]:
    """Who has not left, is no guest, and fits."""
    query = (
        select(Person)
        .where(Person.left_at.is_(None), Person.guest_role.is_(None))
        .order_by(func.lower(Person.name), Person.id)
    )
    for word in words_of(wanted.search):
        query = query.where(
            or_(
                Person.name.icontains(word, autoescape=True),
                Person.email.icontains(word, autoescape=True),
                Person.phone.contains(word, autoescape=True),
            )
        )
    if wanted.language is not None:
        query = query.where(Person.languages.contains([wanted.language]))
    if wanted.level is not None:
        query = query.where(Person.norwegian_level == wanted.level)
    if wanted.circle_id is not None:
        query = query.where(exists().where(Membership.circle_id == wanted.circle_id, Membership.person_id == Person.id))
    if wanted.reached is not None:
        query = _reached(query, wanted.reached)
    return query if wanted.seen is None else _seen(query, wanted.seen, now)


def _reached(query: Select[Person], reached: Reached) -> Select[Person]:
    """The way that messages take: the preferred one where it exists, else the other (`messages.rules.ways`)."""
    has_email, has_phone = Person.email.is_not(None), Person.phone.is_not(None)
    unwanted = Person.preferred_way == PreferredWay.NONE
    prefers_sms = Person.preferred_way == PreferredWay.SMS
    if reached is Reached.UNWANTED:
        return query.where(unwanted)
    if reached is Reached.NO_WAY:
        return query.where(~unwanted, ~has_email, ~has_phone)
    if reached is Reached.SMS:
        return query.where(~unwanted, has_phone, prefers_sms | ~has_email)
    return query.where(~unwanted, has_email, ~prefers_sms | ~has_phone)


def _seen(query: Select[Person], seen: Seen, now: datetime) -> Select[Person]:
    ever = exists().where(Presence.person_id == Person.id)
    recently, lately = (ever.where(Presence.last_seen_at >= now - ago) for ago in (RECENTLY, LATELY))
    match seen:
        case Seen.RECENTLY:
            return query.where(recently)
        case Seen.LATELY:
            return query.where(lately)
        case Seen.NOT_LATELY:
            return query.where(ever, ~lately)
        case Seen.NEVER:
            return query.where(~ever)
