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
from rooms.whereby.budget import Budget
from rooms.whereby.errors import BudgetExhausted, NoSuchMeeting, ProviderDown, ProviderError, TooFast
from rooms.whereby.protocol import Meeting, NewMeeting, Request

_TIMEOUT = httpx.Timeout(10, connect=3)
_TRIES = 4
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

    async def create(self, new: NewMeeting) -> Meeting:
        """Make a room, once: when an answer is lost, look for the room by its prefix before making it again."""
        maybe_made = False
        async for attempt in _retrying():
            with attempt:
                if maybe_made and (found := await self.find_by_prefix(new.prefix)):
                    return found
                try:
                    return protocol.read_meeting(*await self._send(protocol.create(new)), clock.now())
                except ProviderDown:
                    maybe_made = True
                    raise
        raise AssertionError("tenacity re-raises")

    async def find_by_prefix(self, prefix: str) -> Meeting | None:
        """The room whose name begins with `prefix`, for whoever does not know if it was made."""
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
        """All rooms of the organisation, page after page."""
        cursor: str | None = None
        while True:
            meetings, cursor = await self._page(cursor)
            for meeting in meetings:
                yield meeting
            if cursor is None:
                return

    async def ping(self) -> None:
        """The cheapest call that shows that provider and key are good."""
        await self._page(None)

    async def _page(self, cursor: str | None) -> tuple[list[Meeting], str | None]:
        async for attempt in _retrying():
            with attempt:
                return protocol.read_page(*await self._send(protocol.page(cursor)), clock.now())
        raise AssertionError("tenacity re-raises")

    async def delete(self, meeting_id: str) -> None:
        """Delete a room and throw everybody out. A room that is gone already is fine."""
        async for attempt in _retrying():
            with attempt:
                try:
                    protocol.check_status(*await self._send(protocol.delete(meeting_id)), clock.now())
                except NoSuchMeeting:
                    return

    async def _send(self, request: Request) -> tuple[int, httpx.Headers, bytes]:
        """One call, within the budget. Translates the library's errors; statuses are the protocol's to read."""
        await self._budget.spend(request.points)
        try:
            response = await self._http.request(
                request.method, request.path, params=dict(request.params) or None, json=request.body
            )
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
            PROVIDER_CALLS.labels(request.name, type(error).__name__).inc()
            raise ProviderDown(type(error).__name__) from None  # its text may hold an address
        PROVIDER_CALLS.labels(request.name, str(response.status_code)).inc()
        if response.status_code == 429:
            await self._budget.empty()
        else:
            await self._budget.learn(protocol.read_rate(response.headers))
        return response.status_code, response.headers, response.content


def _worth_another_try(error: BaseException) -> bool:
    if not isinstance(error, ProviderError) or error.permanent:
        return False
    return not (isinstance(error, TooFast | BudgetExhausted) and error.seconds > _LONGEST_PAUSE)


_backoff = wait_random_exponential(multiplier=0.25, max=4)


def _pause(state: RetryCallState) -> float:
    """At least what the provider asked for, and some jitter, so that processes do not come back together."""
    error = state.outcome.exception() if state.outcome is not None else None
    asked = error.seconds if isinstance(error, TooFast | BudgetExhausted) else 0.0
    return asked + float(_backoff(state))


def _retrying() -> AsyncRetrying:
    return AsyncRetrying(
        retry=retry_if_exception(_worth_another_try),
        stop=stop_after_attempt(_TRIES),
        wait=_pause,
        sleep=asyncio.sleep,
        reraise=True,
    )
