"""What a calendar feed holds: the sessions of one person or one circle."""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import exists, or_, select

from rooms.schedule.records import Invitation, Session
from rooms.store.unit_of_work import UnitOfWork

#: A calendar keeps what has been for so long, and hears of what was cancelled for so long after.
_LOOKS_BACK, _TELLS_CANCELLED = timedelta(days=30), timedelta(days=7)
_MOST = 500


async def sessions_of(
    work: UnitOfWork, *, person_id: uuid.UUID | None = None, circle_id: uuid.UUID | None = None, now: datetime
) -> Sequence[Session]:
    """The sessions to which the person is invited, or those of the circle, in their order."""
    of_person = exists().where(Invitation.session_id == Session.id, Invitation.person_id == person_id)
    return (
        await work.session.scalars(
            select(Session)
            .where(
                of_person if person_id is not None else Session.circle_id == circle_id,
                Session.ends_at > now - _LOOKS_BACK,
                or_(Session.cancelled_at.is_(None), Session.cancelled_at > now - _TELLS_CANCELLED),
            )
            .order_by(Session.starts_at, Session.id)
            .limit(_MOST)
        )
    ).all()
