"""Sessions that come again and again: planned in one go, and called off from one of them on."""

import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.dialects.postgresql import insert

from rooms.schedule.records import Series, Session
from rooms.schedule.service.sessions import SessionPlan, cancel_session, plan_session
from rooms.store.unit_of_work import UnitOfWork


async def plan_series(
    work: UnitOfWork,
    plan: SessionPlan,
    starts: Sequence[datetime],
    *,
    centre_id: uuid.UUID,
    actor_id: uuid.UUID | None,
    now: datetime,
) -> Session:
    """Plan such a session at each of these starts, each as long as the plan's; the first one comes back.

    Everybody gets one message that says all of them: `workers.together`. A plan whose id is known already changes
    nothing. Raises LookupError when that one belongs to another centre, ValueError without starts.
    """
    if not starts:
        raise ValueError("a series has days")
    series_id = plan.id or uuid.uuid4()
    written = await work.session.scalar(
        insert(Series)
        .values(id=series_id, centre_id=centre_id, title=plan.title, created_at=now)
        .on_conflict_do_nothing(index_elements=["id"])
        .returning(Series.id)
    )
    if written is None:
        first: Session | None = await work.session.scalar(
            select(Session).where(Session.series_id == series_id).order_by(Session.starts_at).limit(1)
        )
        if first is None:
            raise LookupError("no such series")
        return first
    length = plan.ends_at - plan.starts_at
    planned = [
        await plan_session(
            work,
            replace(plan, id=None, series_id=series_id, starts_at=start, ends_at=start + length),
            centre_id=centre_id,
            actor_id=actor_id,
            now=now,
        )
        for start in starts
    ]
    return planned[0]


async def count_from(work: UnitOfWork, session: Session) -> int:
    """How many sessions of its series, itself included, start no earlier and are not called off. 1 without a series."""
    if session.series_id is None:
        return 1
    return await work.session.scalar(select(func.count(Session.id)).where(_from(session))) or 0


async def cancel_from(work: UnitOfWork, session: Session, *, actor_id: uuid.UUID, now: datetime) -> int:
    """Call off the session and all later ones of its series. Returns how many it called off."""
    ids = (await work.session.scalars(select(Session.id).where(_from(session)).order_by(Session.starts_at))).all()
    for session_id in ids:
        await cancel_session(work, session_id, actor_id=actor_id, now=now)
    return len(ids)


def _from(session: Session) -> ColumnElement[bool]:
    return and_(
        Session.series_id == session.series_id,
        Session.starts_at >= session.starts_at,
        Session.cancelled_at.is_(None),
        Session.ended_at.is_(None),
    )
