"""Participant minutes, against a count that asks of every minute who was there."""

import random
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import insert

from rooms.people.records.circles import Circle
from rooms.people.records.persons import Person
from rooms.schedule.records import Session
from rooms.schedule.rules.formats import Format
from rooms.seating.records import Presence, Seat
from rooms.seating.rules.reasons import SeatReason
from rooms.store.scope import OneCentre
from rooms.supply.records import Room
from rooms.supply.rules.room_life import RoomState, Size
from rooms.usage.service.minutes import minutes_between
from tests.rooms.usage.conftest import NOW
from tests.support.cast import Cast
from tests.support.town import Town

MINUTE = timedelta(minutes=1)
#: The middle of a session of seven hours.
TURN = datetime(2026, 10, 31, 23, tzinfo=UTC)
CIRCLES = 120


@dataclass(frozen=True)
class Stay:
    circle_id: uuid.UUID
    session_id: uuid.UUID
    person_id: uuid.UUID
    begin: int
    end: int


class Rows:
    """Rows for all tables, written at once."""

    def __init__(self, town: Town, people: list[Person]) -> None:
        self._town, self._people = town, people
        self.by_table: dict[type[Any], list[dict[str, object]]] = {
            table: [] for table in (Circle, Session, Room, Seat, Presence)
        }

    def add(self, table: type[Any], **facts: object) -> uuid.UUID:
        row_id = uuid.uuid4()
        self.by_table[table].append({"id": row_id, "centre_id": self._town.centre_id} | facts)
        return row_id

    def circle(self, luck: random.Random) -> list[Stay]:
        """A circle with sessions around the turn, and stays of all kinds in them; in minutes from the turn."""
        stays = []
        circle_id = self.add(Circle, name=uuid.uuid4().hex, created_at=NOW, version=1)
        for _ in range(luck.randint(1, 2)):
            hours = timedelta(hours=3.5)
            session_id = self.add(
                Session, title="x", format=Format.PRACTICE, circle_id=circle_id, created_at=NOW, version=1,
                starts_at=TURN - hours, ends_at=TURN + hours, opens_before_minutes=10,
            )  # fmt: skip
            rooms = [
                self.add(
                    Room, session_id=session_id, number=number, size=Size.SMALL, state=RoomState.GONE, attempts=0,
                    prefix=uuid.uuid4().hex, end_date=NOW, next_try_at=NOW, changed_at=NOW,
                )
                for number in (1, 2)
            ]  # fmt: skip
            for person in luck.sample(self._people, luck.randint(0, 2)):
                seat_id = self.add(
                    Seat, session_id=session_id, person_id=person.id, room_id=rooms[0], version=1,
                    reason=SeatReason.ARRIVED, changed_at=NOW,
                )  # fmt: skip
                for _ in range(luck.randint(1, 4)):
                    begin = luck.randint(-100, 90)
                    end = begin + luck.choice([0, 1, luck.randint(0, 90)])
                    self.add(
                        Presence, seat_id=seat_id, room_id=luck.choice(rooms), person_id=person.id,
                        joined_at=TURN + begin * MINUTE, last_seen_at=TURN, left_at=TURN + end * MINUTE,
                    )  # fmt: skip
                    stays.append(Stay(circle_id, session_id, person.id, begin, end))
        return stays


async def test_every_minute_of_a_person_in_a_session_counts_once(klepp: Town, cast: Cast) -> None:
    """In many circles at once, each with its own random stays: overlapping, touching, empty, across the turn."""
    rows = Rows(klepp, [cast.amina, cast.yusuf, cast.guide])
    stays = [stay for number in range(CIRCLES) for stay in rows.circle(random.Random(number))]
    async with klepp.work() as work:
        for table, many in rows.by_table.items():
            await work.session.execute(insert(table), many)
    spans = [(-1000, 0), (0, 1000), (-30, 30), (-1000, 1000), (200, 300)]
    async with klepp.store.work(OneCentre(klepp.centre_id)) as work:
        found = await minutes_between(
            work, klepp.centre_id, [(TURN + begin * MINUTE, TURN + end * MINUTE) for begin, end in spans], NOW
        )
    assert len({stay.circle_id for stay in stays}) > CIRCLES / 2
    expected = {}
    for place, (begin, end) in enumerate(spans):
        there: dict[uuid.UUID, set[tuple[uuid.UUID, uuid.UUID, int]]] = {}
        for stay in stays:
            for minute in range(max(begin, stay.begin), min(end, stay.end)):
                there.setdefault(stay.circle_id, set()).add((stay.session_id, stay.person_id, minute))
        for circle_id, minutes in there.items():
            sessions, people, _ = zip(*minutes, strict=True)
            expected[place, circle_id] = (len(minutes), len(set(sessions)), len(set(people)))
    assert {(one.place, one.circle_id): (one.minutes, one.sessions, one.people) for one in found} == expected


async def test_half_minutes_count_up_and_so_the_table_adds_up(klepp: Town, cast: Cast) -> None:
    rows = Rows(klepp, [])
    for seconds in (29, 30, 89, 90):
        circle_id = rows.add(Circle, name=str(seconds), created_at=NOW, version=1)
        session_id = rows.add(
            Session, title="x", format=Format.PRACTICE, circle_id=circle_id, created_at=NOW, version=1,
            starts_at=TURN, ends_at=TURN + 60 * MINUTE, opens_before_minutes=10,
        )  # fmt: skip
        room_id = rows.add(
            Room, session_id=session_id, number=1, size=Size.SMALL, state=RoomState.GONE, attempts=0,
            prefix=uuid.uuid4().hex, end_date=NOW, next_try_at=NOW, changed_at=NOW,
        )  # fmt: skip
        seat_id = rows.add(
            Seat, session_id=session_id, person_id=cast.amina.id, room_id=room_id, version=1,
            reason=SeatReason.ARRIVED, changed_at=NOW,
        )  # fmt: skip
        rows.add(
            Presence, seat_id=seat_id, room_id=room_id, person_id=cast.amina.id, joined_at=TURN, last_seen_at=TURN,
            left_at=TURN + timedelta(seconds=seconds),
        )  # fmt: skip
    async with klepp.work() as work:
        for table, many in rows.by_table.items():
            await work.session.execute(insert(table), many)
    async with klepp.store.work(OneCentre(klepp.centre_id)) as work:
        found = await minutes_between(work, klepp.centre_id, [(TURN, TURN + 60 * MINUTE)], NOW)
    assert sorted(one.minutes for one in found) == [0, 1, 1, 2]
