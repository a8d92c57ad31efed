"""Who stands outside a room that is open, for so long that somebody should help them?"""

from datetime import datetime, timedelta

from rooms.schedule.rules.formats import Answer
from rooms.seating.rules.progress import Progress

#: Longer than getting in takes by itself, shorter than most people wait before they give up.
STUCK_AFTER = timedelta(minutes=3)

#: Signs of somebody who tries to come in now. All others may just be late: for them it counts from the start.
AT_THE_DOOR = frozenset({Progress.ASKS, Progress.OPENED, Progress.DROPPED})
_NOT_OUTSIDE = frozenset({Progress.IN, Progress.LEFT})


def is_outside(step: Progress, answer: Answer | None) -> bool:
    """Whether somebody is still to come. Whoever left, or said that they cannot come, is not."""
    return step not in _NOT_OUTSIDE and answer is not Answer.ABSENT


def stuck_since(
    step: Progress, since: datetime | None, answer: Answer | None, *, opens_at: datetime, starts_at: datetime
) -> datetime | None:
    """From when a person's minutes outside count; None for whoever is in, left, cannot come or is on the way in.

    `since`: when they came to this step. It counts from no earlier than the doors, or, without a sign of them at the
    door, than the start.
    """
    if not is_outside(step, answer) or step is Progress.ON_THE_WAY:
        return None
    could_be_in = opens_at if step in AT_THE_DOOR else starts_at
    return max(since or could_be_in, could_be_in)


def is_stuck(since: datetime | None, now: datetime, *, is_open: bool) -> bool:
    """Whether to help them now. `since`: of `stuck_since`. `is_open`: the session lets people in."""
    return is_open and since is not None and now - since >= STUCK_AFTER
