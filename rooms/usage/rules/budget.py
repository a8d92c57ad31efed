"""A month's budget: what it allows, what a month will come to, and when to warn. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

#: From this share of the budget on, coordinators are warned whatever the forecast says.
WARN_AT = Decimal("0.8")
#: The forecast looks back so far: whole weeks, so that each day of the week counts alike.
LOOK_BACK = timedelta(weeks=4)
_ORE = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Budget:
    """What a centre may use a calendar month, in participant minutes, in kroner (then with a price), or in both."""

    minutes: int | None = None
    kroner: int | None = None
    kroner_per_minute: Decimal | None = None

    @property
    def limit(self) -> int | None:
        """How many minutes it allows: the smaller number where both are set. None without a budget."""
        limits = [] if self.minutes is None else [self.minutes]
        if self.kroner is not None and self.kroner_per_minute:
            limits.append(int(self.kroner / self.kroner_per_minute))
        return min(limits, default=None)

    def cost(self, minutes: int) -> Decimal | None:
        """Kroner and øre. None without a price."""
        if self.kroner_per_minute is None:
            return None
        return (minutes * self.kroner_per_minute).quantize(_ORE, ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class Habits:
    """Of the last four weeks: minutes used, and those of them in open rooms, to which one comes as one likes.

    `invited`: minutes of all other sessions, had all the invited been there from beginning to end.
    """

    used: int
    invited: int
    drop_in: int = 0

    @property
    def share(self) -> float:
        """What part of the invited minutes is usually used: at most all, and all where nothing is known."""
        return min(1.0, (self.used - self.drop_in) / self.invited) if self.invited else 1.0


def forecast(used: int, *, planned: int, habits: Habits, left: timedelta) -> int:
    """How many minutes a month will come to, of which `used` are used and `left` is left.

    `planned`: the invited minutes of its sessions to come, open rooms left out. The larger of two guesses: the plan at
    the usual turn-out, beside open rooms at their pace; and the pace of the last four weeks for all. The plan alone is
    too low while later weeks are not planned yet, the pace alone while a large gathering is still to come. Too high
    costs a mail; too low costs the month's last sessions.
    """
    weeks = left / LOOK_BACK
    by_plan = planned * habits.share + habits.drop_in * weeks
    by_pace = habits.used * weeks
    return used + round(max(by_plan, by_pace))


class Alarm(StrEnum):
    """How a month stands to its budget. Nothing is ever stopped by it."""

    #: 80 % are used.
    LOW = "low"
    #: The forecast says that it will not last.
    WILL_NOT_LAST = "will_not_last"
    USED_UP = "used_up"


def alarm(used: int, expected: int, limit: int | None) -> Alarm | None:
    """What there is to warn of; the most pressing."""
    if limit is None:
        return None
    if used >= limit:
        return Alarm.USED_UP
    if expected > limit:
        return Alarm.WILL_NOT_LAST
    return Alarm.LOW if used >= limit * WARN_AT else None


def lasts_until(used: int, expected: int, limit: int | None, now: datetime, left: timedelta) -> datetime | None:
    """When the budget will be used up, if use goes on evenly. None when it lasts, or is used up already."""
    if limit is None or not used < limit < expected:
        return None
    return now + left * ((limit - used) / (expected - used))
