"""When to ask for which room, who will be late, and how many spare ones to keep."""

import uuid
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from rooms.supply.rules.demand import AHEAD
from rooms.supply.rules.pool import (
    FEWEST_SPARES,
    MOST_SPARES,
    OUTAGE,
    Need,
    due_now,
    forecast,
    rooms_a_minute,
    spares_wanted,
)

NOW = datetime(2026, 11, 23, 7, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
points = st.sampled_from([100, 1000])


@st.composite
def demands(draw: st.DrawFn) -> list[Need]:
    """Up to forty sessions of the next ten hours, with up to ten rooms each."""
    return [
        Need(uuid.UUID(int=session), number, NOW + minutes * MINUTE)
        for session, (minutes, rooms) in enumerate(
            draw(st.lists(st.tuples(st.integers(0, 600), st.integers(1, 10)), max_size=40))
        )
        for number in range(1, rooms + 1)
    ]


def in_bulk(rooms: int, opens_in: timedelta) -> list[Need]:
    """Sessions of three rooms each that all open at the same moment."""
    return [Need(uuid.UUID(int=number // 3), number % 3, NOW + opens_in) for number in range(rooms)]


@given(needs=demands(), plan=points)
def test_the_most_urgent_are_due_first_and_none_that_could_wait_before_one_that_could_not(
    needs: list[Need], plan: int
) -> None:
    due = due_now(needs, plan, NOW)
    assert [need.deadline for need in due] == sorted(need.deadline for need in due)
    waiting = set(needs) - set(due)
    assert all(need.deadline > NOW + AHEAD for need in waiting)
    assert not due or all(need.deadline >= due[-1].deadline for need in waiting)


@given(needs=demands(), plan=points)
def test_whoever_begins_when_rooms_are_due_is_late_only_where_nobody_could_be_in_time(
    needs: list[Need], plan: int
) -> None:
    """Made at the plan's pace from the moment they are due, rooms are ready unless they came too late to be made."""
    missing = sum(late.missing for late in forecast(needs, plan, NOW, begins=NOW))
    step = MINUTE / rooms_a_minute(plan)
    at, left, late = NOW, list(needs), 0
    while left:
        due = due_now(left, plan, at)
        if not due:
            at = min(max(at + MINUTE, at), NOW + timedelta(days=2))
            continue
        at += step
        left.remove(due[0])
        late += at > max(due[0].deadline, NOW + timedelta(seconds=20))
    assert late <= missing


@given(needs=demands(), plan=points, minutes=st.integers(0, 60))
def test_the_forecast_is_true_at_the_plans_pace(needs: list[Need], plan: int, minutes: int) -> None:
    begins = NOW + minutes * MINUTE
    late = {one.session_id: one for one in forecast(needs, plan, NOW, begins=begins)}
    pace = rooms_a_minute(plan)
    for place, need in enumerate(sorted(needs, key=lambda each: (each.deadline, each.session_id, each.number)), 1):
        there = begins + MINUTE * (place / pace)
        if there > max(need.deadline, NOW + timedelta(seconds=21)):
            assert need.session_id in late
            assert late[need.session_id].complete_at >= there - timedelta(milliseconds=place)
    assert sum(one.missing for one in late.values()) <= len(needs)


def test_seven_thousand_rooms_at_ten_are_begun_in_time() -> None:
    """At 1000 points a minute 7000 rooms take 24 minutes, so they are begun 114 minutes ahead."""

    def begun(ahead: timedelta, plan: int) -> bool:
        return bool(due_now(in_bulk(7000, ahead), plan, NOW))

    assert not begun(AHEAD + 25 * MINUTE, 1000)
    assert begun(AHEAD + 23 * MINUTE, 1000)
    assert begun(AHEAD + 230 * MINUTE, 100)
    assert forecast(in_bulk(7000, AHEAD), 1000, NOW, begins=NOW) == []


def test_a_small_plan_says_hours_before_whom_it_cannot_serve() -> None:
    late = forecast(in_bulk(7000, timedelta(hours=3)), 100, NOW, begins=NOW)
    served = 7000 - sum(one.missing for one in late)
    assert served == 180 * rooms_a_minute(100)
    assert max(one.complete_at for one in late) == NOW + MINUTE * (7000 / rooms_a_minute(100))


def test_a_provider_that_is_down_makes_the_next_sessions_late() -> None:
    needs = in_bulk(3, 20 * MINUTE)
    assert forecast(needs, 1000, NOW, begins=NOW) == []
    (late,) = forecast(needs, 1000, NOW, begins=NOW + OUTAGE)
    assert late.missing == 3


@given(open_rooms=st.integers(0, 5000), most=st.integers(0, 12))
def test_spare_rooms_renew_any_one_session(open_rooms: int, most: int) -> None:
    spares = spares_wanted(open_rooms, most)
    assert max(FEWEST_SPARES, most) <= spares <= MOST_SPARES
    assert spares >= min(MOST_SPARES, open_rooms / 20)
