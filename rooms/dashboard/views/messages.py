"""/messages: what could not be sent and why, what waits, and whether those who work behind the pages are alive."""

import time
from collections.abc import Mapping
from dataclasses import dataclass

from aiohttp import web
from redis.exceptions import RedisError

from config import clock
from config.i18n import marked as _
from rooms.dashboard.views.frame import done, id_in, show
from rooms.dashboard.views.message_words import KINDS
from rooms.messages.rules import Channel
from rooms.messages.service.failed import failed_messages, try_again, waiting
from rooms.messages.service.pauses import all_pauses
from rooms.schedule.service.sessions import SEND_DUE
from rooms.store.redis import HEARTBEAT
from rooms.store.wakeups import LIVE_QUEUE, MAIL_QUEUE, QUEUE
from rooms.web.errors import NotFound
from rooms.web.guard import COORDINATORS, Route
from rooms.web.keys import REDIS
from rooms.web.work import work_of

AWAY: Mapping[Channel, str] = {
    Channel.EMAIL: _("The mail server does not answer. Messages wait until it is back."),
    Channel.SMS: _("The SMS service does not answer. Messages wait until it is back."),
}
QUEUES: Mapping[str, str] = {
    LIVE_QUEUE: _("What somebody waits for this second"),
    QUEUE: _("Making and deleting rooms"),
    MAIL_QUEUE: _("Messages"),
}
#: Seconds. A worker that lives says so every ten.
_SILENT_AFTER = 60


@dataclass(frozen=True, slots=True)
class Behind:
    """The workers: how many jobs each queue holds, and the seconds since a worker was last heard of."""

    queues: Mapping[str, int]
    silent_for: int | None

    @property
    def is_alive(self) -> bool:
        """Whether somebody works."""
        return self.silent_for is not None and self.silent_for < _SILENT_AFTER


async def look(request: web.Request) -> web.StreamResponse:
    """GET /messages."""
    work, now = work_of(request), clock.now()
    return await show(
        request,
        "dashboard/messages.html",
        failed=await failed_messages(work, now),
        waiting=await waiting(work, now),
        pauses=await all_pauses(work),
        behind=await _behind(request),
        kinds=KINDS,
        away=AWAY,
        queues=QUEUES,
    )


async def _behind(request: web.Request) -> Behind | None:
    """None when Redis does not answer."""
    redis = request.app[REDIS]
    try:
        lengths = {name: await redis.llen(name) for name in QUEUES}
        beat = await redis.hget(HEARTBEAT, "worker")
    except (RedisError, OSError):
        return None
    return Behind(lengths, int(time.time() - float(beat)) if beat is not None else None)


async def again(request: web.Request) -> web.StreamResponse:
    """POST /messages/{id}/again: one that failed. A second click changes nothing."""
    return await _again(request, every=False)


async def all_again(request: web.Request) -> web.StreamResponse:
    """POST /messages/again: all that are shown."""
    return await _again(request, every=True)


async def _again(request: web.Request, *, every: bool) -> web.StreamResponse:
    work = work_of(request)
    try:
        await try_again(work, None if every else id_in(request), clock.now())
    except LookupError as error:
        raise NotFound from error
    work.wake_worker(SEND_DUE)
    return done("/messages", "trying-again")


ROUTES = (
    Route("GET", "/messages", look, COORDINATORS),
    Route("POST", "/messages/again", all_again, COORDINATORS),
    Route("POST", "/messages/{id}/again", again, COORDINATORS),
)
