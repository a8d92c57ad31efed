"""How far somebody has come, from what is stored."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rooms.messages.rules import MessageState
from rooms.seating.rules.progress import Progress, WayIn, progress
from rooms.seating.rules.reasons import SeatReason

NOW = datetime(2026, 11, 23, 17, tzinfo=UTC)
LONG_AGO, JUST_NOW = NOW - timedelta(minutes=30), NOW - timedelta(seconds=30)
BLANK = WayIn(
    message=None,
    message_error=None,
    is_delivered=False,
    opened_at=None,
    asks=False,
    seat_reason=None,
    seat_changed_at=None,
    is_in=False,
    was_in=False,
)
SENT = replace(BLANK, message=MessageState.SENT)
OPENED = replace(SENT, opened_at=LONG_AGO)
SEATED = replace(OPENED, seat_reason=SeatReason.ARRIVED, seat_changed_at=JUST_NOW)


@pytest.mark.parametrize(
    ("way", "expected"),
    [
        (BLANK, Progress.NOT_SENT),
        (replace(BLANK, message=MessageState.DUE), Progress.NOT_SENT),
        (replace(BLANK, message=MessageState.SENDING), Progress.NOT_SENT),
        (replace(BLANK, message=MessageState.FAILED, message_error="550"), Progress.FAILED),
        (replace(BLANK, message=MessageState.FAILED, message_error="no_address"), Progress.NO_ADDRESS),
        (SENT, Progress.SENT),
        (replace(SENT, is_delivered=True), Progress.DELIVERED),
        (replace(OPENED, is_delivered=True), Progress.OPENED),
        (OPENED, Progress.OPENED),
        (replace(OPENED, message=MessageState.FAILED), Progress.OPENED),  # handed over by hand
        (SEATED, Progress.ON_THE_WAY),
        (replace(SEATED, seat_changed_at=LONG_AGO), Progress.OPENED),
        (replace(SEATED, asks=True), Progress.ASKS),
        (replace(SEATED, is_in=True, was_in=True), Progress.IN),
        (replace(SEATED, is_in=True, was_in=True, asks=True), Progress.IN),
        (replace(SEATED, seat_changed_at=LONG_AGO, was_in=True), Progress.DROPPED),
        (replace(SEATED, seat_reason=SeatReason.LEFT, was_in=True), Progress.LEFT),
    ],
)
def test_the_last_step_that_is_true(way: WayIn, expected: Progress) -> None:
    assert progress(way, NOW) is expected


def test_after_the_end_nobody_has_lost_a_connection() -> None:
    stayed = replace(SEATED, seat_changed_at=LONG_AGO, was_in=True)
    assert progress(stayed, NOW, over=True) is Progress.LEFT
    assert progress(replace(SEATED, asks=True), NOW, over=True) is Progress.OPENED
    assert progress(SENT, NOW, over=True) is Progress.SENT


ways: st.SearchStrategy[Any] = st.builds(
    WayIn,
    message=st.none() | st.sampled_from(MessageState),
    message_error=st.none() | st.sampled_from(["no_address", "550", "timeout"]),
    is_delivered=st.booleans(),
    opened_at=st.none() | st.just(LONG_AGO),
    asks=st.booleans(),
    seat_reason=st.none() | st.sampled_from(SeatReason),
    seat_changed_at=st.none() | st.sampled_from([LONG_AGO, JUST_NOW]),
    is_in=st.booleans(),
    was_in=st.booleans(),
)


@given(ways, st.booleans())
def test_whoever_is_in_is_in_whatever_else_is_stored(way: WayIn, over: bool) -> None:
    assert (progress(way, NOW, over=over) is Progress.IN) == way.is_in


@given(ways)
def test_whoever_opened_the_link_is_never_called_unreached(way: WayIn) -> None:
    unreached = {Progress.NO_ADDRESS, Progress.FAILED, Progress.NOT_SENT, Progress.SENT, Progress.DELIVERED}
    assert progress(replace(way, opened_at=LONG_AGO), NOW) not in unreached
