"""The organisation's points a minute, shared by all processes in Redis.

A sliding window: every spending is an entry with its time, and what was spent in the last minute never exceeds the
limit, wherever the provider's own minute begins. One Lua script does check and entry at once, so two processes cannot
both take the last points, and a process that dies holds nothing. Needs Redis 6.2.
"""

import asyncio
import secrets

from redis.asyncio import Redis

from config.metrics import PROVIDER_POINTS
from rooms.whereby.errors import BudgetExhausted
from rooms.whereby.protocol import Rate

_KEY = "sammen:points"
_WINDOW_MS = 60_000

#: KEYS: entries. ARGV: points wanted, limit, window in ms, member. Answers milliseconds to wait, 0 when granted.
#: Redis's own clock decides, so that processes on several machines agree.
_SPEND = """
local time = redis.call('time')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local want, limit, window = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
redis.call('zremrangebyscore', KEYS[1], '-inf', now - window)
local spent, free_at = 0, 0
local entries = redis.call('zrange', KEYS[1], 0, -1, 'withscores')
for i = 1, #entries, 2 do
  spent = spent + tonumber(string.match(entries[i], '^%d+'))
end
local over = spent + want - limit
if over <= 0 then
  redis.call('zadd', KEYS[1], now, want .. ':' .. ARGV[4])
  redis.call('pexpire', KEYS[1], window)
  return {0, limit - spent - want}
end
for i = 1, #entries, 2 do
  over = over - tonumber(string.match(entries[i], '^%d+'))
  free_at = tonumber(entries[i + 1])
  if over <= 0 then break end
end
return {math.max(1, free_at + window - now + 1), limit - spent}
"""

#: Make the entries of the last minute say at least what the provider says was spent (by others with the same key).
_CORRECT = """
local time = redis.call('time')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local window = tonumber(ARGV[2])
redis.call('zremrangebyscore', KEYS[1], '-inf', now - window)
local spent = 0
for _, entry in ipairs(redis.call('zrange', KEYS[1], 0, -1)) do
  spent = spent + tonumber(string.match(entry, '^%d+'))
end
local missing = tonumber(ARGV[1]) - spent
if missing > 0 then
  redis.call('zadd', KEYS[1], now, missing .. ':' .. ARGV[3])
  redis.call('pexpire', KEYS[1], window)
end
return missing
"""


class Budget:
    """Takes points before a call and learns from what the provider answers."""

    def __init__(self, redis: Redis, points_per_minute: int, *, longest_wait: float = 20) -> None:
        self._redis = redis
        self._limit = points_per_minute
        self._longest_wait = longest_wait

    async def spend(self, points: int) -> None:
        """Wait until so many points are free, and take them.

        Raises BudgetExhausted when that would take longer than `longest_wait` seconds in all: better to let the worker
        do something else and come back.
        """
        waited = 0.0
        while True:
            answer = await self._redis.eval(_SPEND, 1, _KEY, points, self._limit, _WINDOW_MS, secrets.token_hex(6))
            milliseconds, left = (int(number) for number in answer)
            PROVIDER_POINTS.set(left)
            if milliseconds == 0:
                return
            seconds = milliseconds / 1000
            if waited + seconds > self._longest_wait:
                raise BudgetExhausted(seconds)
            waited += seconds
            await asyncio.sleep(seconds)

    async def learn(self, rate: Rate) -> None:
        """Correct our count by the provider's: others may spend with the same key, and its limit may be lower."""
        if rate.limit is not None and 0 < rate.limit < self._limit:
            self._limit = rate.limit
        if rate.remaining is not None:
            spent = max(0, (rate.limit or self._limit) - rate.remaining)
            await self._redis.eval(_CORRECT, 1, _KEY, min(spent, self._limit), _WINDOW_MS, secrets.token_hex(6))

    async def empty(self) -> None:
        """The provider said 429: nothing is left for now, whatever we counted."""
        await self._redis.eval(_CORRECT, 1, _KEY, self._limit, _WINDOW_MS, secrets.token_hex(6))
