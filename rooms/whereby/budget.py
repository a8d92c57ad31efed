"""The organisation's points a minute, shared by all processes in Redis.

A sliding window: every spending is an entry with its time, and what was spent in the last minute never exceeds the
limit, wherever the provider's own minute begins. One Lua script does check and entry at once, so two processes cannot
both take the last points, and a process that dies holds nothing. Needs Redis 6.2.
"""

import asyncio
import random
import secrets
from dataclasses import dataclass
from enum import Enum

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from config.metrics import PROVIDER_POINTS
from rooms.whereby.errors import BudgetExhausted
from rooms.whereby.protocol import WRITE, Rate

log = structlog.get_logger(__name__)

#: One hash slot for all, as a cluster wants it: our entries, what others spent with the same key as far as the provider
#: tells, a limit that it told, and a pause that it asked for.
_KEYS = tuple(f"{{sammen:points}}:{name}" for name in ("entries", "others", "limit", "pause"))
#: A minute, and two seconds for a call to reach the provider after its points were taken.
_WINDOW_MS = 62_000
#: A limit that the provider told is believed for an hour: plans change seldom.
_LIMIT_MS = 3_600_000
#: Seconds until a new try when Redis does not answer. Calling without counting would spend the others' points.
_UNCOUNTED = 5.0


class Haste(Enum):
    """How urgent a call is. The value is the share of the minute's points that it leaves for what is more urgent."""

    #: Somebody waits for it, or a stranger is to be thrown out.
    NOW = 0.0
    #: Rooms made ahead.
    AHEAD = 0.1
    #: Tidying up.
    LATER = 0.2


#: Redis's own clock decides, so that processes on several machines agree.
_COUNT = """
local time = redis.call('time')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local window, limit = tonumber(ARGV[1]), tonumber(ARGV[2])
redis.call('zremrangebyscore', KEYS[1], '-inf', now - window)
local entries, spent = redis.call('zrange', KEYS[1], 0, -1, 'withscores'), 0
for i = 1, #entries, 2 do
  spent = spent + tonumber(string.match(entries[i], '^%d+'))
end
"""

#: Changes nothing. ARGV: window, limit.
#: Answers what was spent in the window, by us and by others, the limit that counts, and milliseconds of a pause.
_LOOK = """
local time = redis.call('time')
local since = time[1] * 1000 + math.floor(time[2] / 1000) - tonumber(ARGV[1])
local spent = tonumber(redis.call('get', KEYS[2]) or 0)
for _, entry in ipairs(redis.call('zrangebyscore', KEYS[1], '(' .. since, '+inf')) do
  spent = spent + tonumber(string.match(entry, '^%d+'))
end
local limit = math.min(tonumber(ARGV[2]), tonumber(redis.call('get', KEYS[3]) or ARGV[2]))
return {spent, limit, math.max(0, redis.call('pttl', KEYS[4]))}
"""

#: ARGV: window, limit, points wanted, random text, share to leave.
#: Answers milliseconds to wait, 0 when granted, and points left.
_SPEND = (
    _COUNT
    + """
local pause = redis.call('pttl', KEYS[4])
if pause >= 0 then return {pause + 1, 0} end
limit = math.min(limit, tonumber(redis.call('get', KEYS[3]) or limit))
local want, others = tonumber(ARGV[3]), tonumber(redis.call('get', KEYS[2]) or 0)
if want > limit then return {window, 0} end
local keep = math.min(math.floor(limit * tonumber(ARGV[5])), limit - want)
local over = spent + others + want + keep - limit
if over <= 0 then
  redis.call('zadd', KEYS[1], now, want .. ':' .. ARGV[4])
  redis.call('pexpire', KEYS[1], window)
  return {0, keep - over}
end
local released = {{now + redis.call('pttl', KEYS[2]), others}}
for i = 1, #entries, 2 do
  released[#released + 1] = {tonumber(entries[i + 1]) + window, tonumber(string.match(entries[i], '^%d+'))}
end
table.sort(released, function(one, other) return one[1] < other[1] end)
local free_at = now
for _, release in ipairs(released) do
  over, free_at = over - release[2], release[1]
  if over <= 0 then break end
end
return {math.max(1, free_at - now + 1), math.max(0, limit - spent - others)}
"""
)

#: ARGV: window, limit, points that the provider says are left or '', its limit or '', how long to believe that.
#: What others spent is what is missing between the provider's count and ours; the newest answer replaces older ones.
_LEARN = (
    _COUNT
    + """
if ARGV[4] ~= '' then
  redis.call('set', KEYS[3], ARGV[4], 'px', ARGV[5])
  limit = math.min(limit, tonumber(ARGV[4]))
end
if ARGV[3] ~= '' then
  redis.call('set', KEYS[2], math.max(0, limit - tonumber(ARGV[3]) - spent), 'px', window)
end
"""
)

#: ARGV: milliseconds. A longer pause that somebody else was asked for stays.
_PAUSE = "if redis.call('pttl', KEYS[4]) < tonumber(ARGV[1]) then redis.call('set', KEYS[4], '1', 'px', ARGV[1]) end"


@dataclass(frozen=True, slots=True)
class Points:
    """The organisation's last minute. `pause`: seconds that the provider wants us to keep still."""

    spent: int
    limit: int
    pause: float

    @property
    def left(self) -> int:
        """What may be spent at this moment."""
        return 0 if self.pause else max(0, self.limit - self.spent)


class Budget:
    """Takes points before a call and learns from what the provider answers."""

    def __init__(self, redis: Redis, points_per_minute: int, *, longest_wait: float = 20) -> None:
        if points_per_minute < WRITE:
            raise ValueError("fewer points than one room costs")
        self._redis = redis
        self._limit = points_per_minute
        self._longest_wait = longest_wait

    async def spend(self, points: int, haste: Haste = Haste.NOW) -> None:
        """Wait until so many points are free, beside those to be left for what is more urgent, and take them.

        Raises BudgetExhausted when that would take longer than `longest_wait` seconds in all: better to let the worker
        do something else and come back. Also when Redis does not answer.
        """
        waited = 0.0
        while (seconds := await self._take(points, haste)) > 0:
            if waited + seconds > self._longest_wait:
                raise BudgetExhausted(seconds)
            seconds += random.uniform(0, 0.1)  # noqa: S311 - jitter: not all who wait come back at once
            waited += seconds
            await asyncio.sleep(seconds)

    async def state(self) -> Points | None:
        """A look that spends nothing. None when Redis does not answer."""
        try:
            spent, limit, pause = await self._redis.eval(_LOOK, len(_KEYS), *_KEYS, _WINDOW_MS, self._limit)
        except RedisError:
            return None
        return Points(int(spent), int(limit), int(pause) / 1000)

    async def learn(self, rate: Rate) -> None:
        """Correct our count by the provider's: others may spend with the same key, and its limit may be lower.

        The answer that told it is good whether or not Redis hears of it, so nothing is raised.
        """
        if rate.limit is None and rate.remaining is None:
            return
        told = ["" if number is None else str(number) for number in (rate.remaining, rate.limit or None)]
        await self._tell(_LEARN, _WINDOW_MS, self._limit, *told, _LIMIT_MS)

    async def pause(self, seconds: float) -> None:
        """The provider said 429: nobody takes points for so long, whatever we counted. Raises nothing."""
        await self._tell(_PAUSE, max(1, int(seconds * 1000)))

    async def _take(self, points: int, haste: Haste) -> float:
        """Seconds to wait; 0 when the points are taken."""
        arguments = (_WINDOW_MS, self._limit, points, secrets.token_hex(6), haste.value)
        try:
            answer = await self._redis.eval(_SPEND, len(_KEYS), *_KEYS, *arguments)
        except RedisError as error:
            log.warning("points cannot be counted", error=type(error).__name__)
            raise BudgetExhausted(_UNCOUNTED) from None
        milliseconds, left = (int(number) for number in answer)
        PROVIDER_POINTS.set(left)
        return milliseconds / 1000

    async def _tell(self, script: str, *arguments: str | int) -> None:
        try:
            await self._redis.eval(script, len(_KEYS), *_KEYS, *arguments)
        except RedisError as error:
            log.warning("points not corrected", error=type(error).__name__)
