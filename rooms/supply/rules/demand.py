"""How many rooms of which size a session needs, from when, and until when. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from rooms.schedule.rules.formats import Format
from rooms.supply.rules.room_life import Size

#: People in a small room. A sixth fits where the provider lets it, but nobody plans for it.
MOST_IN_SMALL = 5
MOST_IN_XL = 50
_SMALL_ROOMS = frozenset({Format.PRACTICE, Format.ONE_TO_ONE, Format.WORKGROUP})
#: A room is made so long before its session opens: time for an hour's trouble at the provider, and few rooms idle.
AHEAD = timedelta(minutes=90)
#: So long after a session's end its rooms may still be used for goodbyes.
GRACE = timedelta(minutes=15)
#: The provider may drop a room after its `endDate`; by then the session is over for sure.
SLACK = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class SessionNeed:
    """What decides a session's rooms. Times are aware."""

    format: Format
    invited: int
    opens_at: datetime
    ends_at: datetime


def rooms_needed(need: SessionNeed) -> Sequence[Size]:
    """The sizes of a session's rooms: a small one for five people of a practice, an XL for fifty of a gathering."""
    size, most = (Size.SMALL, MOST_IN_SMALL) if need.format in _SMALL_ROOMS else (Size.XL, MOST_IN_XL)
    return [size] * max(1, -(-need.invited // most))


def may_hold_five(size: Size, need: SessionNeed) -> bool:
    """Whether a fifth person may come, whom the provider's `normal` rooms would shut out.

    Not to a small room of two or three people: there is even a place for a helper.
    """
    return size is Size.XL or need.format is not Format.ONE_TO_ONE or need.invited > 3


def wanted_from(need: SessionNeed) -> datetime:
    """When the session's rooms should be made."""
    return need.opens_at - AHEAD


def provider_end(ends_at: datetime) -> datetime:
    """The `endDate` to ask for, for a session that ends at `ends_at`."""
    return ends_at + SLACK
