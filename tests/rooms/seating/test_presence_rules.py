"""The provider's events, late, twice and in any order, against what the page says."""

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from rooms.seating.rules.presence import SILENT_AFTER, Stay, Step, after_joined, after_left

T = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def apply(stays: list[Stay], kind: str, at: datetime) -> list[Stay]:
    """What the service does with a step, on values."""
    step = after_joined(stays, at) if kind == "joined" else after_left(stays, at)
    if step is Step.OPEN:
        return [*stays, Stay(at, at, None, by_page=False)]
    if step is Step.TOUCH:
        return [stay if stay.left_at else replace(stay, last_seen_at=max(at, stay.last_seen_at)) for stay in stays]
    if step is Step.CLOSE:
        return [replace(stay, left_at=stay.left_at or at) for stay in stays]
    if step is Step.REMEMBER:
        return [*stays, Stay(at, at, at, by_page=False)]
    return stays


EVENTS = [("joined", T), ("left", T + 10 * SECOND), ("joined", T + 20 * SECOND), ("left", T + 30 * SECOND)]


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
def test_once_all_have_come_the_person_is_gone_in_whatever_order(order: tuple[int, ...]) -> None:
    stays: list[Stay] = []
    for place in (*order, *order):
        stays = apply(stays, *EVENTS[place])
    assert not any(stay.is_live(T + timedelta(hours=1)) for stay in stays)


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_the_last_join_counts_in_whatever_order(order: tuple[int, ...]) -> None:
    stays: list[Stay] = []
    for place in order:
        stays = apply(stays, *EVENTS[place])
    assert [stay.is_live(T + 25 * SECOND) for stay in stays].count(True) == 1


def test_a_page_that_was_heard_later_is_believed() -> None:
    page = Stay(T, T + 40 * SECOND, None, by_page=True)
    assert after_left([page], T + 30 * SECOND) is Step.NOTHING
    assert after_left([page], T + 50 * SECOND) is Step.CLOSE


def test_a_silent_page_is_gone_and_a_stay_without_one_is_not() -> None:
    stay = Stay(T, T, None, by_page=True)
    assert stay.is_live(T + SILENT_AFTER - SECOND)
    assert not stay.is_live(T + SILENT_AFTER)
    assert replace(stay, by_page=False).is_live(T + timedelta(hours=1))
