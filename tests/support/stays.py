"""Stays of people in sessions, for whoever counts their minutes."""

import uuid
from datetime import datetime

from sqlalchemy import insert, select

from rooms.people.records.persons import Person
from rooms.schedule.records import Session
from rooms.seating.records import Presence, Seat
from tests.support.town import Town


async def was_there(
    town: Town, session: Session, person: Person, begin: datetime, end: datetime | None, **facts: object
) -> None:
    """A stay in a room of its own; open without an end."""
    room = await town.room(session, number=uuid.uuid4().int % 10**6)
    seat_id = await _seat(town, session, person) or (await town.seat(person, room)).id
    async with town.work() as work:
        await work.session.execute(
            insert(Presence).values(
                {
                    "id": uuid.uuid4(),
                    "centre_id": session.centre_id,
                    "seat_id": seat_id,
                    "room_id": room.id,
                    "person_id": person.id,
                    "joined_at": begin,
                    "last_seen_at": end or begin,
                    "left_at": end,
                }
                | facts
            )
        )


async def _seat(town: Town, session: Session, person: Person) -> uuid.UUID | None:
    async with town.work() as work:
        found: uuid.UUID | None = await work.session.scalar(
            select(Seat.id).where(Seat.session_id == session.id, Seat.person_id == person.id)
        )
    return found
