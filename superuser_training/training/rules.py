"""Who took part in a training session."""

from collections.abc import Iterable
from datetime import datetime, timedelta

#: How much of a session somebody has to be there for, as a part of it.
ENOUGH = 0.5


def took_part(stays: Iterable[tuple[datetime, datetime]], begins: datetime, ends: datetime) -> bool:
    """Whether these stays in the rooms of a session add up to enough of it. Stays that overlap count once."""
    there, until = timedelta(), begins
    for joined, left in sorted(stays):
        start, end = max(joined, until), min(left, ends)
        if end > start:
            there += end - start
            until = end
    return ends > begins and there >= (ends - begins) * ENOUGH
