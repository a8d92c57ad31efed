"""Who is in a room? The page, the room's own messages to the page, and the provider's webhooks each say so.

A page that speaks is believed: it knows its own room. The provider's word counts where no page speaks (a browser that
lost us but not the room), and its events may come late, twice and in any order.
"""

import uuid
from collections import defaultdict
from collections.abc import Collection, Sequence
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


def after_joined(stays: Sequence[Stay], at: datetime, *, is_inside: bool = False) -> Step:
    """For `room.client.joined` of the moment `at`.

    `is_inside`: that browser, or another one of the person, has said no goodbye: a stay that ended later was another's.
    """
    if any(stay.left_at is None for stay in stays):
        return Step.TOUCH
    if is_inside:
        return Step.OPEN
    return Step.NOTHING if any(stay.left_at is not None and stay.left_at >= at for stay in stays) else Step.OPEN


def after_left(stays: Sequence[Stay], at: datetime, *, others_inside: bool = False) -> Step:
    """For `room.client.left` of the moment `at`. Whoever was seen later has come back meanwhile.

    `others_inside`: another browser of the same person is still in the room, as after a page was loaded anew.
    """
    open_stay = next((stay for stay in stays if stay.left_at is None), None)
    if others_inside:
        return Step.NOTHING
    if open_stay is None:
        return Step.NOTHING if any(stay.left_at is not None and stay.left_at >= at for stay in stays) else Step.REMEMBER
    return Step.NOTHING if open_stay.last_seen_at > at else Step.CLOSE


@dataclass(frozen=True, slots=True)
class Client:
    """A browser in a room, as the provider told of it; `seat_id` is whose it is, if it is known.

    Of each kind of event the latest counts, so that order and repeats change nothing.
    """

    id: uuid.UUID
    seat_id: uuid.UUID | None
    joined_at: datetime | None = None
    left_at: datetime | None = None

    @property
    def is_inside(self) -> bool:
        """Whether it has come, and not gone since."""
        return self.joined_at is not None and (self.left_at is None or self.left_at < self.joined_at)

    def was_inside(self, at: datetime) -> bool:
        """Whether it was there right after the moment `at`, as far as is known by now."""
        if self.joined_at is None or self.joined_at > at:
            return False
        return self.is_inside or (self.left_at is not None and self.left_at > at)


def unheard_goodbyes(
    clients: Collection[Client], told: int, at: datetime, *, leaver: uuid.UUID | None = None
) -> list[Client]:
    """Who must have gone without a goodbye: the provider `told` how many were in the room at the moment `at`.

    First older browsers of a person who has a newer one there, or whose newer one has just left (`leaver`: their seat).
    Then, where at most one can be left, all but whoever came last. Else nobody: there is no telling who it was.
    """
    there = sorted(
        (client for client in clients if client.was_inside(at)),
        key=lambda client: (client.joined_at or at, client.id),
    )
    too_many = max(0, len(there) - told)
    by_seat: defaultdict[uuid.UUID, list[Client]] = defaultdict(list)
    for client in there:
        if client.seat_id is not None:
            by_seat[client.seat_id].append(client)
    doubled = [
        client
        for client in there
        if client.seat_id is not None and (client.seat_id == leaver or client is not by_seat[client.seat_id][-1])
    ]
    gone = doubled[:too_many]
    if told <= 1:
        gone += [client for client in there if client not in gone][: too_many - len(gone)]
    return [client for client in gone if client.is_inside]
