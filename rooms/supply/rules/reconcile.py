"""The provider's list against ours: what is there that nobody knows, and what is gone that people count on. Pure."""

import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from rooms.supply.rules.room_life import RoomState
from rooms.whereby.protocol import belongs_to, prefix_of

OPEN = frozenset({RoomState.READY, RoomState.IN_USE})


@dataclass(frozen=True, slots=True)
class Listed:
    """A room in the provider's list."""

    meeting_id: str
    room_name: str


@dataclass(frozen=True, slots=True)
class Known:
    """A room in ours. `since`: when its state was last changed."""

    id: uuid.UUID
    prefix: str
    meeting_id: str | None
    state: RoomState
    since: datetime
    is_spare: bool = False


@dataclass(frozen=True, slots=True)
class Differences:
    """`orphans`: meeting ids at the provider that no room of ours has. `lost`: open rooms of ours that it has not."""

    orphans: Sequence[str]
    lost: Sequence[Known]


def compare(listed: Collection[Listed], known: Iterable[Known], installation: str, began: datetime) -> Differences:
    """What differs between the provider's list, read from `began` on, and our rooms, read after it.

    A room of ours is known before the provider is asked for it, so one that is only in the list is nobody's; it counts
    as an orphan only if its name carries this installation's prefix. What changed while the list was read says nothing.
    """
    ours = {room.prefix: room for room in known}
    orphans = [one.meeting_id for one in listed if belongs_to(installation, one.room_name) and _is_orphan(one, ours)]
    there = {one.meeting_id for one in listed}
    lost = [
        room for room in ours.values() if room.state in OPEN and room.since < began and room.meeting_id not in there
    ]
    return Differences(orphans, lost)


def _is_orphan(one: Listed, ours: dict[str, Known]) -> bool:
    room = ours.get(prefix_of(one.room_name) or "")
    if room is None or room.state is RoomState.GONE:
        return True
    # The same prefix twice: an answer was lost, and the room made again.
    return room.meeting_id is not None and room.meeting_id != one.meeting_id
