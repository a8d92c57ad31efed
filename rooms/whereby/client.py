"""Calls to the room provider: bounded in time, tried again only where that is safe, within the points budget."""

import asyncio
from collections.abc import AsyncIterator
from types import TracebackType
from typing import Self

import httpx
from httpx_aiohttp import AiohttpTransport
from pydantic import SecretStr
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, stop_after_attempt, wait_random_exponential

from config import clock
from config.metrics import PROVIDER_CALLS
from rooms.whereby import protocol
from rooms.whereby.budget import Budget, Haste
from rooms.whereby.errors import NoSuchMeeting, ProviderDown, ProviderError, TooFast
from rooms.whereby.protocol import Meeting, NewMeeting, Request, RoomMinutes

_TIMEOUT = httpx.Timeout(10, connect=3)
#: Seconds for a whole call: the timeout above begins anew with every byte that trickles in.
_WHOLE_CALL = 12
_TRIES = 4
#: Seconds before a room is looked for whose creation got no answer: the provider may still be at it.
_SETTLE = 0.5
#: Seconds. A longer pause is the caller's to plan: its row in the database knows when to come back.
_LONGEST_PAUSE = 15.0


class WherebyClient:
    """One a process and event loop; use as an async context manager.

    Every method raises a ProviderError when it could not be done within a few tries.
    """

    def __init__(
        self, base_url: str, api_key: SecretStr, budget: Budget, *, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        self._budget = budget
        self._http = httpx.AsyncClient(
            base_url=base_url,
            headers={"Authorization": f"Bearer {api_key.get_secret_value()}", "Accept": "application/json"},
            timeout=_TIMEOUT,
            transport=transport or AiohttpTransport(),
            follow_redirects=False,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    async def create(self, new: NewMeeting, haste: Haste = Haste.NOW) -> Meeting:
        """Make a room, once: when an answer is lost, look for the room by its prefix before making it again.

        An error whose `maybe_made` is true leaves it open whether the room exists.
        """
        maybe_made = False
        try:
            async for attempt in _retrying(at_least=_SETTLE):
                if maybe_made and (found := await self.find_by_prefix(new.prefix)):
                    return found
                with attempt:
                    try:
                        return protocol.read_meeting(*await self._send(protocol.create(new), haste), clock.now())
                    except ProviderDown:
                        maybe_made = True
                        raise
        except ProviderError as error:
            error.maybe_made = maybe_made
            raise
        raise AssertionError("tenacity re-raises")

    async def find_by_prefix(self, prefix: str) -> Meeting | None:
        """The room whose name begins with `prefix`, for whoever does not know if it was made.

        Raises ValueError for what is no room's prefix: whoever deletes what was found must not find others' rooms.
        """
        protocol.check_prefix(prefix)
        async for meeting in self.list_meetings():
            if meeting.room_name.lstrip("/").startswith(prefix):
                return meeting
        return None

    async def get(self, meeting_id: str) -> Meeting:
        """A room by its id. Raises NoSuchMeeting."""
        async for attempt in _retrying():
            with attempt:
                return protocol.read_meeting(*await self._send(protocol.get(meeting_id)), clock.now())
        raise AssertionError("tenacity re-raises")

    async def list_meetings(self) -> AsyncIterator[Meeting]:
        """All rooms of the organisation, page after page. Raises ProviderDown for a list that leads in a circle."""
        cursor: str | None = None
        seen: set[str | None] = {None}
        while True:
            meetings, cursor = await self._page(protocol.page(cursor))
            for meeting in meetings:
                yield meeting
            if cursor is None:
                return
            if cursor in seen:
                raise ProviderDown("a page again")
            seen.add(cursor)

    async def ping(self) -> None:
        """The cheapest call that shows that provider and key are good."""
        await self._page(protocol.ping())

    async def insights(self, cursor: str | None = None) -> tuple[list[RoomMinutes], str | None] | None:
        """A page of what was counted for each room, and the cursor of the next. None where nothing is counted (404)."""
        async for attempt in _retrying():
            with attempt:
                try:
                    return protocol.read_insights(
                        *await self._send(protocol.insights(cursor), Haste.LATER), clock.now()
                    )
                except NoSuchMeeting:
                    return None
        raise AssertionError("tenacity re-raises")

    async def _page(self, request: Request) -> tuple[list[Meeting], str | None]:
        async for attempt in _retrying():
            with attempt:
                return protocol.read_page(*await self._send(request), clock.now())
        raise AssertionError("tenacity re-raises")

    async def delete(self, meeting_id: str, haste: Haste = Haste.NOW) -> None:
        """Delete a room and throw everybody out. A room that is gone already is fine."""
        async for attempt in _retrying():
            with attempt:
                try:
                    protocol.check_status(*await self._send(protocol.delete(meeting_id), haste), clock.now())
                except NoSuchMeeting:
                    return

    async def _send(self, request: Request, haste: Haste = Haste.NOW) -> tuple[int, httpx.Headers, bytes]:
        """One call, within the budget. Translates the library's errors; statuses are the protocol's to read."""
        await self._budget.spend(request.points, haste)
        try:
            async with asyncio.timeout(_WHOLE_CALL):
                response = await self._http.request(
                    request.method, request.path, params=dict(request.params) or None, json=request.body
                )
        except Exception as error:  # noqa: BLE001 - the transport also lets errors of aiohttp's through
            PROVIDER_CALLS.labels(request.name, type(error).__name__).inc()
            # Whether it was sent cannot be told: the transport says «ConnectTimeout» of lost answers, too.
            raise ProviderDown(type(error).__name__) from None  # its text may hold an address
        PROVIDER_CALLS.labels(request.name, str(response.status_code)).inc()
        if response.status_code == 429:
            await self._budget.pause(protocol.pause(response.headers, response.content, clock.now()))
        else:
            await self._budget.learn(protocol.read_rate(response.headers))
        return response.status_code, response.headers, response.content


def _worth_another_try(error: BaseException) -> bool:
    """Not when our own points are spent: `Budget` has waited as long as this process wants to."""
    if isinstance(error, TooFast):
        return error.seconds <= _LONGEST_PAUSE
    return isinstance(error, ProviderDown)


_backoff = wait_random_exponential(multiplier=0.25, max=4)


def _retrying(*, at_least: float = 0) -> AsyncRetrying:
    def pause(state: RetryCallState) -> float:
        """What the provider asked for, and some jitter, so that processes do not come back together."""
        error = state.outcome.exception() if state.outcome is not None else None
        asked = error.seconds if isinstance(error, TooFast) else at_least
        return asked + float(_backoff(state))

    return AsyncRetrying(
        retry=retry_if_exception(_worth_another_try),
        stop=stop_after_attempt(_TRIES),
        wait=pause,
        sleep=asyncio.sleep,
        reraise=True,
    )
