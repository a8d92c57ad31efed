"""Who needs help with getting in, and since when."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rooms.schedule.rules.formats import Answer
from rooms.seating.rules.progress import Progress
from rooms.seating.rules.stuck import STUCK_AFTER, is_stuck, stuck_since

STARTS = datetime(2026, 11, 23, 17, tzinfo=UTC)
OPENS = STARTS - timedelta(minutes=10)
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("step", "since", "expected"),
    [
        (Progress.OPENED, OPENS - timedelta(days=3), OPENS),  # looked at the link days ago; now the doors are open
        (Progress.OPENED, STARTS + MINUTE, STARTS + MINUTE),
        (Progress.ASKS, OPENS + MINUTE, OPENS + MINUTE),
        (Progress.DROPPED, STARTS + 5 * MINUTE, STARTS + 5 * MINUTE),
        (Progress.SENT, OPENS - timedelta(days=3), STARTS),  # may just come on time
        (Progress.NO_ADDRESS, None, STARTS),
        (Progress.FAILED, STARTS + MINUTE, STARTS + MINUTE),
        (Progress.ON_THE_WAY, STARTS, None),
        (Progress.IN, STARTS, None),
        (Progress.LEFT, STARTS, None),
    ],
)
def test_from_when_the_minutes_outside_count(step: Progress, since: datetime | None, expected: datetime | None) -> None:
    assert stuck_since(step, since, None, opens_at=OPENS, starts_at=STARTS) == expected


def test_whoever_cannot_come_is_left_alone() -> None:
    assert stuck_since(Progress.OPENED, OPENS, Answer.ABSENT, opens_at=OPENS, starts_at=STARTS) is None
    assert stuck_since(Progress.OPENED, OPENS, Answer.LATE, opens_at=OPENS, starts_at=STARTS) == OPENS


@given(
    step=st.sampled_from(Progress),
    minutes=st.none() | st.integers(-2000, 120),
    answer=st.none() | st.sampled_from(Answer),
    now=st.integers(-60, 180),
)
def test_nobody_is_stuck_before_the_doors_open_and_whoever_is_stays_so(
    step: Progress, minutes: int | None, answer: Answer | None, now: int
) -> None:
    since = STARTS + minutes * MINUTE if minutes is not None else None
    outside = stuck_since(step, since, answer, opens_at=OPENS, starts_at=STARTS)
    moment = STARTS + now * MINUTE
    assert outside is None or outside >= OPENS
    if is_stuck(outside, moment, is_open=True):
        assert moment >= OPENS + STUCK_AFTER
        assert is_stuck(outside, moment + MINUTE, is_open=True)
    assert not is_stuck(outside, moment, is_open=False)
