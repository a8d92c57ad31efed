"""What the room server remembers."""

import asyncio
import sqlite3
from pathlib import Path

import pytest

from rooms.roomserver.meetings import Database

#: A second or so of counting.
_LONG = "with recursive n(i) as (select 1 union all select i + 1 from n where i < 3000000) select max(i) from n"


async def test_a_cancelled_statement_ends_before_the_file_is_closed(tmp_path: Path) -> None:
    database = Database(tmp_path)
    counting = asyncio.create_task(database.run(_LONG))
    after = asyncio.create_task(database.run("insert into event (id, body, due) values ('a', '', 0)"))
    await asyncio.sleep(0)
    counting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await counting
    await after
    database.close()
    with sqlite3.connect(tmp_path / "rooms.sqlite") as again:
        assert again.execute("select id from event").fetchall() == [("a",)]
