"""Who is in a room? The page, the room's own messages to the page, and the provider's webhooks each say so.

A page that speaks is believed: it knows its own room. The provider's word counts where no page speaks (a browser that
lost us but not the room), and its events may come late, twice and in any order.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

#: A page tells every twenty seconds that it is there; after three that did not come it is taken for gone.
SILENT_AFTER = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Stay:
    """A stay of a person in a room, as stored. `by_page`: a page is its witness, not only the provider."""

    joined_at: datetime
    last_seen_at: datetime
    left_at: datetime | None
    by_page: bool

    def is_live(self, now: datetime) -> bool:
        """Whether the person is there. A stay that only the provider saw lasts until it says otherwise."""
        return self.left_at is None and (not self.by_page or self.last_seen_at > now - SILENT_AFTER)


class Step(StrEnum):
    """What a provider's event does to the stays of one seat in one room."""

    OPEN = "open"
    #: Seen there at that moment.
    TOUCH = "touch"
    CLOSE = "close"
    #: The person left before we heard that they came: remembered, so that the late "joined" changes nothing.
    REMEMBER = "remember"
    NOTHING = "nothing"


def after_joined(stays: Sequence[Stay], at: datetime) -> Step:
    """For `room.client.joined` of the moment `at`."""
    if any(stay.left_at is None for stay in stays):
        return Step.TOUCH
    return Step.NOTHING if any(stay.left_at is not None and stay.left_at >= at for stay in stays) else Step.OPEN


def after_left(stays: Sequence[Stay], at: datetime) -> Step:
    """For `room.client.left` of the moment `at`. Whoever was seen later has come back meanwhile."""
    open_stay = next((stay for stay in stays if stay.left_at is None), None)
    if open_stay is None:
        return Step.NOTHING if any(stay.left_at is not None and stay.left_at >= at for stay in stays) else Step.REMEMBER
    return Step.NOTHING if open_stay.last_seen_at > at else Step.CLOSE
