"""The provider's own figures, kept for an hour in Redis: whoever opens a page never waits for the provider.

A page that finds none asks for them; a worker then reads the provider's whole list once, for all centres.
"""

import asyncio
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError
from sqlalchemy import select

from rooms.schedule.records import Session
from rooms.store.redis import INSIGHTS, lock
from rooms.store.unit_of_work import UnitOfWork
from rooms.supply.records import Room
from rooms.usage.rules.months import Month
from rooms.whereby.client import WherebyClient
from rooms.whereby.errors import ProviderError
from rooms.whereby.protocol import belongs_to, prefix_of

log = structlog.get_logger(__name__)

#: The worker's task that reads them.
INSIGHTS_DUE = "workers.usage.insights_due"
#: Minutes by the prefixes of rooms' names; one name is empty, so that no room at all is an answer too.
_MINUTES = INSIGHTS + "minutes"
#: The same while the list is being read, and the page that comes next.
_READING, _NEXT = INSIGHTS + "reading", INSIGHTS + "next"
_ASKED, _NO_FIGURES = INSIGHTS + "asked", INSIGHTS + "none"
_HOUR = 3600


class Source(StrEnum):
    """Whether the provider's figures are there."""

    TOLD = "told"
    #: A worker is about to read them.
    ASKED = "asked"
    #: The provider gives none, as the embedded room server.
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Insight:
    """The participant minutes that the provider counted, when it did."""

    source: Source
    minutes: int = 0


async def insight(work: UnitOfWork, redis: Redis, centre_id: uuid.UUID, month: Month) -> Insight:
    """The provider's figure for the sessions of a centre that began in a month. Asks a worker for it if need be."""
    rows = await work.session.scalars(
        select(Room.prefix)
        .join(Session, Session.id == Room.session_id)
        .where(Room.centre_id == centre_id, Session.starts_at >= month.begin, Session.starts_at < month.end)
    )
    prefixes: Sequence[str] = rows.all()
    try:
        if await redis.exists(_NO_FIGURES):
            return Insight(Source.NONE)
        if await redis.exists(_MINUTES):
            told = await redis.hmget(_MINUTES, ["", *prefixes])
            return Insight(Source.TOLD, round(sum(float(minutes) for minutes in told if minutes)))
        await redis.set(_ASKED, 1, ex=_HOUR)
        work.wake_worker(INSIGHTS_DUE)
    except RedisError as error:
        log.warning("the provider's figures not found", error=type(error).__name__)
    return Insight(Source.ASKED)


async def read_insights(redis: Redis, client: WherebyClient, installation: str, *, seconds: float) -> bool:
    """Read the provider's list if somebody asked; one worker at a time. True when there was no time for all of it."""
    async with lock(redis, "insights", seconds + 60) as alone:
        return alone and bool(await redis.exists(_ASKED)) and await _read(redis, client, installation, seconds)


async def _read(redis: Redis, client: WherebyClient, installation: str, seconds: float) -> bool:
    end = asyncio.get_running_loop().time() + seconds
    cursor = str(await redis.get(_NEXT) or "") or None
    if cursor is None:
        await redis.delete(_READING)
    while True:
        try:
            page = await client.insights(cursor)
        except ProviderError as error:
            log.warning("the provider's figures not read", error=type(error).__name__)
            return False
        if page is None:
            await redis.set(_NO_FIGURES, 1, ex=_HOUR)
            await redis.delete(_ASKED, _NEXT, _READING)
            return False
        rooms, following = page
        ours = [room for room in rooms if belongs_to(installation, room.room_name)]
        items = ["", 0.0, *(part for room in ours for part in (str(prefix_of(room.room_name)), room.minutes))]
        await redis.hset(_READING, items=items)
        await redis.expire(_READING, _HOUR)
        if following is None or following == cursor:
            await redis.rename(_READING, _MINUTES)
            await redis.expire(_MINUTES, _HOUR)
            await redis.delete(_ASKED, _NEXT)
            return False
        cursor = following
        await redis.set(_NEXT, cursor, ex=_HOUR)
        if asyncio.get_running_loop().time() > end:
            return True
