"""Keys open what they should and nothing else; a minute's points are never overspent."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rooms.roomserver.auth import Points, key_is_known, role_of
from rooms.roomserver.meetings import Meeting
from rooms.roomserver.room import Role

NOW = datetime(2026, 11, 23, tzinfo=UTC)


def meeting(*, viewer: bool = False) -> Meeting:
    return Meeting("1", "name", "group", True, viewer, NOW, NOW, "host-key", "viewer-key")


@pytest.mark.parametrize(
    ("header", "known"),
    [("Bearer one", True), ("bearer two", True), ("Bearer", False), ("Bearer ", False), ("one", False), ("", False)],
)
def test_only_the_keys_are_known(header: str, known: bool) -> None:
    assert key_is_known(header, ["one", "two", ""]) == known


@pytest.mark.parametrize(
    ("key", "viewer", "role"),
    [
        ("host-key", False, Role.HOST),
        ("viewer-key", True, Role.VIEWER),
        ("viewer-key", False, Role.VISITOR),
        ("", True, Role.VISITOR),
        (None, True, Role.VISITOR),
        ("\udcff", True, Role.VISITOR),
    ],
)
def test_a_room_key_says_who_somebody_is(key: str | None, viewer: bool, role: Role) -> None:
    assert role_of(meeting(viewer=viewer), key) is role


@given(limit=st.integers(3, 50), calls=st.lists(st.tuples(st.integers(1, 3), st.floats(0, 20)), max_size=100))
def test_no_minute_is_overspent(limit: int, calls: list[tuple[int, float]]) -> None:
    points, now, spent = Points(limit), 1_000_000.0, dict[int, int]()
    for cost, pause in calls:
        now += pause
        minute = int(now // 60)
        granted = points.take(cost, now)
        assert granted == (spent.get(minute, 0) + cost <= limit)
        spent[minute] = spent.get(minute, 0) + cost * granted
        assert points.left == limit - spent[minute]
        assert 0 < points.milliseconds_left(now) <= 60_000
