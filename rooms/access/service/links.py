"""Personal links: one current link a person; a new one makes the old one useless at once."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, false, select, update
from sqlalchemy.dialects.postgresql import insert

from rooms.access.records import Link
from rooms.access.rules.codes import Purpose, hash_code, make_code, read_code
from rooms.access.service.feeds import forget_feed
from rooms.audit import service as audit
from rooms.audit.rules import Event
from rooms.people.records.persons import Person
from rooms.store.unit_of_work import UnitOfWork
from rooms.store.wakeups import person_topic


def link_address(public_url: str, code: str) -> str:
    """The personal link as it is sent to its person."""
    return f"{public_url}/l/{code}"


def has_code(text: str) -> ColumnElement[bool]:
    """The condition that finds the link of an opened address; false for what cannot be a code.

    A replaced link is found too, so that its page can say so: look at `replaced_at`.
    """
    code = read_code(text)
    return Link.code_hash == hash_code(code) if code is not None else false()


def still_opens(link_id: uuid.UUID | None, now: datetime) -> ColumnElement[bool]:
    """The condition that a participant's link still opens: it was not replaced, and is no guest's whose visit is over.

    Every query that gives a participant something, or takes it, joins `Link` under this condition
    (`identity.link_id`), so that a replaced link loses access at once.
    """
    over = exists().where(Person.id == Link.person_id, Person.guest_until <= now)
    return and_(Link.id == link_id, Link.replaced_at.is_(None), ~over)


async def codes_of(
    work: UnitOfWork, person_ids: Sequence[uuid.UUID], keys: Mapping[str, str], now: datetime
) -> dict[uuid.UUID, str]:
    """Each person's code; a link is made for whoever has none, or whose link's key is no longer in `keys`.

    `keys`: the key ring, the first signs. Safe under two workers at once: the database keeps one current link a person.
    """
    known = await _current(work, person_ids)
    lost = [link.id for link in known.values() if link.key_name not in keys]
    if lost:
        await work.session.execute(update(Link).where(Link.id.in_(lost)).values(replaced_at=now))
    missing = [person_id for person_id in person_ids if person_id not in known or known[person_id].id in lost]
    if missing:
        # In one order everywhere: two workers that make the same first links must not wait for each other.
        centres = await work.session.execute(
            select(Person.id, Person.centre_id).where(Person.id.in_(missing)).order_by(Person.id)
        )
        rows = [_new_link(person_id, centre_id, keys, now)[0] for person_id, centre_id in centres]
        if rows:
            await work.session.execute(insert(Link).values(rows).on_conflict_do_nothing())
        known = await _current(work, person_ids)
    return {person_id: make_code(Purpose.LINK, keys[link.key_name], link.id) for person_id, link in known.items()}


async def show_link(
    work: UnitOfWork, person_id: uuid.UUID, keys: Mapping[str, str], *, actor_id: uuid.UUID, now: datetime
) -> str:
    """A person's code for somebody who hands it over by hand; that they saw it is audited. Raises LookupError."""
    codes = await show_links(work, [person_id], keys, actor_id=actor_id, now=now)
    if person_id not in codes:
        raise LookupError("no such person")
    return codes[person_id]


async def show_links(
    work: UnitOfWork, person_ids: Sequence[uuid.UUID], keys: Mapping[str, str], *, actor_id: uuid.UUID, now: datetime
) -> dict[uuid.UUID, str]:
    """The same for many; of people whom the unit of work's centre does not have, none."""
    rows = await work.session.execute(select(Person.id, Person.centre_id).where(Person.id.in_(person_ids)))
    centres = {row.id: row.centre_id for row in rows}
    codes = await codes_of(work, sorted(centres), keys, now)
    for person_id in codes:
        audit.record(
            work, Event.LINK_SHOWN, centre_id=centres[person_id], now=now, actor_id=actor_id, person_id=person_id
        )
    return codes


async def replace(
    work: UnitOfWork, person_id: uuid.UUID, keys: Mapping[str, str], *, actor_id: uuid.UUID | None, now: datetime
) -> str:
    """Make a new link for a person and return its code. The old one, and the calendar feed,
    lead nowhere from this commit on.

    Raises LookupError when the unit of work's centre has no such person.
    """
    centre_id = await work.session.scalar(select(Person.centre_id).where(Person.id == person_id))
    if centre_id is None:
        raise LookupError("no such person")
    await work.session.execute(
        update(Link).where(Link.person_id == person_id, Link.replaced_at.is_(None)).values(replaced_at=now)
    )
    row, code = _new_link(person_id, centre_id, keys, now)
    await work.session.execute(insert(Link).values(row))
    await forget_feed(work, person_id, now)  # it holds the link
    audit.record(work, Event.LINK_REPLACED, centre_id=centre_id, now=now, actor_id=actor_id, person_id=person_id)
    work.wake_pages(person_topic(person_id))  # pages that the old link opened have to go
    return code


async def _current(work: UnitOfWork, person_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, Link]:
    links = await work.session.scalars(select(Link).where(Link.person_id.in_(person_ids), Link.replaced_at.is_(None)))
    return {link.person_id: link for link in links}


def _new_link(
    person_id: uuid.UUID, centre_id: uuid.UUID, keys: Mapping[str, str], now: datetime
) -> tuple[dict[str, object], str]:
    link_id = uuid.uuid4()
    key_name = next(iter(keys))
    code = make_code(Purpose.LINK, keys[key_name], link_id)
    row: dict[str, object] = {
        "id": link_id,
        "person_id": person_id,
        "centre_id": centre_id,
        "key_name": key_name,
        "code_hash": hash_code(code),
        "made_at": now,
    }
    return row, code
