"""Remarks about people: written and removed by coordinators. That one has read them is audited."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import aliased

from rooms.audit import service as audit
from rooms.audit.rules import Event
from rooms.people.records.persons import Person
from rooms.people.records.remarks import Remark
from rooms.people.service.persons import person_of
from rooms.store.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Read:
    """A remark and the name of whoever wrote it, while they are known."""

    remark: Remark
    writer: str | None


async def count_remarks(work: UnitOfWork, person_id: uuid.UUID) -> int:
    """How many there are. That is seen without being audited."""
    return await work.session.scalar(select(func.count(Remark.id)).where(Remark.person_id == person_id)) or 0


async def read_remarks(work: UnitOfWork, person_id: uuid.UUID, *, actor_id: uuid.UUID, now: datetime) -> list[Read]:
    """A person's remarks, the newest first. Writes down who read them. Raises LookupError."""
    person = await person_of(work, person_id)
    writer = aliased(Person)
    rows = await work.session.execute(
        select(Remark, writer.name)
        .outerjoin(writer, writer.id == Remark.written_by)
        .where(Remark.person_id == person_id)
        .order_by(Remark.written_at.desc(), Remark.id)
    )
    audit.record(work, Event.REMARKS_READ, centre_id=person.centre_id, now=now, actor_id=actor_id, person_id=person_id)
    return [Read(remark, name) for remark, name in rows]


async def write_remark(
    work: UnitOfWork, person_id: uuid.UUID, text: str, *, actor_id: uuid.UUID, now: datetime
) -> None:
    """A new remark. Raises LookupError."""
    person = await person_of(work, person_id)
    work.session.add(
        Remark(centre_id=person.centre_id, person_id=person_id, text=text, written_at=now, written_by=actor_id)
    )
    audit.record(
        work, Event.REMARK_WRITTEN, centre_id=person.centre_id, now=now, actor_id=actor_id, person_id=person_id
    )


async def remove_remark(
    work: UnitOfWork, person_id: uuid.UUID, remark_id: uuid.UUID, *, actor_id: uuid.UUID, now: datetime
) -> None:
    """Forget one of a person's remarks; nothing for one that is forgotten already."""
    centre_id = await work.session.scalar(
        delete(Remark).where(Remark.id == remark_id, Remark.person_id == person_id).returning(Remark.centre_id)
    )
    if centre_id is not None:
        audit.record(work, Event.REMARK_REMOVED, centre_id=centre_id, now=now, actor_id=actor_id, person_id=person_id)
