"""Somebody in an XL room, and how far they have come with the SFU."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from rooms.roomserver.room import Client

#: Seconds before the second attempt to reach the SFU.
FIRST_PAUSE = 0.3

Job = Callable[[], Awaitable[None]]


@dataclass
class Member:
    """Somebody in the room, and how far they have come with the SFU. What is to be done for them is done in order."""

    client: Client
    jobs: asyncio.Queue[Job] = field(default_factory=asyncio.Queue)
    task: asyncio.Task[None] | None = None
    ticket: str | None = None
    joined: bool = False
    sending: bool = False
    #: An offer is with the page, or on its way: the next change waits for the answer.
    offered: bool = False
    stale: bool = False
    watching: tuple[str, ...] = ()
    large: tuple[str, ...] = ()
    vanished: int = 0
    pause: float = FIRST_PAUSE
    began: float = 0.0

    def forget(self) -> None:
        """What was reached is gone: they come to the SFU anew."""
        self.ticket = None
        self.joined = self.sending = self.offered = self.stale = False
        self.jobs = asyncio.Queue()


async def end(task: asyncio.Task[None] | None) -> None:
    """Cancel a task, and wait until it has ended."""
    if task is not None:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
