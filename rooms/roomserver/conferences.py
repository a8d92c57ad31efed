"""All conferences of the SFU: made and ended, and what happens in the SFU handed to the right one."""

import asyncio
import secrets
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any

from rooms.roomserver.conference import Conference, Send
from rooms.roomserver.sfu.adapter import Listener, Sfu

#: Seconds for saying good-bye to the SFU.
_GOODBYE = 2


class Conferences:
    """`make_sfu` makes the SFU that reports to this; at most `most_cameras` are live in each room."""

    def __init__(self, make_sfu: Callable[[Listener], Sfu], most_cameras: int) -> None:
        self._sfu = make_sfu(self)
        self._most_cameras = most_cameras
        self._all: dict[str, Conference] = {}
        self._ending: set[asyncio.Task[None]] = set()

    @property
    def is_ready(self) -> bool:
        """Whether new rooms get a conference."""
        return self._sfu.is_ready

    @property
    def problem(self) -> str | None:
        """Why not, for whoever runs the server."""
        return self._sfu.problem

    async def run(self) -> None:
        """Keep the connection to the SFU, for ever. Cancel it to stop."""
        await self._sfu.run()

    def open(self, send: Send) -> Conference:
        """One more. Its id is nobody's business, so that nobody can guess the room."""
        room_id = secrets.token_hex(16)
        conference = self._all[room_id] = Conference(self._sfu, room_id, send, self._most_cameras)
        return conference

    def close(self, conference: Conference) -> None:
        """Throw everybody out, soon."""
        self._all.pop(conference.id, None)
        self._soon(conference.close())

    def tick(self) -> None:
        """A second has passed."""
        for conference in self._all.values():
            conference.tick()

    async def stop(self) -> None:
        """Before this process ends: close all."""
        for conference in list(self._all.values()):
            self.close(conference)
        with suppress(TimeoutError):  # an SFU that is not told finds out by itself
            async with asyncio.timeout(_GOODBYE):
                await asyncio.gather(*self._ending, return_exceptions=True)

    def began(self) -> None:
        """See `Listener`."""
        for conference in self._all.values():
            conference.began()

    def lost(self) -> None:
        """See `Listener`."""
        for conference in self._all.values():
            conference.lost()

    def is_sending(self, room_id: str, client_id: str) -> None:
        """See `Listener`."""
        if (conference := self._all.get(room_id)) is not None:
            conference.is_sending(client_id)

    def talks(self, room_id: str, client_id: str) -> None:
        """See `Listener`."""
        if (conference := self._all.get(room_id)) is not None:
            conference.talks(client_id)

    def broke(self, room_id: str, client_id: str) -> None:
        """See `Listener`."""
        if (conference := self._all.get(room_id)) is not None:
            conference.broke(client_id)

    def _soon(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)
