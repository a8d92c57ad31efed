"""The private PostgreSQL and Redis: real ones, started and stopped."""

import os
import signal
import stat
from pathlib import Path

import asyncpg
import pytest
from redis.asyncio import Redis

from rooms.embedded import places, postgres, redis
from rooms.embedded.processes import CannotStart


def modes_above(folder: Path) -> list[int]:
    """The modes of all parents of `folder`."""
    return [stat.S_IMODE(parent.stat().st_mode) for parent in folder.parents]


def processes_naming(text: str) -> list[str]:
    """Command lines of living processes that hold `text`."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            if text in line and int(entry.name) != os.getpid():
                found.append(line)
        except OSError:
            continue
    return found


async def test_data_survives_and_nothing_stays_behind(var: Path) -> None:
    folder = var / "pg"
    before = modes_above(folder)
    running = await postgres.start(folder)
    connection = await asyncpg.connect(running.url)
    await connection.execute("create table kept (what text)")
    await connection.execute("insert into kept values ('blåbær')")
    await connection.close()
    place = running.folder
    assert await running.stop()

    again = await postgres.start(folder)
    assert again.folder == place
    connection = await asyncpg.connect(again.url)
    assert await connection.fetchval("select what from kept") == "blåbær"
    await connection.close()
    sockets = Path(again.url.partition("host=")[2])
    assert stat.S_IMODE(sockets.stat().st_mode) == 0o700
    assert await again.stop()
    assert modes_above(folder) == before
    assert processes_naming(str(place)) == []
    assert not list(sockets.glob(".s.PGSQL*"))


async def test_an_account_that_cannot_pass_gets_data_and_programs_of_its_own(
    var: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = places.unprivileged_account()
    if account is None:
        pytest.skip("only root lends PostgreSQL another account")
    folder = var / "pg"
    place = places.reachable(folder, account)
    assert place != folder
    assert place.stat().st_uid == account.uid
    wheel = postgres._wheel_binaries()
    for part in (wheel.parents[1], wheel.parents[1].with_name(f"{wheel.parents[1].name}.libs")):
        (var / part.name).symlink_to(part)
    monkeypatch.setattr(postgres, "_wheel_binaries", lambda: var / wheel.relative_to(wheel.parents[2]))
    running = await postgres.start(folder)
    try:
        assert Path(f"/proc/{running.child.pid}/exe").readlink().is_relative_to(place)
        assert Path(f"/proc/{running.child.pid}").stat().st_uid == account.uid
    finally:
        await running.stop()


async def test_data_that_has_gone_is_not_replaced_by_an_empty_one(var: Path) -> None:
    (var / "pg").mkdir()
    (var / "pg" / "elsewhere").write_text("/var/lib/sammen-gone")
    with pytest.raises(CannotStart, match="is gone"):
        await postgres.start(var / "pg")


async def test_a_killed_server_starts_again_with_its_data_and_at_its_address(var: Path) -> None:
    folder = var / "pg"
    running = await postgres.start(folder)
    connection = await asyncpg.connect(running.url)
    await connection.execute("create table kept (what text)")
    await connection.close()
    os.kill(running.child.pid, signal.SIGKILL)
    await running.child.process.wait()
    again = await postgres.start(folder)
    assert again.url == running.url
    connection = await asyncpg.connect(again.url)
    assert await connection.fetchval("select count(*) from kept") == 0
    await connection.close()
    await again.stop()


async def test_a_wrong_folder_of_programs_is_named(tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match="POSTGRES_BIN"):
        await postgres.start(tmp_path / "pg", binaries=tmp_path)


async def test_redis_keeps_what_was_written(tmp_path: Path) -> None:
    folder = tmp_path / ("a long name " * 10) / "redis"
    running = await redis.start(folder)
    client = Redis.from_url(running.url)
    await client.set("kept", "yes")
    await client.aclose()
    assert len(running.url.removeprefix("unix://").partition("?")[0]) <= places.SOCKET_PATH_LIMIT
    running.child.kill()
    await running.child.process.wait()
    again = await redis.start(folder)
    assert again.url == running.url
    client = Redis.from_url(again.url)
    assert await client.get("kept") == b"yes"
    await client.aclose()
    sockets = Path(again.url.removeprefix("unix://").partition("?")[0]).parent
    assert stat.S_IMODE(sockets.stat().st_mode) == 0o700
    assert await again.stop()
    assert processes_naming(str(sockets)) == []
    assert not sockets.exists()
