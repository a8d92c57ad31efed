"""How many rooms of which size a session needs, from when, and until when. Pure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from rooms.schedule.rules.formats import Format
from rooms.supply.rules.room_life import Size

#: People in a small room. A sixth fits where the provider lets it, but nobody plans for it.
MOST_IN_SMALL = 5
MOST_IN_XL = 50
#: Formats whose people talk in small rooms from the first minute.
SMALL_ROOMS = frozenset({Format.PRACTICE, Format.ONE_TO_ONE, Format.WORKGROUP})
#: A room is made so long before its session opens: time for an hour's trouble at the provider, and few rooms idle.
AHEAD = timedelta(minutes=90)
#: So long after a session's end its rooms may still be used for goodbyes.
GRACE = timedelta(minutes=15)
#: The provider may drop a room after its `endDate`; by then the session is over for sure.
SLACK = timedelta(hours=2)
#: Fewer earlier sessions say nothing about the next one.
_ENOUGH_SESSIONS = 3


@dataclass(frozen=True, slots=True)
class Crowd:
    """What is known of how many come: those seated now, and the share of the invited who usually do."""

    seated: int = 0
    turnout: float = 1.0


@dataclass(frozen=True, slots=True)
class SessionNeed:
    """What decides a session's rooms. Times are aware.

    `turnout`: the share of the invited who usually come. `seated`: those who have come already. `breakout_rooms`: small
    rooms for its group conversations. `is_drop_in`: a day of a standing room, to which few come at a time.
    """

    format: Format
    invited: int
    opens_at: datetime
    ends_at: datetime
    turnout: float = 1.0
    seated: int = 0
    breakout_rooms: int = 0
    is_drop_in: bool = False

    @property
    def expected(self) -> int:
        """For how many people rooms are made: as many as usual, and always for one more than have come."""
        usual = min(self.invited, MOST_IN_SMALL) if self.is_drop_in else math.ceil(self.invited * self.turnout)
        return min(self.invited, max(usual, self.seated + 1))


def rooms_needed(need: SessionNeed) -> Sequence[Size]:
    """The sizes of a session's rooms: a small one for five people of a practice, an XL for fifty of a gathering.

    Small ones for group conversations come after the XL rooms, so that room 1 is where everybody arrives.
    """
    if need.format in SMALL_ROOMS:
        return [Size.SMALL] * max(1, -(-need.expected // MOST_IN_SMALL))
    return [Size.XL] * max(1, -(-need.expected // MOST_IN_XL)) + [Size.SMALL] * need.breakout_rooms


def usual_turnout(earlier: Sequence[tuple[int, int]]) -> float:
    """The share of the invited that a session like those `earlier` ones, (invited, came) each, should be ready for.

    The best attended of them counts: a room too many costs three points, a room too few shuts people out.
    """
    shares = [min(1.0, came / invited) for invited, came in earlier if invited]
    return max(shares) if len(shares) >= _ENOUGH_SESSIONS else 1.0


def provider_end(ends_at: datetime) -> datetime:
    """The `endDate` to ask for, for a session that ends at `ends_at`."""
    return ends_at + SLACK
