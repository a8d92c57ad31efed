"""Beat: when it speaks, and which one leads.

Any number may run, one of them speaks. When it dies another one does, within seconds.
"""

import socket
from datetime import datetime
from typing import Any

from celery.beat import Scheduler
from celery.schedules import schedstate, schedule
from pydantic import SecretStr
from redis import Redis
from redis.exceptions import RedisError

_LEADER = "sammen:lock:beat-leader"
#: Seconds. Nobody speaks for so long when a leader's whole machine dies; a beat that is restarted goes on at once.
_TERM = 15
#: Seconds between two looks of a beat that does not lead.
_LOOK = 3
_LEAD = """
local leader = redis.call('get', KEYS[1])
if leader and leader ~= ARGV[1] then return 0 end
redis.call('set', KEYS[1], ARGV[1], 'EX', ARGV[2])
return 1
"""


class Ticks(schedule):  # type: ignore[misc]  # Celery says no types
    """Due at each multiple of so many seconds of the clock: looks that come late do not push the later ones back."""

    def is_due(self, last_run_at: datetime) -> schedstate:
        """Whether a multiple has passed since, however many; and in how many seconds the next one comes."""
        seconds, now = self.seconds, self.now().timestamp()
        passed = int(now // seconds) > int(last_run_at.timestamp() // seconds)
        return schedstate(is_due=passed, next=seconds - now % seconds)


def leading(redis_url: SecretStr, name: str | None = None) -> type[Scheduler]:
    """A scheduler for Celery's beat that speaks only while it leads.

    `name`: whose leadership it is; without it this machine's, which runs one beat. What came due while another one led,
    or while nobody did, is said once as soon as this one leads: every look at what is due catches up with it.
    """
    redis = Redis.from_url(redis_url.get_secret_value(), socket_timeout=5, socket_connect_timeout=2)
    mine = name or socket.gethostname()

    class Leading(Scheduler):  # type: ignore[misc]  # Celery says no types
        def tick(self, *arguments: Any, **facts: Any) -> float:
            """Seconds until the next one."""
            try:
                leads = redis.eval(_LEAD, 1, _LEADER, mine, _TERM)
            except RedisError:  # then nothing could be said either
                return _LOOK
            if not leads:
                return _LOOK
            wait: float = super().tick(*arguments, **facts)
            return min(wait, _LOOK)

    return Leading
