"""Meetings (the API's word for rooms that exist), kept in SQLite so that they survive a restart."""

import asyncio
import secrets
import sqlite3
import string
import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")

_SCHEMA = """
create table if not exists meeting (
    place integer primary key autoincrement,
    id text not null unique, name text not null unique, mode text not null, locked integer not null,
    viewer integer not null, start_date text not null, end_date text not null,
    host_key text not null, viewer_key text not null
);
create table if not exists points (
    one integer primary key check (one = 1), window integer not null, spent integer not null
);
create table if not exists event (
    id text primary key, body text not null, tries integer not null default 0, due real not null
);
"""


@dataclass(frozen=True, slots=True)
class Meeting:
    """A room that exists. The keys are secrets: whoever has the host key needs not knock."""

    id: str
    name: str
    mode: str
    locked: bool
    viewer: bool
    start_date: datetime
    end_date: datetime
    host_key: str
    viewer_key: str


class Database:
    """One SQLite file, used by one thread of its own and never on the event loop.

    A statement whose caller is cancelled goes on in that thread; whatever comes next waits behind it.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._connection = sqlite3.connect(folder / "rooms.sqlite", check_same_thread=False, isolation_level=None)
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("pragma journal_mode = wal")
        self._connection.executescript(_SCHEMA)
        self._thread = ThreadPoolExecutor(1, "rooms.sqlite")

    async def run(self, statement: str, *values: Any) -> list[sqlite3.Row]:
        """Run one statement and return its rows."""
        return await self._in_thread(lambda: self._connection.execute(statement, values).fetchall())

    async def run_many(self, statement: str, values: Sequence[Sequence[Any]]) -> None:
        """Run one statement for each of these, all or none."""
        await self._in_thread(lambda: self._all_or_none(statement, values))

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    def _all_or_none(self, statement: str, values: Sequence[Sequence[Any]]) -> None:
        self._connection.execute("begin")
        try:
            self._connection.executemany(statement, values)
        except sqlite3.Error:
            self._connection.execute("rollback")
            raise
        self._connection.execute("commit")

    def close(self) -> None:
        """Close the file when the thread has done what it was asked: SQLite crashes when closed under a statement."""
        self._thread.shutdown()
        self._connection.close()


def room_name(prefix: str, pattern: str) -> str:
    """A new name: the prefix and a UUID, or six characters for `human-short`."""
    if pattern == "human-short":
        return prefix + "".join(secrets.choice(string.ascii_lowercase + string.digits) for _ in range(6))
    return prefix + str(uuid.uuid4())


class Meetings:
    """All meetings, in the order in which they were made."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(
        self,
        *,
        prefix: str,
        pattern: str,
        mode: str,
        locked: bool,
        viewer: bool,
        start_date: datetime,
        end_date: datetime,
    ) -> Meeting:
        """Make one, with a name and id that no other has."""
        while True:
            meeting = Meeting(
                id=str(secrets.randbelow(9 * 10**9) + 10**9),
                name=room_name(prefix, pattern),
                mode=mode,
                locked=locked,
                viewer=viewer,
                start_date=start_date,
                end_date=end_date,
                host_key=secrets.token_urlsafe(24),
                viewer_key=secrets.token_urlsafe(24),
            )
            made = await self._database.run(
                "insert into meeting (id, name, mode, locked, viewer, start_date, end_date, host_key, viewer_key) "
                "values (?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict do nothing returning id",
                meeting.id, meeting.name, mode, locked, viewer, _utc(start_date), _utc(end_date),
                meeting.host_key, meeting.viewer_key,
            )  # fmt: skip
            if made:
                return meeting

    async def page(self, after: int, limit: int) -> tuple[list[Meeting], int | None]:
        """Up to `limit` meetings behind a place in the list, and the place to go on from, or None at its end."""
        rows = await self._database.run(
            "select * from meeting where place > ? order by place limit ?", after, limit + 1
        )
        more = rows[limit - 1]["place"] if len(rows) > limit else None
        return [_meeting(row) for row in rows[:limit]], more

    async def by_id(self, meeting_id: str) -> Meeting | None:
        """A meeting by the API's id."""
        rows = await self._database.run("select * from meeting where id = ?", meeting_id)
        return _meeting(rows[0]) if rows else None

    async def by_name(self, name: str) -> Meeting | None:
        """A meeting by its room's name, as it stands in the address."""
        rows = await self._database.run("select * from meeting where name = ?", name)
        return _meeting(rows[0]) if rows else None

    async def ended_before(self, moment: datetime) -> list[str]:
        """The ids of meetings whose end date lies before a moment."""
        rows = await self._database.run("select id from meeting where end_date < ?", _utc(moment))
        return [row["id"] for row in rows]

    async def delete(self, meeting_id: str) -> Meeting | None:
        """Remove one; the meeting as it was, or None when there was none."""
        rows = await self._database.run("delete from meeting where id = ? returning *", meeting_id)
        return _meeting(rows[0]) if rows else None


def _utc(moment: datetime) -> str:
    """As text that sorts by time."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def _meeting(row: sqlite3.Row) -> Meeting:
    return Meeting(
        id=row["id"],
        name=row["name"],
        mode=row["mode"],
        locked=bool(row["locked"]),
        viewer=bool(row["viewer"]),
        start_date=datetime.fromisoformat(row["start_date"]),
        end_date=datetime.fromisoformat(row["end_date"]),
        host_key=row["host_key"],
        viewer_key=row["viewer_key"],
    )
