"""What would help when a session's rooms cannot all be ready in time. Pure."""

from datetime import datetime
from enum import StrEnum

from rooms.schedule.rules.formats import Format
from rooms.supply.rules.demand import SMALL_ROOMS

#: Points a minute of the provider's larger plans (https://docs.whereby.com: rate limiting).
LARGER_PLAN = 1000


class Remedy(StrEnum):
    """Something that a coordinator, or whoever pays for the service, can do."""

    #: As a gathering, for one: fifty people share a room.
    LARGER_ROOMS = "larger_rooms"
    #: Plan fewer group conversations at a time.
    FEWER_ROOMS = "fewer_rooms"
    #: Begin when the rooms are there.
    LATER = "later"
    LARGER_PLAN = "larger_plan"


def remedies(
    kind: Format, *, needed: int, breakout_rooms: int, opens_at: datetime, complete_at: datetime, points_per_minute: int
) -> list[Remedy]:
    """What would help, the easiest first."""
    found = []
    if breakout_rooms:
        found.append(Remedy.FEWER_ROOMS)
    if kind in SMALL_ROOMS and needed > 1:
        found.append(Remedy.LARGER_ROOMS)
    if complete_at > opens_at:
        found.append(Remedy.LATER)
    if points_per_minute < LARGER_PLAN:
        found.append(Remedy.LARGER_PLAN)
    return found
