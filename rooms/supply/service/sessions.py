"""What supply asks of sessions."""

from datetime import datetime

from sqlalchemy import ColumnElement, ScalarSelect, func, select

from rooms.schedule.records import Invitation, Session
from rooms.supply.rules.demand import Crowd, SessionNeed


def need_of(session: Session, invited: int, crowd: Crowd) -> SessionNeed:
    """A session's need, from its row."""
    return SessionNeed(
        format=session.format,
        invited=invited,
        opens_at=session.opens_at,
        ends_at=session.ends_at,
        turnout=crowd.turnout,
        seated=crowd.seated,
        breakout_rooms=session.breakout_rooms,
        is_drop_in=session.standing_room_id is not None,
    )


def invited_count() -> ScalarSelect[int]:
    """How many are invited to the session of the enclosing statement."""
    return select(func.count()).where(Invitation.session_id == Session.id).correlate(Session).scalar_subquery()


def still_held(now: datetime) -> tuple[ColumnElement[bool], ...]:
    """Sessions that are not over, nor called off."""
    return Session.ends_at > now, Session.cancelled_at.is_(None), Session.ended_at.is_(None)
