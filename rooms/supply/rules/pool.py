"""The pool of spare rooms, and which rooms to ask the provider for now. Pure.

The provider sells points by the minute: a room costs three, so a plan of P points a minute makes P / 3 rooms a minute.
Whoever is to open at ten with more rooms than the last hour and a half can make has to begin earlier.
"""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from rooms.supply.rules.demand import AHEAD

#: Points for making one room (https://docs.whereby.com: a write), and the part of the budget that making may use:
#: what cannot wait, such as throwing a stranger out, must find some left.
POINTS_A_ROOM = 3
SHARE = 0.9
#: No room is made longer ahead than that: a plan may change, and what is made would be made in vain.
FARTHEST = timedelta(hours=12)
#: Spare rooms: how long the provider is to keep them, and how long before that they are replaced.
SPARE_LASTS = timedelta(days=7)
SPARE_IS_OLD = timedelta(days=1)
FEWEST_SPARES, MOST_SPARES = 2, 50
#: What a provider that does not answer now is thought to need before it does.
OUTAGE = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Need:
    """A room that a session lacks. `deadline`: when the session opens."""

    session_id: uuid.UUID
    number: int
    deadline: datetime


#: A room that is asked for this moment is not late yet.
_AT_ONCE = timedelta(seconds=20)


def rooms_a_minute(points_per_minute: int) -> float:
    """How many rooms the plan makes a minute, beside what cannot wait."""
    return max(points_per_minute * SHARE / POINTS_A_ROOM, 1.0)


def due_now(needs: Iterable[Need], points_per_minute: int, now: datetime) -> list[Need]:
    """The needs to be asked for now, the most urgent first.

    From the last deadline backwards, each room gets the last moment at which it can be made; it is due AHEAD of that.
    So rooms are made an hour and a half ahead when there is room in the budget, and earlier when there is not.
    """
    step = timedelta(minutes=1 / rooms_a_minute(points_per_minute))
    due = []
    moment: datetime | None = None
    for need in sorted(needs, key=_urgency, reverse=True):
        last = need.deadline if moment is None else min(moment, need.deadline)
        moment = last - step
        if now >= last - AHEAD:
            due.append(need)
    return due[::-1]


def _urgency(need: Need) -> tuple[datetime, uuid.UUID, int]:
    return need.deadline, need.session_id, need.number


@dataclass(frozen=True, slots=True)
class Late:
    """A session that will lack `missing` rooms when it opens; the last of them is there at `complete_at`."""

    session_id: uuid.UUID
    missing: int
    complete_at: datetime


def forecast(needs: Iterable[Need], points_per_minute: int, now: datetime, *, begins: datetime) -> list[Late]:
    """Which sessions cannot be served in time, at the plan's pace, the most urgent first.

    `needs`: every room not made yet, due or not. `begins`: when the provider answers (now, unless it is down).
    """
    step = timedelta(minutes=1 / rooms_a_minute(points_per_minute))
    at = max(now, begins)
    late: dict[uuid.UUID, tuple[int, datetime]] = {}
    for need in sorted(needs, key=_urgency):
        at += step
        if at > max(need.deadline, now + _AT_ONCE):
            missing, _ = late.get(need.session_id, (0, at))
            late[need.session_id] = (missing + 1, at)
    return [Late(session_id, missing, complete_at) for session_id, (missing, complete_at) in late.items()]


def spares_wanted(open_rooms: int, most_in_one_session: int) -> int:
    """How many spare rooms to have: enough to renew any one session, and one for every twenty rooms in use."""
    return min(MOST_SPARES, max(FEWEST_SPARES, most_in_one_session, -(-open_rooms // 20)))


def lasts_until(ends_at: datetime) -> datetime:
    """What a room's `endDate` has to reach for a session that ends at `ends_at`: its goodbyes, and an hour of slack."""
    return ends_at + timedelta(hours=1)
