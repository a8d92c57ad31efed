"""Plan, cancel and end sessions; invite people to them. Messages are written in the same transaction."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from rooms.audit import service as audit
from rooms.audit.rules import Event
from rooms.messages.records import Message
from rooms.messages.rules import Channel, Kind, MessageState
from rooms.messages.service import outbox
from rooms.people.records.persons import Person
from rooms.schedule.records import Invitation, Session
from rooms.schedule.rules.formats import Format
from rooms.store.unit_of_work import UnitOfWork
from rooms.store.wakeups import centre_topic, session_topic

SEND_DUE = "workers.messages.send_due"
PROVISION_DUE = "workers.supply.provision_due"
CLOSE_DUE = "workers.supply.close_due"


class Change(Protocol):
    """A change of one session by somebody: `cancel_session`, `end_session`."""

    async def __call__(
        self, work: UnitOfWork, session_id: uuid.UUID, *, actor_id: uuid.UUID, now: datetime
    ) -> Session: ...


@dataclass(frozen=True, slots=True)
class SessionPlan:
    """What a coordinator asks for. Times are aware; `ends_at` is after `starts_at`.

    `id`: of the form it was written in, so that sending the form twice plans one session.
    """

    title: str
    format: Format
    starts_at: datetime
    ends_at: datetime
    person_ids: Sequence[uuid.UUID] = ()
    circle_id: uuid.UUID | None = None
    opens_before_minutes: int = 10
    remind_day_before: bool = True
    remind_hour_before: bool = True
    id: uuid.UUID | None = None
    series_id: uuid.UUID | None = None


async def plan_session(
    work: UnitOfWork, plan: SessionPlan, *, centre_id: uuid.UUID, actor_id: uuid.UUID | None, now: datetime
) -> Session:
    """Write the session, its invitations and a message to each person; wake the workers once it is committed.

    A plan whose id is known already changes nothing: the session that it became comes back. Raises LookupError when
    that one belongs to another centre.
    """
    plan_id = plan.id or uuid.uuid4()
    session: Session | None = await work.session.scalar(
        insert(Session)
        .values(
            id=plan_id,
            centre_id=centre_id,
            version=1,
            title=plan.title,
            format=plan.format,
            circle_id=plan.circle_id,
            series_id=plan.series_id,
            starts_at=plan.starts_at,
            ends_at=plan.ends_at,
            opens_before_minutes=plan.opens_before_minutes,
            remind_day_before=plan.remind_day_before,
            remind_hour_before=plan.remind_hour_before,
            created_at=now,
            created_by=actor_id,
        )
        .on_conflict_do_nothing(index_elements=["id"])
        .returning(Session)
    )
    if session is None:
        return await session_of(work, plan_id)
    audit.record(work, Event.SESSION_PLANNED, centre_id=centre_id, now=now, actor_id=actor_id, session_id=session.id)
    await invite(work, session, plan.person_ids, now=now)
    work.wake_pages(centre_topic(centre_id))
    return session


async def invite(work: UnitOfWork, session: Session, person_ids: Sequence[uuid.UUID], *, now: datetime) -> None:
    """Invite people who are not yet, and write each a message. Whoever left or is of another centre is passed over."""
    known = list(
        await work.session.scalars(select(Person.id).where(Person.id.in_(person_ids), Person.left_at.is_(None)))
    )
    rows = [
        {
            "id": uuid.uuid4(),
            "centre_id": session.centre_id,
            "session_id": session.id,
            "person_id": person_id,
            "invited_at": now,
        }
        for person_id in known
    ]
    if rows:
        await work.session.execute(insert(Invitation).values(rows).on_conflict_do_nothing())
    await outbox.put_each(
        work,
        known,
        kind=Kind.INVITATION,
        cause_id=session.id,
        centre_id=session.centre_id,
        session_id=session.id,
        now=now,
    )
    work.wake_worker(SEND_DUE, PROVISION_DUE)
    work.wake_pages(session_topic(session.id), centre_topic(session.centre_id))


async def send_again(
    work: UnitOfWork,
    session_id: uuid.UUID,
    person_id: uuid.UUID,
    *,
    tries: int,
    now: datetime,
    by: Channel | None = None,
) -> bool:
    """Write an invitation anew, unless one is on its way. Whether it was written. Whom it may help is the caller's.

    `by`: that way and no other. `tries`: how many were written when the caller looked: what was written since makes
    this do nothing. Raises LookupError when the person is not invited to such a session of this centre.
    """
    invitation: Invitation | None = await work.session.scalar(
        select(Invitation)
        .where(Invitation.session_id == session_id, Invitation.person_id == person_id)
        .with_for_update()
    )
    if invitation is None:
        raise LookupError("not invited")
    on_its_way = Message.state.in_([MessageState.DUE, MessageState.SENDING])
    written, waiting = (
        await work.session.execute(
            select(func.count(Message.id), func.count(Message.id).filter(on_its_way)).where(
                Message.session_id == session_id, Message.person_id == person_id, Message.kind == Kind.INVITATION
            )
        )
    ).one()
    if waiting or written != tries:
        return False
    await outbox.put(
        work,
        kind=Kind.INVITATION,
        cause_id=session_id,
        person_id=person_id,
        centre_id=invitation.centre_id,
        session_id=session_id,
        now=now,
        version=written + 1,
        by=by,
    )
    work.wake_worker(SEND_DUE)
    work.wake_pages(centre_topic(invitation.centre_id))
    return True


async def send_new_link(work: UnitOfWork, person_id: uuid.UUID, *, centre_id: uuid.UUID, now: datetime) -> None:
    """Have a person's link, which is new, sent to them: ahead of a mass of invitations, since they cannot come in."""
    await outbox.put(
        work,
        kind=Kind.NEW_LINK,
        cause_id=person_id,
        person_id=person_id,
        centre_id=centre_id,
        now=now,
        version=int(now.timestamp()),
        priority=10,
    )
    work.wake_worker(SEND_DUE)


async def cancel_session(work: UnitOfWork, session_id: uuid.UUID, *, actor_id: uuid.UUID, now: datetime) -> Session:
    """Call a session off and tell everybody invited. Doing it twice changes nothing. Raises LookupError."""
    session = await session_of(work, session_id, lock=True)
    if session.cancelled_at is not None:
        return session
    session.cancelled_at = now
    invited = await work.session.scalars(select(Invitation.person_id).where(Invitation.session_id == session_id))
    await outbox.put_each(
        work,
        invited.all(),
        kind=Kind.CANCELLATION,
        cause_id=session_id,
        centre_id=session.centre_id,
        session_id=session_id,
        now=now,
    )
    audit.record(
        work, Event.SESSION_CANCELLED, centre_id=session.centre_id, now=now, actor_id=actor_id, session_id=session_id
    )
    work.wake_worker(SEND_DUE, CLOSE_DUE)
    work.wake_pages(session_topic(session_id), centre_topic(session.centre_id))
    return session


async def end_session(work: UnitOfWork, session_id: uuid.UUID, *, actor_id: uuid.UUID, now: datetime) -> Session:
    """End a session for all, ahead of its time. Doing it twice changes nothing. Raises LookupError."""
    session = await session_of(work, session_id, lock=True)
    if session.ended_at is not None:
        return session
    session.ended_at = now
    audit.record(
        work, Event.SESSION_ENDED, centre_id=session.centre_id, now=now, actor_id=actor_id, session_id=session_id
    )
    work.wake_worker(CLOSE_DUE)
    work.wake_pages(session_topic(session_id), centre_topic(session.centre_id))
    return session


async def session_of(work: UnitOfWork, session_id: uuid.UUID, *, lock: bool = False) -> Session:
    """A session of the unit of work's centre, locked against other changes if asked. Raises LookupError."""
    query = select(Session).where(Session.id == session_id)
    session: Session | None = await work.session.scalar(query.with_for_update() if lock else query)
    if session is None:
        raise LookupError("no such session")
    return session


async def titles_of(work: UnitOfWork, ids: Collection[uuid.UUID]) -> dict[uuid.UUID, str]:
    """Titles of sessions by id."""
    rows = await work.session.execute(select(Session.id, Session.title).where(Session.id.in_(ids)))
    return {row.id: row.title for row in rows}
