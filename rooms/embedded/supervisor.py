"""`sammen up`: everything on this machine under one supervising process, and nothing left when it ends."""

import asyncio
import fcntl
import os
import signal
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from config.settings import EmbeddedSettings, load
from config.settings.embedded import inherited
from rooms.embedded.processes import CannotStart
from rooms.embedded.stack import Stack


def main() -> None:
    """Run everything until Ctrl-C or SIGTERM. Ends with status 1 when it could not start.

    Raises WrongSettings.
    """
    sys.exit(asyncio.run(up(load(EmbeddedSettings), inherited())))


async def up(settings: EmbeddedSettings, environment: Mapping[str, str]) -> int:
    """Start all parts, keep them running until a signal comes, stop them in order. Returns the exit status."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, stop.set)
    try:
        with _alone(settings.sammen_var):
            return await _run(Stack(settings, environment, say), stop)
    except (CannotStart, OSError) as error:
        say(str(error))
        return 1


async def _run(stack: Stack, stop: asyncio.Event) -> int:
    try:
        await _until_asked(stack, stop)
    except (CannotStart, OSError) as error:
        say(f"{error}\nSammen på nett did not start.")
        return 1
    finally:
        await stack.stop()
    say("Everything is kept.")
    return 0


async def _until_asked(stack: Stack, stop: asyncio.Event) -> None:
    """Start, and wait for `stop`; whichever comes first ends the other. Raises CannotStart."""
    starting = asyncio.create_task(stack.start())
    asked = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({starting, asked}, return_when=asyncio.FIRST_COMPLETED)
        if starting.done():
            await starting  # raises what went wrong
            await asked
    finally:
        starting.cancel()
        asked.cancel()
        await asyncio.gather(starting, asked, return_exceptions=True)


@contextmanager
def _alone(var: Path) -> Iterator[None]:
    """Hold the folder's lock, which the kernel frees when its holder ends. Raises CannotStart while another has it."""
    var.mkdir(parents=True, exist_ok=True)
    with (var / "lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise CannotStart(
                f"Sammen på nett already runs with {var} (process {lock.read().strip()}). "
                "Stop it there, or set SAMMEN_VAR to another folder."
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def say(line: str) -> None:
    """A line for the person at the terminal, who may have closed it."""
    with suppress(OSError):
        print(line, flush=True)
