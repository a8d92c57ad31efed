"""`sammen up` as a person meets it: the real command, in a folder of its own."""

import asyncio
import fcntl
import os
import socket
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]


async def up(var: Path, **variables: str) -> tuple[int, str]:
    """Run it until it ends by itself: its status and what it said."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "rooms.cli", "up"),
        cwd=ROOT,
        env={"PATH": os.defpath, "SAMMEN_VAR": str(var), **variables},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        async with asyncio.timeout(60):
            output, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
    return process.returncode or 0, output.decode()


def free_port() -> int:
    """A port that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number: int = probe.getsockname()[1]
        return number


async def test_a_taken_port_is_named_with_its_variable(var: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        status, said = await up(var, WEB_PORT=str(free_port()), ROOM_SERVER_PORT=port)
    assert status == 1
    assert f"Port {port} is taken by another program. Choose another with ROOM_SERVER_PORT." in said
    assert "Traceback" not in said


async def test_a_second_one_on_the_same_folder_is_told_where_the_first_is(var: Path) -> None:
    with (var / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lock.write("4711")
        lock.flush()
        status, said = await up(var)
    assert status == 1
    assert "already runs" in said
    assert "process 4711" in said
    assert "SAMMEN_VAR" in said


async def test_a_wrong_setting_is_named(var: Path) -> None:
    status, said = await up(var, WEB_PORT="http")
    assert status == 2
    assert said.startswith("WEB_PORT")
    assert "Traceback" not in said


async def test_a_service_that_cannot_run_is_told_with_its_reason(var: Path) -> None:
    ports = {name: str(free_port()) for name in ("WEB_PORT", "ROOM_SERVER_PORT", "SMTP_PORT", "MAILBOX_PORT")}
    status, said = await up(var, POSTGRES_BIN=str(var / "log"), **ports)
    assert status == 1
    assert "POSTGRES_BIN: there is no «postgres»" in said
    assert "Redis stopped" in said
    assert "Traceback" not in said
