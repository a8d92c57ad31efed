"""Wait for a condition instead of for a time."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")


async def until(condition: Callable[[], Awaitable[T]], *, seconds: float = 30, every: float = 0.05) -> T:
    """Ask again and again until the answer is true in the sense of `bool`; return it. Fails after `seconds`."""
    end = time.monotonic() + seconds
    while True:
        if found := await condition():
            return found
        if time.monotonic() > end:
            raise AssertionError(f"not within {seconds} s: {condition}; last answer {found!r}")
        await asyncio.sleep(every)
