"""Where a session stands in its life. From stored times alone, so that no timer has to fire."""

from datetime import datetime
from enum import StrEnum


class SessionState(StrEnum):
    """planned → open (lets people in) → running → over; or cancelled."""

    PLANNED = "planned"
    OPEN = "open"
    RUNNING = "running"
    OVER = "over"
    CANCELLED = "cancelled"

    @property
    def lets_in(self) -> bool:
        """Whether people can come in now."""
        return self in {SessionState.OPEN, SessionState.RUNNING}

    @property
    def is_past(self) -> bool:
        """Whether nothing more can happen in it."""
        return self in {SessionState.OVER, SessionState.CANCELLED}


def session_state(
    now: datetime,
    *,
    opens_at: datetime,
    starts_at: datetime,
    ends_at: datetime,
    cancelled_at: datetime | None,
    ended_at: datetime | None,
) -> SessionState:
    """The state at `now`. A session that was ended early and then cancelled is cancelled."""
    if cancelled_at is not None:
        return SessionState.CANCELLED
    if ended_at is not None or now >= ends_at:
        return SessionState.OVER
    if now >= starts_at:
        return SessionState.RUNNING
    return SessionState.OPEN if now >= opens_at else SessionState.PLANNED
