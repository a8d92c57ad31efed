"""Lists that people bring: kept, looked at, made into people, and undone. Nobody is written to."""

import asyncio
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, union
from sqlalchemy.orm.exc import StaleDataError

from config import i18n
from rooms.audit import service as audit
from rooms.audit.rules import Event
from rooms.people.records.import_lists import ImportList
from rooms.people.records.persons import Person
from rooms.people.rules.import_columns import Column, are_headings, folded, guess
from rooms.people.rules.import_rows import Checked, Entry, Known, Row, check, taken
from rooms.people.service.persons import PersonFacts, add_people
from rooms.store.base import Base
from rooms.store.unit_of_work import UnitOfWork

#: So long a list is kept, and its people can be taken away again.
KEPT_FOR = timedelta(days=1)


class DoneAlready(Exception):
    """The list has been imported, or undone, before."""


@dataclass(frozen=True, slots=True)
class Arrivals:
    """Who came with a list. `gone` would go if it were undone; `kept` would stay: they were changed, or used since."""

    gone: Sequence[Person]
    kept: Sequence[Person]


async def keep_list(work: UnitOfWork, rows: Sequence[list[str]], *, centre_id: uuid.UUID, now: datetime) -> ImportList:
    """Keep an uploaded list (`import_file.tidy`) for a day, with a guess of what its columns hold."""
    has_headings = are_headings(rows[0])
    headings = rows[0] if has_headings else [""] * len(rows[0])
    people = rows[1:] if has_headings else rows
    columns = guess(headings, people)
    first = 2 if has_headings else 1
    kept = ImportList(
        id=uuid.uuid4(),
        centre_id=centre_id,
        headings=headings,
        columns=[column.value for column in columns],
        rows=[Row(number, list(cells)).stored() for number, cells in enumerate(people, start=first)],
        made_at=now,
    )
    work.session.add(kept)
    await work.session.flush()
    return kept


async def list_of(work: UnitOfWork, list_id: uuid.UUID, *, for_change: bool = False) -> ImportList:
    """A kept list of the centre. Raises LookupError."""
    query = select(ImportList).where(ImportList.id == list_id)
    found: ImportList | None = await work.session.scalar(query.with_for_update() if for_change else query)
    if found is None:
        raise LookupError("no such list")
    return found


async def kept_lists(work: UnitOfWork) -> list[tuple[ImportList, int]]:
    """The lists that are kept, the newest first, each with how many of its people are there."""
    rows = await work.session.execute(
        select(ImportList, func.count(Person.id))
        .outerjoin(Person, Person.import_list_id == ImportList.id)
        .group_by(ImportList.id)
        .order_by(ImportList.made_at.desc())
    )
    return [(kept, count) for kept, count in rows]


def rows_in(kept: ImportList) -> list[Row]:
    """The rows of a list: all of them until it is imported, then those that were left out, with why."""
    return [Row.read(one) for one in kept.rows]


def columns_of(kept: ImportList) -> list[Column]:
    """What the columns hold."""
    return [Column(name) for name in kept.columns]


async def choose_columns(work: UnitOfWork, list_id: uuid.UUID, columns: Sequence[Column]) -> None:
    """Say what the columns hold, one for each. Raises LookupError, DoneAlready, and ValueError for too few or many."""
    kept = await list_of(work, list_id, for_change=True)
    if kept.imported_at is not None:
        raise DoneAlready
    if len(columns) != len(kept.headings):
        raise ValueError("one for each column")
    kept.columns = [column.value for column in columns]


async def look_at(work: UnitOfWork, kept: ImportList) -> list[Checked]:
    """Every row of a list with what is wrong, and who is known already. One query."""
    rows = await work.session.execute(
        select(Person.id, Person.name, Person.email, Person.phone).where(
            Person.left_at.is_(None), Person.guest_role.is_(None)
        )
    )
    people = rows.all()
    known = Known(
        emails={email.lower(): person_id for person_id, _name, email, _phone in people if email},
        phones={phone: person_id for person_id, _name, _email, phone in people if phone},
        names={folded(name): person_id for person_id, name, _email, _phone in people},
    )
    # Three thousand rows take a second or so, during which this process has other pages to answer.
    return await asyncio.to_thread(check, rows_in(kept), columns_of(kept), known)


async def import_list(
    work: UnitOfWork,
    list_id: uuid.UUID,
    *,
    version: int,
    anyway: Collection[int],
    actor_id: uuid.UUID,
    now: datetime,
) -> int:
    """Add everybody of a list but who is left out (`import_rows.taken`); what is left of it are those rows.

    Returns how many were added. Raises LookupError, DoneAlready, and StaleDataError when its columns were changed after
    `version` was seen.
    """
    kept = await list_of(work, list_id, for_change=True)
    if kept.imported_at is not None:
        raise DoneAlready
    if kept.version != version:
        raise StaleDataError("its columns mean something else now")
    entries, left_out = taken(await look_at(work, kept), anyway)
    await add_people(
        work,
        [_facts(entry) for entry in entries],
        centre_id=kept.centre_id,
        import_list_id=kept.id,
        actor_id=actor_id,
        now=now,
    )
    kept.rows = [row.stored() for row in left_out]
    kept.imported_at = now
    await work.session.flush()
    audit.record(work, Event.PEOPLE_IMPORTED, centre_id=kept.centre_id, now=now, actor_id=actor_id)
    return len(entries)


def _facts(entry: Entry) -> PersonFacts:
    return PersonFacts(
        name=entry.name,
        ui_language=entry.ui_language or i18n.DEFAULT,
        languages=entry.languages,
        norwegian_level=entry.norwegian_level,
        email=entry.email,
        phone=entry.phone,
        preferred_way=entry.preferred_way,
    )


async def arrivals(work: UnitOfWork, list_id: uuid.UUID, *, for_change: bool = False) -> Arrivals:
    """Who came with a list and is still there. Whoever was changed, written to, invited or seen since is kept."""
    query = select(Person).where(Person.import_list_id == list_id).order_by(func.lower(Person.name), Person.id)
    # Locked, a person gets no message or invitation between this look and their end.
    people = (await work.session.scalars(query.with_for_update() if for_change else query)).all()
    used = await _spoken_of(work, list_id)
    used |= {person.id for person in people if person.version > 1}
    return Arrivals(
        gone=[person for person in people if person.id not in used],
        kept=[person for person in people if person.id in used],
    )


async def _spoken_of(work: UnitOfWork, list_id: uuid.UUID) -> set[uuid.UUID]:
    """Of whom any other table knows something: an invitation, a message, a stay, a group, a link that was shown."""
    came = select(Person.id).where(Person.import_list_id == list_id)
    keys = [
        mapper.get_property_by_column(column).class_attribute
        for mapper in Base.registry.mappers
        for column in mapper.local_table.c
        if any(key.column.table is Person.__table__ for key in column.foreign_keys)
    ]
    everywhere = union(*(select(key.label("person_id")).where(key.in_(came)) for key in keys)).subquery()
    return set(await work.session.scalars(select(everywhere.c.person_id)))


async def undo(work: UnitOfWork, list_id: uuid.UUID, *, actor_id: uuid.UUID, now: datetime) -> None:
    """Take away those who came with a list, but for `Arrivals.kept`. Raises LookupError and DoneAlready."""
    kept = await list_of(work, list_id, for_change=True)
    if kept.imported_at is None or kept.undone_at is not None:
        raise DoneAlready
    gone = [person.id for person in (await arrivals(work, list_id, for_change=True)).gone]
    await work.session.execute(delete(Person).where(Person.id.in_(gone)))
    for person_id in gone:
        audit.record(
            work, Event.PERSON_REMOVED, centre_id=kept.centre_id, now=now, actor_id=actor_id, person_id=person_id
        )
    kept.undone_at = now
    await work.session.flush()
    audit.record(work, Event.PEOPLE_IMPORT_UNDONE, centre_id=kept.centre_id, now=now, actor_id=actor_id)


async def forget_lists(work: UnitOfWork, now: datetime) -> None:
    """Delete the lists of more than a day ago. Their people stay, and can no longer be taken away together."""
    await work.session.execute(delete(ImportList).where(ImportList.made_at <= now - KEPT_FOR))
