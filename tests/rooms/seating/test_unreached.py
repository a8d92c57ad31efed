"""Who is not reached, and why: exactly one reason, whatever is stored."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rooms.messages.rules import MessageState
from rooms.schedule.rules.formats import DeviceCheck
from rooms.seating.rules.progress import Progress, WayIn, progress
from rooms.seating.rules.unreached import FINE, Unreached, can_send_again, is_pressing, unreached
from tests.rooms.seating.test_progress import BLANK, NOW, OPENED, SEATED, SENT, ways

FAILED = replace(BLANK, message=MessageState.FAILED, message_error="5.1.1")
DUE = replace(BLANK, message=MessageState.DUE)
devices = st.none() | st.sampled_from(DeviceCheck)
HAVE_COME = {Progress.ASKS, Progress.ON_THE_WAY, Progress.IN, Progress.DROPPED, Progress.LEFT}


@pytest.mark.parametrize(
    ("way", "device", "why"),
    [
        (BLANK, None, Unreached.NOTHING_SENT),
        (replace(BLANK, message=MessageState.DROPPED), None, Unreached.NOTHING_SENT),
        (DUE, None, Unreached.WAITING),
        (replace(BLANK, message=MessageState.SENDING), None, Unreached.WAITING),
        (replace(DUE, message_error="timeout"), None, Unreached.DELAYED),
        (FAILED, None, Unreached.REFUSED),
        (replace(FAILED, message_error="no_address"), None, Unreached.NO_WAY),
        (replace(FAILED, message_error="unwanted"), None, Unreached.SAID_NO),
        (SENT, None, Unreached.NOT_OPENED),
        (OPENED, DeviceCheck.CAMERA_BLOCKED, Unreached.BLOCKED),
        (OPENED, DeviceCheck.PASSED, None),
        (OPENED, None, None),
        (replace(OPENED, message=MessageState.FAILED), None, None),  # handed over by hand
        (SEATED, DeviceCheck.CAMERA_BLOCKED, None),
        (replace(SEATED, is_in=True, was_in=True), DeviceCheck.CAMERA_BLOCKED, None),
    ],
)
def test_the_reason(way: WayIn, device: DeviceCheck | None, why: Unreached | None) -> None:
    assert unreached(way, device, NOW) is why


@given(ways, devices)
def test_everybody_is_reached_or_has_one_reason_that_agrees_with_their_progress(
    way: WayIn, device: DeviceCheck | None
) -> None:
    why, step = unreached(way, device, NOW), progress(way, NOW)
    if step in HAVE_COME:
        assert why is None
    elif step is Progress.OPENED:
        assert why is (Unreached.BLOCKED if device is not None and device not in FINE else None)
    else:
        assert why in set(Unreached) - {Unreached.BLOCKED}


@given(ways, devices)
def test_no_message_goes_to_whoever_has_come_or_said_no_or_is_being_written_to(
    way: WayIn, device: DeviceCheck | None
) -> None:
    if can_send_again(unreached(way, device, NOW)):
        assert not way.is_in
        assert not way.was_in
        assert way.opened_at is None
        assert way.message not in {MessageState.DUE, MessageState.SENDING}
        assert way.message_error != "unwanted" or way.message is not MessageState.FAILED


@given(ways, devices)
def test_after_the_end_nobody_is_looked_for(way: WayIn, device: DeviceCheck | None) -> None:
    assert unreached(way, device, NOW, over=True) is None


@pytest.mark.parametrize("why", Unreached)
def test_an_hour_before_the_start_everything_is_pressing(why: Unreached) -> None:
    assert is_pressing(why, NOW + timedelta(hours=1), NOW)
    may_mend_itself = why in {Unreached.DELAYED, Unreached.NOT_OPENED, Unreached.WAITING}
    assert is_pressing(why, NOW + timedelta(hours=1, seconds=1), NOW) != may_mend_itself
