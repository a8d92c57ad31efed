"""A centre with people, links, sessions, rooms and seats, written as tests need them."""

import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from config.settings import Settings
from rooms.access.records import Device, Link
from rooms.access.service.links import codes_of
from rooms.people.records.persons import Person
from rooms.schedule.records import Session
from rooms.seating.records import Presence, Seat
from rooms.seating.rules.reasons import SeatReason
from rooms.store.scope import AllCentres
from rooms.store.unit_of_work import Store, UnitOfWork
from rooms.supply.records import Room, SpareRoom
from rooms.supply.rules.room_life import RoomState, Size
from tests.support.factories import make_centre, make_person, make_session


class Town:
    """Writes what the pages' tests need, and knows everybody's link."""

    def __init__(self, store: Store, settings: Settings, now: datetime, centre_id: uuid.UUID) -> None:
        self.store, self.settings, self.now, self.centre_id = store, settings, now, centre_id

    @asynccontextmanager
    async def work(self) -> AsyncIterator[UnitOfWork]:
        """A unit of work that sees everything."""
        async with self.store.work(AllCentres("tests write and look everywhere")) as work:
            yield work

    async def link(self, person: Person) -> str:
        """The path of a person's link, as messages carry it."""
        async with self.work() as work:
            return f"/l/{(await codes_of(work, [person.id], self.settings.key_ring, self.now))[person.id]}"

    async def link_of(self, person: Person) -> Link:
        """A person's current link."""
        await self.link(person)
        async with self.work() as work:
            return (await work.session.scalars(select(Link).where(Link.person_id == person.id))).one()

    async def device(self, person: Person) -> Device:
        """A browser that opened a person's link."""
        link = await self.link_of(person)
        async with self.work() as work:
            device = Device(
                id=uuid.uuid4(),
                centre_id=self.centre_id,
                link_id=link.id,
                person_id=person.id,
                token_hash=uuid.uuid4().bytes,
                first_seen_at=self.now,
                last_seen_at=self.now,
            )
            work.session.add(device)
            return device

    async def person(self, **facts: Any) -> Person:
        """One more participant."""
        async with self.work() as work:
            return make_person(work, self.centre_id, self.now, **facts)

    async def session(
        self, *invited: Person, starts_in: timedelta, lasts: timedelta = timedelta(hours=1), **facts: Any
    ) -> Session:
        """A session that starts in so long (or started so long ago)."""
        async with self.work() as work:
            return await make_session(
                work,
                self.centre_id,
                self.now,
                invited=invited,
                starts_at=self.now + starts_in,
                ends_at=self.now + starts_in + lasts,
                **facts,
            )

    async def room(self, session: Session, *, number: int = 1, host: str = "localhost:8081", **facts: Any) -> Room:
        """A room that stands ready."""
        async with self.work() as work:
            name = f"sammen-{uuid.uuid4().hex}"
            room = Room(
                **{
                    "id": uuid.uuid4(),
                    "centre_id": session.centre_id,
                    "session_id": session.id,
                    "number": number,
                    "size": Size.SMALL,
                    "state": RoomState.READY,
                    "prefix": name,
                    "meeting_id": name,
                    "url": f"http://{host}/{name}",
                    "end_date": session.ends_at + timedelta(hours=1),
                    "next_try_at": self.now,
                    "changed_at": self.now,
                }
                | facts
            )
            work.session.add(room)
            return room

    async def spare(self, *, host: str = "localhost:8081", **facts: Any) -> SpareRoom:
        """A spare room that is ready for three days."""
        async with self.work() as work:
            name = f"sammen-{uuid.uuid4().hex}"
            spare = SpareRoom(
                **{
                    "id": uuid.uuid4(),
                    "state": RoomState.READY,
                    "prefix": name,
                    "meeting_id": name,
                    "url": f"http://{host}/{name}",
                    "end_date": self.now + timedelta(days=3),
                    "next_try_at": self.now,
                    "changed_at": self.now,
                }
                | facts
            )
            work.session.add(spare)
            return spare

    async def seat(self, person: Person, room: Room, *, reason: SeatReason = SeatReason.ARRIVED) -> Seat:
        """A person's seat in a room (or, when they left, the seat that they had), given a while ago."""
        async with self.work() as work:
            seat = Seat(
                id=uuid.uuid4(),
                centre_id=room.centre_id,
                session_id=room.session_id,
                person_id=person.id,
                room_id=None if reason is SeatReason.LEFT else room.id,
                reason=reason,
                changed_at=self.now - timedelta(minutes=30),
            )
            work.session.add(seat)
            return seat

    async def stay(self, seat: Seat, room: Room, *, device_id: uuid.UUID | None = None) -> Presence:
        """Somebody is in the room right now; without a device only the provider says so."""
        async with self.work() as work:
            stay = Presence(
                id=uuid.uuid4(),
                centre_id=seat.centre_id,
                seat_id=seat.id,
                room_id=room.id,
                person_id=seat.person_id,
                device_id=device_id,
                joined_at=self.now,
                last_seen_at=self.now,
            )
            work.session.add(stay)
            return stay

    async def fill(self, room: Room, people: int) -> None:
        """So many others sit in a room."""
        for _ in range(people):
            await self.stay(await self.seat(await self.person(), room), room)


async def make_town(store: Store, settings: Settings, now: datetime) -> Town:
    """One centre, and nothing planned in it."""
    async with store.work(AllCentres("tests make the centre")) as work:
        centre = make_centre(work, now, name="Frivilligsentralen i Klepp", email="post@klepp.example")
    return Town(store, settings, now, centre.id)
