"""Hear what pages are told."""

import asyncio
import json

from redis.asyncio.client import PubSub


async def hear(pages: PubSub, topic: str, *, seconds: float = 10) -> None:
    """Wait until the pages that follow `topic` are woken. Raises TimeoutError.

    A look that finds nothing proves nothing: the connection's own pulse also ends one.
    """
    async with asyncio.timeout(seconds):
        heard: list[str] = []
        while topic not in heard:
            news = await pages.get_message(ignore_subscribe_messages=True, timeout=1)
            heard += json.loads(news["data"]) if news else []
