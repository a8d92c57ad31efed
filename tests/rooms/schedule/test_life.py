"""Where a session stands, from its times alone."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rooms.schedule.rules.life import SessionState, session_state

START = datetime(2026, 11, 23, 17, tzinfo=UTC)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


def state(now: datetime, cancelled_at: datetime | None = None, ended_at: datetime | None = None) -> SessionState:
    return session_state(
        now,
        opens_at=START - 10 * MINUTE,
        starts_at=START,
        ends_at=START + HOUR,
        cancelled_at=cancelled_at,
        ended_at=ended_at,
    )


@pytest.mark.parametrize(
    ("minutes", "expected"),
    [
        (-11, SessionState.PLANNED),
        (-10, SessionState.OPEN),
        (-1, SessionState.OPEN),
        (0, SessionState.RUNNING),
        (59, SessionState.RUNNING),
        (60, SessionState.OVER),
    ],
)
def test_the_clock_alone_moves_it(minutes: int, expected: SessionState) -> None:
    assert state(START + minutes * MINUTE) is expected


def test_cancelled_and_ended_stay_so() -> None:
    assert state(START, cancelled_at=START - HOUR) is SessionState.CANCELLED
    assert state(START + MINUTE, ended_at=START) is SessionState.OVER
    assert state(START + 2 * HOUR, cancelled_at=START, ended_at=START) is SessionState.CANCELLED


@given(st.integers(-200, 200), st.integers(0, 200))
def test_it_never_goes_back(minutes: int, later: int) -> None:
    order = [SessionState.PLANNED, SessionState.OPEN, SessionState.RUNNING, SessionState.OVER]
    now = START + minutes * MINUTE
    assert order.index(state(now)) <= order.index(state(now + later * MINUTE))
    assert not (state(now).lets_in and state(now).is_past)
