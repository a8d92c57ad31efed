"""How many rooms of which size, and when."""

import itertools
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rooms.schedule.rules.formats import Format
from rooms.supply.rules.demand import (
    AHEAD,
    GRACE,
    MOST_IN_SMALL,
    MOST_IN_XL,
    SessionNeed,
    provider_end,
    rooms_needed,
    usual_turnout,
)
from rooms.supply.rules.room_life import IllegalStep, RoomState, Size, check_step, pause_after

NOW = datetime(2026, 11, 23, 17, tzinfo=UTC)
SMALL = [Format.PRACTICE, Format.ONE_TO_ONE, Format.WORKGROUP]
formats, numbers = st.sampled_from(Format), st.integers(0, 400)


def need(format_: Format, invited: int) -> SessionNeed:
    return SessionNeed(format_, invited, opens_at=NOW, ends_at=NOW + timedelta(hours=1))


@given(format_=formats, invited=numbers)
def test_everybody_finds_a_place_and_no_room_is_superfluous(format_: Format, invited: int) -> None:
    rooms = rooms_needed(need(format_, invited))
    most = {Size.SMALL: MOST_IN_SMALL, Size.XL: MOST_IN_XL}
    assert len(rooms) >= 1
    assert sum(most[size] for size in rooms) >= invited
    assert len(rooms) == 1 or sum(most[size] for size in rooms[1:]) < invited
    assert set(rooms) == {Size.SMALL if format_ in SMALL else Size.XL}


@given(
    format_=formats,
    invited=numbers,
    turnout=st.floats(0, 1),
    seated=numbers,
    small=st.integers(0, 12),
    drop_in=st.booleans(),
)
def test_whoever_has_come_finds_a_place_and_there_is_one_more(
    format_: Format, invited: int, turnout: float, seated: int, small: int, drop_in: bool
) -> None:
    """However few are expected: up to everybody who is invited."""
    seated = min(seated, invited)
    asked = SessionNeed(
        format_, invited, NOW, NOW + timedelta(hours=1), turnout, seated, breakout_rooms=small, is_drop_in=drop_in
    )
    everybody = SessionNeed(format_, invited, NOW, NOW + timedelta(hours=1), breakout_rooms=small)
    rooms = rooms_needed(asked)
    arriving = rooms if format_ in SMALL else [size for size in rooms if size is Size.XL]
    most = {Size.SMALL: MOST_IN_SMALL, Size.XL: MOST_IN_XL}
    assert sum(most[size] for size in arriving) >= min(invited, seated + 1)
    assert len(rooms) <= len(rooms_needed(everybody))
    if format_ not in SMALL:
        assert list(rooms).count(Size.SMALL) == small


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=8))
def test_the_usual_turnout_is_a_share_that_no_earlier_session_exceeded(earlier: list[tuple[int, int]]) -> None:
    turnout = usual_turnout(earlier)
    assert 0 <= turnout <= 1
    for invited, came in earlier:
        assert came <= invited * turnout + 1e-9 or came > invited


def test_a_few_sessions_say_nothing_and_the_best_attended_counts() -> None:
    assert usual_turnout([(10, 3), (10, 2)]) == 1.0
    assert usual_turnout([(10, 3), (10, 5), (10, 2)]) == 0.5


@given(format_=formats, fewer=numbers, more=numbers)
def test_rooms_are_only_ever_added(format_: Format, fewer: int, more: int) -> None:
    """Whoever is invited later needs more rooms; those that stand keep number and size."""
    fewer, more = sorted((fewer, more))
    assert list(rooms_needed(need(format_, more)))[: len(rooms_needed(need(format_, fewer)))] == list(
        rooms_needed(need(format_, fewer))
    )


@pytest.mark.parametrize(
    ("format_", "invited", "size", "count"),
    [
        (Format.PRACTICE, 0, Size.SMALL, 1),
        (Format.PRACTICE, 5, Size.SMALL, 1),
        (Format.PRACTICE, 6, Size.SMALL, 2),
        (Format.WORKGROUP, 11, Size.SMALL, 3),
        (Format.ONE_TO_ONE, 2, Size.SMALL, 1),
        (Format.GATHERING, 30, Size.XL, 1),
        (Format.BRIEFING, 50, Size.XL, 1),
        (Format.COURSE, 51, Size.XL, 2),
    ],
)
def test_examples(format_: Format, invited: int, size: Size, count: int) -> None:
    assert list(rooms_needed(need(format_, invited))) == [size] * count


def test_rooms_are_wanted_ahead_and_outlast_the_session() -> None:
    there = need(Format.PRACTICE, 5)
    assert timedelta(minutes=30) <= AHEAD
    assert provider_end(there.ends_at) > there.ends_at + GRACE


@given(attempts=st.integers(1, 50), luck=st.floats(0, 1))
def test_pauses_grow_and_stay_bounded(attempts: int, luck: float) -> None:
    pause = pause_after(attempts, luck)
    plain = min(5 * 2 ** (attempts - 1), 60)
    assert plain * 0.75 <= pause.total_seconds() <= plain * 1.25


def test_a_room_lives_once() -> None:
    life = [
        RoomState.WANTED,
        RoomState.CREATING,
        RoomState.READY,
        RoomState.IN_USE,
        RoomState.RETIRING,
        RoomState.GONE,
    ]
    for before, after in itertools.pairwise(life):
        check_step(before, after)
        with pytest.raises(IllegalStep):
            check_step(after, before)


@given(after=st.sampled_from(RoomState))
def test_what_is_gone_stays_gone(after: RoomState) -> None:
    with pytest.raises(IllegalStep):
        check_step(RoomState.GONE, after)
