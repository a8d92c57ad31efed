"""Which room does somebody who arrives go to? Nobody sits alone where it can be avoided."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from rooms.supply.rules.room_life import Size

#: Somebody who was just given a place counts as there while their browser is on its way.
ON_THE_WAY = timedelta(minutes=2)

#: Rooms fill up to four first; the fifth place is good, the sixth only better than sitting alone.
COMFORTABLE, GOOD = 4, 5
PLACES = {Size.SMALL: 6, Size.XL: 50}


@dataclass(frozen=True, slots=True)
class RoomNow:
    """A room that can be entered, and who counts as there."""

    id: uuid.UUID
    number: int
    size: Size
    people: int
    guides: int
    #: How many the provider says it lets in; None when it does not say.
    capacity: int | None = None

    @property
    def has_place(self) -> bool:
        """Whether one more fits in."""
        places = PLACES[self.size]
        return self.people < (places if self.capacity is None else min(places, self.capacity))


def choose_room(rooms: Sequence[RoomNow], *, is_guide: bool, own: uuid.UUID | None = None) -> RoomNow | None:
    """The room for one more person, or None when all are full. `rooms` do not count this person.

    Where there is an XL room everybody arrives there: the small ones are for its group conversations.

    Whoever comes back goes to their `own` room, unless only another one has company for them. A guide goes where people
    sit without a guide. Else, and for everybody else: the room with most people below four, then below five, then one
    with its last place free, and only then an empty one. An XL room fills as it comes.
    """
    free = [room for room in rooms if room.has_place]
    if back := [room for room in free if room.id == own and room.people]:
        return back[0]
    if any(room.size is Size.XL for room in rooms):
        free = [room for room in free if room.size is Size.XL]
    if is_guide:
        without = [room for room in free if room.people and not room.guides]
        if without:
            return min(without, key=_order)
    return min(free, key=lambda room: (*_order(room)[:2], room.id != own, room.number), default=None)


def _order(room: RoomNow) -> tuple[int, int, int]:
    if room.people == 0:
        group = 3
    elif room.size is Size.XL or room.people < COMFORTABLE:
        group = 0
    else:
        group = 1 if room.people < GOOD else 2
    return group, -room.people, room.number
