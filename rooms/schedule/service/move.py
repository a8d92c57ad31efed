"""Give a session another time, and tell everybody who knows the old one."""

import uuid
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm.exc import StaleDataError

from rooms.audit import service as audit
from rooms.audit.rules import Event
from rooms.messages.records import Message
from rooms.messages.rules import Kind, MessageState
from rooms.messages.service import outbox
from rooms.schedule.records import Invitation, Session
from rooms.schedule.rules.life import SessionState
from rooms.schedule.service.sessions import PROVISION_DUE, SEND_DUE, session_of
from rooms.store.unit_of_work import UnitOfWork
from rooms.store.wakeups import centre_topic, session_topic


class CannotMove(Exception):
    """The session is over, called off or has begun, or is a day of a standing room; or the new time has passed."""


async def move_session(
    work: UnitOfWork,
    session_id: uuid.UUID,
    starts_at: datetime,
    ends_at: datetime,
    *,
    version: int,
    actor_id: uuid.UUID,
    now: datetime,
) -> Session:
    """Let the session start and end at other times, and tell everybody invited. The same times change nothing.

    Raises LookupError, CannotMove, and StaleDataError when somebody else changed it after `version` was read.
    """
    session = await session_of(work, session_id, lock=True)
    if session.version != version:
        raise StaleDataError("changed by somebody else")
    if not can_move(session, now) or starts_at <= now or ends_at <= starts_at:
        raise CannotMove
    if (session.starts_at, session.ends_at) == (starts_at, ends_at):
        return session
    session.starts_at, session.ends_at, session.moved_at = starts_at, ends_at, now
    await work.session.flush()
    await outbox.put_each(
        work,
        await _to_be_told(work, session_id),
        kind=Kind.CHANGE,
        cause_id=session_id,
        centre_id=session.centre_id,
        session_id=session_id,
        now=now,
        version=session.version,
    )
    audit.record(
        work, Event.SESSION_MOVED, centre_id=session.centre_id, now=now, actor_id=actor_id, session_id=session_id
    )
    work.wake_worker(SEND_DUE, PROVISION_DUE)
    work.wake_pages(session_topic(session_id), centre_topic(session.centre_id))
    return session


def can_move(session: Session, now: datetime) -> bool:
    """Whether there is still time to give the session another one. A standing room's days follow its hours."""
    return session.state_at(now) in {SessionState.PLANNED, SessionState.OPEN} and session.standing_room_id is None


async def _to_be_told(work: UnitOfWork, session_id: uuid.UUID) -> list[uuid.UUID]:
    """The invited, but for those to whom an invitation or a change is still to be sent: it will say the latest.

    Holds those messages until the unit of work ends, so that none is sent in between with the times of before.
    """
    waiting = await work.session.scalars(
        select(Message.person_id)
        .where(
            Message.session_id == session_id,
            Message.kind.in_([Kind.INVITATION, Kind.CHANGE]),
            Message.state == MessageState.DUE,
        )
        .with_for_update()
    )
    told = set(waiting)
    invited = await work.session.scalars(select(Invitation.person_id).where(Invitation.session_id == session_id))
    return [person_id for person_id in invited if person_id not in told]
