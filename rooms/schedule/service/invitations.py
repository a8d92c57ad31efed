"""What is known of each invitation, and what messages need to know of their session."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, select, update

from rooms.people.records.centres import Centre
from rooms.people.records.persons import Person
from rooms.schedule.records import Invitation, Session
from rooms.schedule.rules.formats import Answer, DeviceCheck, Format
from rooms.store.unit_of_work import UnitOfWork
from rooms.store.wakeups import centre_topic


@dataclass(frozen=True, slots=True)
class SessionFacts:
    """What a message or a page says of a session. Times in UTC."""

    title: str
    format: Format
    #: Grows with each change of the session.
    version: int
    zone: ZoneInfo
    starts_at: datetime
    ends_at: datetime
    opens_at: datetime
    cancelled: bool
    #: Cancelled, ended by a coordinator, or past its end: `over_at(now)` tells the last.
    ended: bool
    centre_name: str
    centre_email: str
    centre_phone: str

    def over_at(self, now: datetime) -> bool:
        """Whether nobody can come any more."""
        return self.cancelled or self.ended or now >= self.ends_at


async def session_facts(work: UnitOfWork, session_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, SessionFacts]:
    """The facts of those sessions that there are."""
    rows = await work.session.execute(
        select(Session, Centre).join(Centre, Centre.id == Session.centre_id).where(Session.id.in_(session_ids))
    )
    return {
        session.id: SessionFacts(
            title=session.title,
            format=session.format,
            version=session.version,
            zone=ZoneInfo(centre.zone),
            starts_at=session.starts_at,
            ends_at=session.ends_at,
            opens_at=session.starts_at - timedelta(minutes=session.opens_before_minutes),
            cancelled=session.cancelled_at is not None,
            ended=session.ended_at is not None,
            centre_name=centre.name,
            centre_email=centre.email,
            centre_phone=centre.phone,
        )
        for session, centre in rows
    }


@dataclass(frozen=True, slots=True)
class Coming:
    """What a guide is told of somebody invited: no more of the name than the first, and no way to reach them."""

    person_id: uuid.UUID
    first_name: str
    languages: tuple[str, ...]
    norwegian_level: int | None


async def who_comes(work: UnitOfWork, session_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[Coming]]:
    """The people invited to each of these sessions who have not left, by name."""
    rows = await work.session.execute(
        select(Invitation.session_id, Person)
        .join(Person, Person.id == Invitation.person_id)
        .where(Invitation.session_id.in_(session_ids), Person.left_at.is_(None))
        .order_by(Person.name)
    )
    found: dict[uuid.UUID, list[Coming]] = {}
    for session_id, person in rows:
        first_name = next(iter(person.name.split()), "")
        coming = Coming(person.id, first_name, tuple(person.languages), person.norwegian_level)
        found.setdefault(session_id, []).append(coming)
    return found


async def invited_to(work: UnitOfWork, session_id: uuid.UUID) -> frozenset[uuid.UUID]:
    """The people who are invited to a session."""
    return frozenset(
        await work.session.scalars(select(Invitation.person_id).where(Invitation.session_id == session_id))
    )


async def mark_opened(work: UnitOfWork, session_id: uuid.UUID, person_id: uuid.UUID, now: datetime) -> None:
    """A living browser showed the person's page. Only the first time counts."""
    centre_id = await work.session.scalar(
        update(Invitation)
        .where(Invitation.session_id == session_id, Invitation.person_id == person_id, Invitation.opened_at.is_(None))
        .values(opened_at=now)
        .returning(Invitation.centre_id)
    )
    if centre_id is not None:  # the dashboards alone: everybody's page asking when anybody's opens would be a storm
        work.wake_pages(centre_topic(centre_id))


async def absent_from(work: UnitOfWork, session_ids: Sequence[uuid.UUID]) -> set[tuple[uuid.UUID, uuid.UUID]]:
    """Who said that they cannot come: session and person. One query, none without sessions."""
    if not session_ids:
        return set()
    rows = await work.session.execute(
        select(Invitation.session_id, Invitation.person_id).where(
            Invitation.session_id.in_(session_ids), Invitation.answer == Answer.ABSENT
        )
    )
    return {(session_id, person_id) for session_id, person_id in rows}


async def answer(work: UnitOfWork, session_id: uuid.UUID, person_id: uuid.UUID, said: Answer, now: datetime) -> None:
    """Keep what the person says of their coming. They have seen the invitation, then."""
    centre_id = await work.session.scalar(
        update(Invitation)
        .where(Invitation.session_id == session_id, Invitation.person_id == person_id)
        .values(answer=said, answered_at=now, opened_at=func.coalesce(Invitation.opened_at, now))
        .returning(Invitation.centre_id)
    )
    if centre_id is not None:
        work.wake_pages(centre_topic(centre_id))


async def mark_device_check(
    work: UnitOfWork, session_id: uuid.UUID, person_id: uuid.UUID, found: DeviceCheck, now: datetime
) -> None:
    """Keep what the device check found last, so that a helper sees where somebody is stuck."""
    centre_id = await work.session.scalar(
        update(Invitation)
        .where(Invitation.session_id == session_id, Invitation.person_id == person_id)
        .values(device_check=found, device_checked_at=now)
        .returning(Invitation.centre_id)
    )
    if centre_id is not None:
        work.wake_pages(centre_topic(centre_id))
