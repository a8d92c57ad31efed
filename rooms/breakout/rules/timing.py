"""When rounds begin and end. Pure: where a breakout stands follows from stored times, so that no timer has to fire.

Coordinators stop and go on in two steps: the first gives everybody a minute's notice, the second is at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from rooms.seating.rules.seat import NOTICE


class BreakoutState(StrEnum):
    """draft → open (between rounds) → running → closing (the last minute of a round) → … → closed."""

    DRAFT = "draft"
    OPEN = "open"
    RUNNING = "running"
    CLOSING = "closing"
    CLOSED = "closed"

    @property
    def in_groups(self) -> bool:
        """Whether people sit in their groups."""
        return self in {BreakoutState.RUNNING, BreakoutState.CLOSING}

    @property
    def is_open(self) -> bool:
        """Whether it has begun and is not over."""
        return self in {BreakoutState.OPEN, BreakoutState.RUNNING, BreakoutState.CLOSING}


@dataclass(frozen=True, slots=True)
class Span:
    """One round from its beginning to its end; `number` counts from 1."""

    number: int
    starts_at: datetime
    ends_at: datetime


def spans(
    begins: datetime, *, rounds: int, length: timedelta, pause: timedelta, until: datetime | None = None
) -> list[Span]:
    """The rounds one after the other. None of them goes on after `until`: a later one is left out, the last cut."""
    found = []
    for number in range(1, rounds + 1):
        found.append(Span(number, begins, begins + length))
        begins += length + pause
    return _within(found, until)


def state_of(planned: Sequence[Span], now: datetime, *, opened: bool, closed: bool = False) -> BreakoutState:
    """Where a breakout stands. One whose rounds are all over is closed, whether or not anybody wrote it down."""
    if closed or (opened and all(span.ends_at <= now for span in planned)):
        return BreakoutState.CLOSED
    if not opened:
        return BreakoutState.DRAFT
    span = running(planned, now)
    if span is None:
        return BreakoutState.OPEN
    return BreakoutState.CLOSING if now >= span.ends_at - NOTICE else BreakoutState.RUNNING


def running(planned: Sequence[Span], now: datetime) -> Span | None:
    """The round that is on."""
    return next((span for span in planned if span.starts_at <= now < span.ends_at), None)


def coming(planned: Sequence[Span], now: datetime) -> list[Span]:
    """The rounds that have not begun."""
    return [span for span in planned if span.starts_at > now]


def extended(planned: Sequence[Span], now: datetime, by: timedelta, until: datetime | None = None) -> list[Span]:
    """The round that is on (or, between two, the pause) lasts longer or shorter; what follows moves along.

    Made shorter, a round still leaves a minute's notice. Nothing goes on after `until`.
    """
    span = running(planned, now)
    if span is None:
        return _within([_moved(one, by) if one.starts_at > now else one for one in planned], until)
    end = max(span.ends_at + by, min(span.ends_at, now + NOTICE))
    shift = end - span.ends_at
    moved = [
        replace(one, ends_at=end) if one == span else _moved(one, shift) if one.starts_at > now else one
        for one in planned
    ]
    return _within(moved, until)


def stopped(planned: Sequence[Span], now: datetime) -> list[Span]:
    """Everybody goes back: in a minute, or at once if they have had their notice. No round follows."""
    span = running(planned, now)
    past = [one for one in planned if one.ends_at <= now]
    return past if span is None else [*past, replace(span, ends_at=_soon(span, now))]


def skipped(planned: Sequence[Span], now: datetime) -> list[Span]:
    """On to the next round: in a minute, or at once if people have had their notice or are between two rounds.

    The rounds to come keep their lengths and the pauses between them. After the last one there is nothing: `stopped`.
    """
    following = coming(planned, now)
    if not following:
        return stopped(planned, now)
    span = running(planned, now)
    begins = now if span is None else _soon(span, now)
    shift = begins - following[0].starts_at
    return [
        *(one for one in planned if one.ends_at <= now),
        *([replace(span, ends_at=begins)] if span is not None else []),
        *(_moved(one, shift) for one in following),
    ]


def _soon(span: Span, now: datetime) -> datetime:
    return now if now >= span.ends_at - NOTICE else now + NOTICE


def _moved(span: Span, by: timedelta) -> Span:
    return replace(span, starts_at=span.starts_at + by, ends_at=span.ends_at + by)


def _within(planned: Sequence[Span], until: datetime | None) -> list[Span]:
    if until is None:
        return list(planned)
    return [replace(span, ends_at=min(span.ends_at, until)) for span in planned if span.starts_at < until]
