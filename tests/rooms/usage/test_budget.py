"""What a budget allows, what a month comes to, and when there is something to warn of."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from rooms.usage.rules.budget import LOOK_BACK, Alarm, Budget, Habits, alarm, forecast, lasts_until

minutes = st.integers(0, 10**7)
NOW = datetime(2026, 11, 23, 17, tzinfo=UTC)
WEEK = timedelta(weeks=1)


@pytest.mark.parametrize(
    ("budget", "limit"),
    [
        (Budget(), None),
        (Budget(minutes=900), 900),
        (Budget(kroner=100, kroner_per_minute=Decimal("0.035")), 2857),
        (Budget(minutes=900, kroner=100, kroner_per_minute=Decimal("0.035")), 900),
        (Budget(minutes=9000, kroner=100, kroner_per_minute=Decimal("0.035")), 2857),
        (Budget(kroner_per_minute=Decimal("0.035")), None),
    ],
)
def test_the_smaller_limit_counts(budget: Budget, limit: int | None) -> None:
    assert budget.limit == limit


@given(st.integers(1, 10**6), st.decimals("0.0001", "9999", places=4))
def test_what_a_budget_in_kroner_allows_costs_no_more_than_it(kroner: int, price: Decimal) -> None:
    budget = Budget(kroner=kroner, kroner_per_minute=price)
    assert budget.limit is not None
    assert budget.limit * price <= kroner < (budget.limit + 1) * price


def test_money_is_told_in_ore() -> None:
    assert Budget(kroner_per_minute=Decimal("0.0350")).cost(143) == Decimal("5.01")
    assert Budget(minutes=5).cost(143) is None


@given(minutes, minutes, minutes, minutes, st.integers(0, 31))
def test_a_month_comes_to_no_less_than_it_has_used(used: int, planned: int, past: int, invited: int, days: int) -> None:
    expected = forecast(used, planned=planned, habits=Habits(past, invited), left=timedelta(days=days))
    assert expected >= used
    assert expected <= used + max(planned, past * 2)


@pytest.mark.parametrize(
    ("planned", "habits", "expected"),
    [
        # Half of the invited minutes are used; the pace says 1000 a week.
        (6000, Habits(4000, 8000), 500 + 3000),
        (1000, Habits(4000, 8000), 500 + 1000),
        # Nothing is known but the plan.
        (1000, Habits(0, 0), 1500),
        # Sessions were held, and nobody came.
        (1000, Habits(0, 8000), 500),
        # A quarter of what was used was used in open rooms; they go on as they did.
        (6000, Habits(4000, 6000, drop_in=1000), 500 + 3000 + 250),
        (0, Habits(400, 0, drop_in=400), 500 + 100),
        # More came than were invited.
        (2000, Habits(900, 600), 2500),
    ],
)
def test_the_larger_of_plan_and_pace(planned: int, habits: Habits, expected: int) -> None:
    assert forecast(500, planned=planned, habits=habits, left=WEEK) == expected


def test_a_month_that_is_over_comes_to_what_it_used() -> None:
    assert forecast(700, planned=0, habits=Habits(4000, 8000), left=timedelta()) == 700


@pytest.mark.parametrize(
    ("used", "expected", "limit", "says"),
    [
        (10**9, 10**9, None, None),
        (799, 1000, 1000, None),
        (800, 900, 1000, Alarm.LOW),
        (10, 1001, 1000, Alarm.WILL_NOT_LAST),
        (900, 1001, 1000, Alarm.WILL_NOT_LAST),
        (1000, 1000, 1000, Alarm.USED_UP),
        (0, 0, 0, Alarm.USED_UP),
    ],
)
def test_the_most_pressing_alarm(used: int, expected: int, limit: int | None, says: Alarm | None) -> None:
    assert alarm(used, expected, limit) is says


@given(minutes, minutes, st.integers(1, 10**7), st.integers(0, 31))
def test_it_is_used_up_in_what_is_left_of_the_month(used: int, more: int, limit: int, days: int) -> None:
    left = timedelta(days=days)
    last = lasts_until(used, used + more, limit, NOW, left)
    if alarm(used, used + more, limit) is Alarm.WILL_NOT_LAST:
        assert last is not None
        assert NOW <= last <= NOW + left
    else:
        assert last is None


@given(minutes, minutes, minutes, st.integers(1, 10**6), st.integers(1, 10**6))
def test_a_larger_budget_lasts_no_shorter(used: int, more: int, extra: int, one: int, other: int) -> None:
    assume(one <= other)
    order = [Alarm.USED_UP, Alarm.WILL_NOT_LAST, Alarm.LOW, None]
    assert order.index(alarm(used, used + more, one)) <= order.index(alarm(used, used + more, other))
    days = [lasts_until(used, used + more, limit, NOW, LOOK_BACK) for limit in (one, other)]
    assert None in days or days[0] <= days[1]  # type: ignore[operator]  # neither is None
