"""Write the guide log and read it."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import exists, or_, select

from rooms.audit import service as audit
from rooms.audit.rules import Event
from rooms.people.records.persons import Person
from rooms.store.unit_of_work import UnitOfWork
from superuser_training.guides.records import GuideHours, LogLine
from superuser_training.guides.rules import DUTY_FOR, LogKind, Span


def write(
    work: UnitOfWork,
    person_id: uuid.UUID,
    kind: LogKind,
    *,
    centre_id: uuid.UUID,
    actor_id: uuid.UUID,
    now: datetime,
    subject: str = "",
    version: str = "",
) -> None:
    """Add a line. `actor_id`: the person themself, or the coordinator who witnessed it."""
    work.session.add(
        LogLine(
            id=uuid.uuid4(),
            centre_id=centre_id,
            person_id=person_id,
            kind=kind,
            subject=subject,
            version=version,
            at=now,
            written_by=actor_id,
        )
    )
    audit.record(work, Event.GUIDE_LOG_WRITTEN, centre_id=centre_id, now=now, actor_id=actor_id, person_id=person_id)


async def history(work: UnitOfWork, person_id: uuid.UUID) -> list[LogLine]:
    """Everything about one person, the newest first."""
    query = select(LogLine).where(LogLine.person_id == person_id).order_by(LogLine.at.desc(), LogLine.id)
    return list(await work.session.scalars(query))


async def guides(work: UnitOfWork) -> Sequence[tuple[Person, list[LogLine]]]:
    """Guides and those on the way to be one, by name, each with their history. Two queries, however many."""
    logged = exists().where(LogLine.person_id == Person.id)
    people = list(
        await work.session.scalars(
            select(Person)
            .where(Person.left_at.is_(None), Person.guest_role.is_(None), or_(Person.is_guide, logged))
            .order_by(Person.name, Person.id)
        )
    )
    lines: dict[uuid.UUID, list[LogLine]] = {person.id: [] for person in people}
    for line in await work.session.scalars(select(LogLine).where(LogLine.person_id.in_(lines))):
        lines[line.person_id].append(line)
    return [(person, lines[person.id]) for person in people]


@dataclass(frozen=True, slots=True)
class Wishes:
    """When and how somebody wants to be asked, as they fill it in."""

    weekly: tuple[Span, ...]
    away: tuple[date, date] | None
    by_page: bool
    by_sms: bool
    by_email: bool


async def hours_of(work: UnitOfWork, person_id: uuid.UUID, centre_id: uuid.UUID) -> GuideHours:
    """What a guide has filled in; an empty plan, not yet stored, for whoever has not."""
    found: GuideHours | None = await work.session.scalar(select(GuideHours).where(GuideHours.person_id == person_id))
    return found or GuideHours(
        id=uuid.uuid4(), centre_id=centre_id, person_id=person_id, weekly=[], by_page=True, by_sms=True, by_email=True
    )


async def all_hours(work: UnitOfWork, person_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, GuideHours]:
    """The plans of those people who have one. One query."""
    rows = await work.session.scalars(select(GuideHours).where(GuideHours.person_id.in_(list(person_ids))))
    return {row.person_id: row for row in rows}


def keep_wishes(work: UnitOfWork, row: GuideHours, wishes: Wishes) -> None:
    """Write down when and how."""
    row.weekly = [str(span) for span in wishes.weekly]
    row.away_from, row.away_until = wishes.away or (None, None)
    row.by_page, row.by_sms, row.by_email = wishes.by_page, wishes.by_sms, wishes.by_email
    work.session.add(row)


def set_duty(work: UnitOfWork, row: GuideHours, *, on: bool, now: datetime) -> None:
    """Go on duty for `DUTY_FOR`, or off."""
    row.on_duty_until = now + DUTY_FOR if on else None
    work.session.add(row)
