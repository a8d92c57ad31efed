"""Child processes that leave nothing behind: each on a leash, in its own process group, with its own log."""

import asyncio
import contextlib
import os
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

_LEASH = Path(__file__).with_name("leash.py")
_LOG_LIMIT = 5_000_000
_TAIL_LINES = 12


class CannotStart(Exception):
    """A part did not start; the text is for the person at the terminal, with the last lines of the part's log."""


@dataclass(frozen=True, slots=True)
class Account:
    """An account of this machine that a child runs as."""

    uid: int
    gid: int


@dataclass(slots=True)
class Child:
    """A running child process. Its process group carries its process id."""

    name: str
    process: asyncio.subprocess.Process
    log: Path
    log_start: int
    started: float = field(default_factory=time.monotonic)

    @property
    def pid(self) -> int:
        """Process id."""
        return self.process.pid

    @property
    def alive(self) -> bool:
        """Whether it has not ended yet, as far as the event loop has heard."""
        return self.process.returncode is None

    async def stop(self, first: signal.Signals = signal.SIGTERM, patience: float = 10) -> bool:
        """Ask with `first`, wait `patience` seconds, then kill what is left of its group. True if it went by itself."""
        willing = True
        if self.alive:
            with contextlib.suppress(ProcessLookupError):
                self.process.send_signal(first)
            try:
                async with asyncio.timeout(patience):
                    await self.process.wait()
            except TimeoutError:
                willing = False
        self.kill()
        await self.process.wait()
        return willing

    def kill(self) -> None:
        """SIGKILL for whatever is left of its process group."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)

    async def output(self) -> str:
        """All that it printed, once it has ended; for a child that was started with `output=PIPE`."""
        stream = self.process.stdout
        return (await stream.read()).decode(errors="replace") if stream else ""

    def last_words(self) -> str:
        """The last lines that it wrote to its log since it was started."""
        with self.log.open("rb") as file:
            file.seek(self.log_start)
            lines = file.read().decode(errors="replace").splitlines()
        return "\n".join(f"    {line}" for line in lines[-_TAIL_LINES:])


async def start(
    name: str,
    command: Sequence[str | Path],
    *,
    log: Path,
    environment: Mapping[str, str],
    folder: Path | None = None,
    account: Account | None = None,
    dies_by: signal.Signals = signal.SIGKILL,
    output: int | None = None,
) -> Child:
    """Start `command` in `folder`. It gets `dies_by` from the kernel when this process ends, however that happens.

    To be called from the main thread: the kernel watches the thread that forks. What it writes is appended to `log`,
    or, with `output=PIPE`, its standard output is kept for `Child.output`.
    """
    log_start = _make_room(log)
    who = (str(account.uid), str(account.gid)) if account else ("-", "-")
    leash = (sys.executable, "-I", "-S", _LEASH, str(os.getpid()), str(int(dies_by)), *who)
    with log.open("ab") as file:
        process = await asyncio.create_subprocess_exec(
            *leash,
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=file if output is None else output,
            stderr=file,
            cwd=folder,
            env=environment,
            process_group=0,  # so that Ctrl-C reaches the supervisor only, which then stops them in order
        )
    return Child(name, process, log, log_start)


async def run(child: Child, seconds: float) -> None:
    """Wait for a child that is to end by itself with status 0. Raises CannotStart otherwise."""
    try:
        async with asyncio.timeout(seconds):
            status = await child.process.wait()
    except TimeoutError:
        await child.stop(patience=2)
        raise CannotStart(f"{child.name} was not done after {seconds:.0f} seconds:\n{child.last_words()}") from None
    except asyncio.CancelledError:
        await child.stop(patience=2)
        raise
    if status != 0:
        raise CannotStart(f"{child.name} failed:\n{child.last_words()}")


async def until_ready(child: Child, ready: Callable[[], Awaitable[bool]], seconds: float) -> None:
    """Ask `ready` until it says yes. Raises CannotStart when the child ends before, or after `seconds`."""
    deadline = time.monotonic() + seconds
    pause = 0.01
    while not await ready():
        if not child.alive:
            raise CannotStart(f"{child.name} ended while starting:\n{child.last_words()}")
        if time.monotonic() > deadline:
            raise CannotStart(f"{child.name} is not ready after {seconds:.0f} seconds:\n{child.last_words()}")
        await asyncio.sleep(pause)
        pause = min(pause * 1.3, 0.25)


async def until_unused(folder: Path, seconds: float = 30) -> None:
    """Wait until no process works in `folder`: what a killed supervisor left is still writing its last things there.

    Raises CannotStart when somebody still does after `seconds`. Where there is no /proc it returns at once.
    """
    deadline = time.monotonic() + seconds
    while users := _processes_in(folder):
        if time.monotonic() > deadline:
            raise CannotStart(f"process {users[0]} still works in {folder}; stop it first")
        await asyncio.sleep(0.05)


def _processes_in(folder: Path) -> list[int]:
    found = []
    target = str(folder.resolve())
    for entry in Path("/proc").glob("[0-9]*"):
        # A process that ends meanwhile, or that is another user's, is none of ours.
        with contextlib.suppress(OSError):
            if str((entry / "cwd").readlink()) == target:
                found.append(int(entry.name))
    return found


def _make_room(log: Path) -> int:
    log.parent.mkdir(parents=True, exist_ok=True)
    size = log.stat().st_size if log.exists() else 0
    if size <= _LOG_LIMIT:
        return size
    log.replace(log.with_suffix(".log.1"))
    return 0
