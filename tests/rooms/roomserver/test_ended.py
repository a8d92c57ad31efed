"""What an end date does: it removes nobody; an hour later nobody is told of the room; a day later it is deleted."""

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from config import clock
from rooms.roomserver.hall import DELETED_AFTER_END, Hall
from rooms.roomserver.meetings import Database, Meeting, Meetings
from rooms.roomserver.room import Arrival, Client, Role
from rooms.roomserver.webhooks import Outbox


class Heard:
    """A line that remembers."""

    def __init__(self) -> None:
        self.messages: list[str] = []

    def send(self, message: Mapping[str, Any]) -> None:
        self.messages.append(message["t"])

    def hang_up(self) -> None:
        self.messages.append("hung up")


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database(tmp_path)
    yield database
    database.close()


async def add(meetings: Meetings, end_date: datetime) -> Meeting:
    return await meetings.add(
        prefix="", pattern="uuid", mode="normal", locked=False, viewer=False, start_date=end_date, end_date=end_date
    )


async def come_in(hall: Hall, meeting: Meeting) -> Heard:
    line, client = Heard(), Client("c1", "secret", "Amina", None, None, Role.VISITOR)
    place = hall.open(meeting)
    place.lines[client.id] = line
    assert place.room.arrive(client) is Arrival.WELCOME
    await hall.came_in(place, client, {"t": "welcome"})
    return line


@pytest.mark.parametrize(("minutes_ago", "events"), [(-60, 1), (59, 1), (61, 0)])
async def test_an_hour_after_the_end_nobody_is_told(database: Database, minutes_ago: int, events: int) -> None:
    hall = Hall(Meetings(database), Outbox(database, "http://127.0.0.1:9/", "secret"))
    line = await come_in(hall, await add(hall.meetings, clock.now() - timedelta(minutes=minutes_ago)))
    assert line.messages == ["welcome"]
    assert len(await database.run("select * from event")) == events


async def test_a_day_after_the_end_the_room_is_deleted(database: Database) -> None:
    hall = Hall(Meetings(database), Outbox(database, None, "secret"))
    end = datetime(2026, 11, 23, 12, tzinfo=UTC)
    meeting, later = await add(hall.meetings, end), await add(hall.meetings, end + timedelta(seconds=1))
    line = await come_in(hall, meeting)
    await hall.delete_ended(end + DELETED_AFTER_END)
    assert await hall.meetings.by_id(meeting.id) == meeting
    await hall.delete_ended(end + DELETED_AFTER_END + timedelta(microseconds=1))
    assert await hall.meetings.by_id(meeting.id) is None
    assert line.messages == ["welcome", "removed", "hung up"]
    assert await hall.meetings.by_id(later.id) == later
