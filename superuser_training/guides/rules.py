"""The guide log: what can be written down about somebody on the way to being a guide, and after."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

#: Of the agreement and pledge that is signed (`mine.html`). A changed text gets a new number.
PLEDGE_VERSION = "1"
#: How long "on duty" holds: whoever forgets to go off is not called in the night.
DUTY_FOR = timedelta(hours=3)


class LogKind(StrEnum):
    """What happened."""

    PLEDGED = "pledged"
    MODULE_PASSED = "module_passed"
    EXERCISE_DONE = "exercise_done"
    GROUP_TRAINING = "group_training"
    ONE_TO_ONE_TRAINING = "one_to_one_training"
    GUIDING_OBSERVED = "guiding_observed"
    REVOKED = "revoked"
    PAUSED = "paused"
    RESUMED = "resumed"
    THANKED = "thanked"


@dataclass(frozen=True, slots=True)
class Logged:
    """One line of the log. `subject`: the module, or the module and the exercise's number (`devices/1`, from 1)."""

    kind: LogKind
    at: datetime
    subject: str = ""


def is_paused(history: Iterable[Logged], now: datetime) -> bool:
    """Whether a guide takes a break: their last word about it. Of two at one moment the break holds."""
    words = [
        (one.at, one.kind is LogKind.PAUSED)
        for one in history
        if one.kind in {LogKind.PAUSED, LogKind.RESUMED} and one.at <= now
    ]
    return bool(words) and max(words)[1]


def has_pledged(history: Iterable[Logged]) -> bool:
    """Whether the pledge was signed since the certificate was last taken back, if it was."""
    lines = list(history)
    revoked_at = max((one.at for one in lines if one.kind is LogKind.REVOKED), default=None)
    return any(one.kind is LogKind.PLEDGED and (revoked_at is None or one.at > revoked_at) for one in lines)


@dataclass(frozen=True, slots=True)
class Span:
    """Hours of one weekday (1 Monday to 7 Sunday), by the clock on the wall: from `starts` until before `ends`."""

    weekday: int
    starts: time
    ends: time

    def __str__(self) -> str:
        return f"{self.weekday} {self.starts:%H:%M}-{self.ends:%H:%M}"

    @classmethod
    def read(cls, text: str) -> "Span":
        """What `str` wrote. Raises ValueError for anything else, and for hours that do not end after they start."""
        weekday, _space, hours = text.partition(" ")
        starts, _dash, ends = hours.partition("-")
        span = cls(int(weekday), time.fromisoformat(starts), time.fromisoformat(ends))
        if not 1 <= span.weekday <= 7 or span.starts >= span.ends:
            raise ValueError("no hours of a weekday")
        return span


@dataclass(frozen=True, slots=True)
class Hours:
    """When a guide can be asked. `away`: the first and the last day of an absence. `on_duty_until`: says so by hand."""

    weekly: tuple[Span, ...] = ()
    away: tuple[date, date] | None = None
    on_duty_until: datetime | None = None

    def at(self, moment: datetime, zone: ZoneInfo) -> bool:
        """Whether the guide can be asked at this moment. `zone` is the centre's: 18:00 stays 18:00 over summer time.

        Whoever says that they are on duty is, whatever their plan says.
        """
        if self.on_duty_until is not None and moment < self.on_duty_until:
            return True
        local = moment.astimezone(zone)
        if self.away is not None and self.away[0] <= local.date() <= self.away[1]:
            return False
        return any(
            span.weekday == local.isoweekday() and span.starts <= local.time() < span.ends for span in self.weekly
        )
