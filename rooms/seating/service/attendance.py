"""How many come: now, and usually. What supply decides a session's rooms by."""

import uuid
from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, exists, func, select, true
from sqlalchemy.orm import aliased

from rooms.schedule.records import Invitation, Session
from rooms.seating.records import Presence, Seat
from rooms.seating.rules.presence import SILENT_AFTER
from rooms.seating.service.occupancy import is_live
from rooms.store.unit_of_work import UnitOfWork
from rooms.supply.records import Room
from rooms.supply.rules.demand import Crowd, usual_turnout

#: The last so many sessions like it, of these weeks.
_EARLIER = 8
_SINCE = timedelta(weeks=12)


async def crowds(work: UnitOfWork, session_ids: Collection[uuid.UUID], now: datetime) -> dict[uuid.UUID, Crowd]:
    """For each session who has a seat in a room of it, and how many came to the last ones of its circle and format."""
    if not session_ids:
        return {}
    seated = (
        select(func.count()).where(Seat.session_id == Session.id, Seat.room_id.is_not(None)).correlate(Session)
    ).scalar_subquery()
    past = aliased(Session)
    invited = select(func.count()).where(Invitation.session_id == past.id).correlate(past).scalar_subquery()
    came = (
        select(func.count(Presence.person_id.distinct()))
        .join(Seat, Seat.id == Presence.seat_id)
        .where(Seat.session_id == past.id)
        .correlate(past)
        .scalar_subquery()
    )
    earlier = (
        select(past.id, invited.label("invited"), came.label("came"))
        .where(
            past.centre_id == Session.centre_id,
            past.format == Session.format,
            past.circle_id.is_not_distinct_from(Session.circle_id),
            past.standing_room_id.is_(None),
            past.cancelled_at.is_(None),
            past.ends_at <= now,
            past.starts_at > now - _SINCE,
        )
        .order_by(past.starts_at.desc())
        .limit(_EARLIER)
        .lateral("earlier")
    )
    rows = await work.session.execute(
        select(Session.id, seated, earlier.c.invited, earlier.c.came)
        .outerjoin(earlier, true())
        .where(Session.id.in_(session_ids))
    )
    seats: dict[uuid.UUID, int] = {}
    history: dict[uuid.UUID, list[tuple[int, int]]] = {}
    for session_id, seats_now, was_invited, has_come in rows:
        seats[session_id] = seats_now
        if was_invited is not None:
            history.setdefault(session_id, []).append((was_invited, has_come))
    return {
        session_id: Crowd(seats_now, usual_turnout(history.get(session_id, ())))
        for session_id, seats_now in seats.items()
    }


def somebody_in(now: datetime) -> ColumnElement[bool]:
    """Whether somebody is in a `Room`, as a condition."""
    return exists().where(Presence.room_id == Room.id, is_live(now - SILENT_AFTER))
