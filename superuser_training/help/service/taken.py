"""Whom a guide is helping: what they need to know of each."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from rooms.people.records.persons import Person
from rooms.schedule.records import Session
from rooms.seating.service.ways_in import OnBoard, of_person
from rooms.store.unit_of_work import UnitOfWork
from superuser_training.help.records import HelpCall
from superuser_training.help.rules import HELPS_FOR


@dataclass(frozen=True, slots=True)
class Taken:
    """A call that a guide took lately, and how far its person is by now; None outside of any session."""

    call: HelpCall
    person: Person
    session: Session | None
    way: OnBoard | None


async def taken_by(work: UnitOfWork, guide_id: uuid.UUID, now: datetime) -> list[Taken]:
    """The calls that this guide took within `HELPS_FOR`, the latest first."""
    rows = await work.session.execute(
        select(HelpCall, Person, Session)
        .join(Person, Person.id == HelpCall.person_id)
        .outerjoin(Session, Session.id == HelpCall.session_id)
        .where(HelpCall.answered_by == guide_id, HelpCall.answered_at > now - HELPS_FOR, Person.left_at.is_(None))
        .order_by(HelpCall.answered_at.desc())
    )
    return [
        Taken(call, person, session, await of_person(work, session.id, person.id, now) if session is not None else None)
        for call, person, session in rows
    ]
