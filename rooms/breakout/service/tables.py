"""Where participants choose their group: the tables, and how many sit at each."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from rooms.breakout.rules.modes import Mode
from rooms.breakout.service.whole import NoBreakout, read
from rooms.seating.rules.arrival import PLACES
from rooms.store.unit_of_work import UnitOfWork
from rooms.supply.rules.room_life import Size


@dataclass(frozen=True, slots=True)
class Table:
    """A table that one can walk to. `mine`: where the person sits."""

    number: int
    name: str | None
    people: int
    most: int
    mine: bool

    @property
    def is_full(self) -> bool:
        """Whether nobody more can sit down."""
        return self.people >= self.most


async def tables(work: UnitOfWork, session_id: uuid.UUID, person_id: uuid.UUID, now: datetime) -> Sequence[Table]:
    """The tables of the round that is on; none where groups are made for people."""
    try:
        whole = await read(work, session_id)
    except NoBreakout:
        return ()
    one = whole.round_on(now)
    if one is None or whole.breakout.mode is not Mode.FREE:
        return ()
    seats = whole.seats[one.id]
    return [
        Table(
            number=group.number,
            name=group.name,
            people=sum(seat.group_id == group.id for seat in seats.values()),
            most=min(group.most or PLACES[Size.SMALL], PLACES[Size.SMALL]),
            mine=person_id in seats and seats[person_id].group_id == group.id,
        )
        for group in whole.groups[one.id]
        if group.room_id is not None
    ]
