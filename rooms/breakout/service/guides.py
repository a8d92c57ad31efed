"""What a guide sees of their own group."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from rooms.people.records.persons import Person
from rooms.seating.records import GroupSeat
from rooms.seating.service.presence import whereabouts
from rooms.store.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Companion:
    """Somebody in the group: first names and levels are all that a guide needs."""

    name: str
    level: int | None
    is_guide: bool
    is_there: bool
    hand_at: datetime | None


async def own_group(work: UnitOfWork, group_id: uuid.UUID, session_id: uuid.UUID, now: datetime) -> list[Companion]:
    """Who sits in a group: hands that are up first, in the order in which they went up."""
    rows = await work.session.execute(
        select(Person, GroupSeat)
        .join(GroupSeat, GroupSeat.person_id == Person.id)
        .where(GroupSeat.group_id == group_id)
    )
    here = (await whereabouts(work, [session_id], now))[session_id]
    found = [
        Companion(
            name=person.name.split(maxsplit=1)[0],
            level=person.norwegian_level,
            is_guide=person.is_guide,
            is_there=person.id in here and here[person.id].is_there,
            hand_at=seat.hand_at,
        )
        for person, seat in rows
    ]
    last = datetime.max.replace(tzinfo=now.tzinfo)
    return sorted(found, key=lambda one: (one.hand_at or last, not one.is_guide, one.name))
