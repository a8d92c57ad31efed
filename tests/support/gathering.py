"""A gathering under way: a big room with people in it, and small rooms that stand ready."""

import uuid
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from rooms.breakout.service.plans import Agenda, save_agenda
from rooms.breakout.service.rounds import Opening, open_breakout
from rooms.breakout.service.whole import Whole, read
from rooms.people.records.persons import Person
from rooms.schedule.records import Session
from rooms.schedule.rules.formats import Format
from rooms.seating.records import Seat
from rooms.seating.service.by_clock import room_of
from rooms.supply.records import Room
from rooms.supply.rules.room_life import Size
from tests.support.town import Town

MINUTE = timedelta(minutes=1)


@dataclass
class Gathering:
    """What the tests of breakouts look at."""

    town: Town
    session: Session
    people: list[Person]
    big: Room
    small: list[Room]

    @property
    def keys(self) -> dict[str, str]:
        return self.town.settings.key_ring

    async def plan(self, now: datetime, **agenda: Any) -> None:
        """Plan a breakout into the session."""
        async with self.town.work() as work:
            await save_agenda(work, self.session.id, Agenda(**agenda), version=None, now=now)

    async def open(self, now: datetime) -> Opening:
        """Press *start*."""
        async with self.town.work() as work:
            return await open_breakout(work, self.session.id, keys=self.keys, actor_id=None, now=now)

    async def whole(self) -> Whole:
        """The breakout as it is stored."""
        async with self.town.work() as work:
            return await read(work, self.session.id)

    async def rooms_at(self, now: datetime) -> dict[uuid.UUID, uuid.UUID | None]:
        """Where each person's seat is at a moment."""
        async with self.town.work() as work:
            seats = await work.session.scalars(select(Seat).where(Seat.session_id == self.session.id))
            return {seat.person_id: await room_of(work, seat, now) for seat in seats.all()}

    async def groups_at(self, now: datetime) -> dict[uuid.UUID, set[uuid.UUID]]:
        """Who is in each small room at a moment."""
        found: dict[uuid.UUID, set[uuid.UUID]] = {}
        for person, room in (await self.rooms_at(now)).items():
            if room is not None and room != self.big.id:
                found.setdefault(room, set()).add(person)
        return found

    async def comes(self, person: Person) -> Seat:
        """Somebody sits in the big room, and is seen there."""
        seat = await self.town.seat(person, self.big)
        await self.town.stay(seat, self.big)
        return seat


MakeGathering = Callable[..., Awaitable[Gathering]]


def gatherings(klepp: Town) -> MakeGathering:
    """Makes one with so many people and small rooms; `guides` of them are guides, the `absent` have not come."""

    async def make(
        people: int = 9,
        *,
        rooms: int = 3,
        guides: int = 3,
        lasts: timedelta = 60 * MINUTE,
        absent: Collection[int] = (),
    ) -> Gathering:
        languages = ("so", "ti", "ar", "uk")
        persons = [
            await klepp.person(
                name=f"Person {number:02}",
                is_guide=number < guides,
                languages=[languages[number % 4]],
                norwegian_level=number % 5 + 1,
            )
            for number in range(people)
        ]
        session = await klepp.session(*persons, starts_in=-5 * MINUTE, lasts=lasts, format=Format.GATHERING)
        big = await klepp.room(session, number=1, size=Size.XL)
        small = [await klepp.room(session, number=2 + number) for number in range(rooms)]
        found = Gathering(klepp, session, persons, big, small)
        for number, person in enumerate(persons):
            if number not in absent:
                await found.comes(person)
        return found

    return make
