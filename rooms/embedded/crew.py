"""Parts that run under one supervisor: started together, started again when they fall, stopped in order."""

import asyncio
import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from rooms.embedded import processes
from rooms.embedded.processes import CannotStart, Child

#: Seconds before a fallen part is started again: first, and at most. Each fall doubles it.
_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 30.0
#: A part that ran for so many seconds is taken as sound, and its next fall as its first.
_SOUND_AFTER = 60.0


class Running(Protocol):
    """A part that runs."""

    @property
    def child(self) -> Child:
        """Its process."""

    async def stop(self) -> bool:
        """End it. True if it went by itself."""


RunningKind = TypeVar("RunningKind")


@dataclass(frozen=True, slots=True)
class Program:
    """A part that is nothing but a process: asked to end with SIGTERM, killed after `patience` seconds."""

    child: Child
    patience: float

    async def stop(self) -> bool:
        """End it. True if it went by itself."""
        return await self.child.stop(patience=self.patience)


async def started(child: Child, ready: Callable[[], Awaitable[bool]], *, seconds: float, patience: float) -> Program:
    """A program that `ready` says is ready within `seconds`. Raises CannotStart, and leaves nothing behind."""
    try:
        await processes.until_ready(child, ready, seconds)
    except BaseException:
        await child.stop(patience=2)
        raise
    return Program(child, patience)


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the service: `start` returns when it is ready, or raises CannotStart and leaves nothing behind."""

    name: str
    start: Callable[[], Awaitable[Running]]


class Crew:
    """All parts that run now. `say` tells the person at the terminal one line."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._running: dict[str, Running] = {}
        self._order: list[str] = []
        self._watchers: list[asyncio.Task[None]] = []

    def running(self, name: str, kind: type[RunningKind]) -> RunningKind:
        """A part that was started, of the kind that its `start` gives. Raises KeyError and TypeError."""
        found = self._running[name]
        if not isinstance(found, kind):
            raise TypeError(name)
        return found

    async def start(self, *parts: Part) -> None:
        """Start parts side by side and watch over them from then on. They stop in the reverse of this order.

        Raises CannotStart for the first that did not; the others run then, and `stop` ends them.
        """
        self._order.extend(part.name for part in parts)
        results = await asyncio.gather(*(self._start_first(part) for part in parts), return_exceptions=True)
        for result in results:
            if isinstance(result, BaseException):
                raise result

    async def stop(self) -> None:
        """End every part, the last started first, a line for each."""
        for watcher in self._watchers:
            watcher.cancel()
        await asyncio.gather(*self._watchers, return_exceptions=True)
        if self._running:
            self._say("Stopping")
        for name in (name for name in reversed(self._order) if name in self._running):
            willing = await self._running.pop(name).stop()
            self._say(f"  {name} stopped" if willing else f"  {name} had to be killed")

    async def _start_first(self, part: Part) -> None:
        began = asyncio.get_running_loop().time()
        self._running[part.name] = await part.start()
        self._watchers.append(asyncio.create_task(self._watch(part), name=part.name))
        self._say(f"  {part.name:<12} ready after {asyncio.get_running_loop().time() - began:.1f} s")

    async def _watch(self, part: Part) -> None:
        clock = asyncio.get_running_loop().time
        pause = _FIRST_PAUSE
        started = clock()
        while True:
            status = await self._running[part.name].child.process.wait()
            self._running[part.name].child.kill()  # what it may have left of its own children
            pause = _FIRST_PAUSE if clock() - started > _SOUND_AFTER else pause
            self._say(f"  {part.name} ended ({how(status)}); it is started again")
            while True:
                await asyncio.sleep(pause)
                pause = min(pause * 2, _LONGEST_PAUSE)
                try:
                    self._running[part.name] = await part.start()
                except CannotStart as error:
                    self._say(f"  {error}\n  It is tried again in {pause:.0f} s")
                    continue
                break
            started = clock()
            self._say(f"  {part.name} runs again")


def how(status: int) -> str:
    """How a process ended, in words: `status` as Python gives it, negative for a signal."""
    if status < 0:
        return f"killed by {signal.Signals(-status).name}"
    return f"status {status}"
