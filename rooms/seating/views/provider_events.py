"""POST /provider-events: the provider's webhooks. Verified, stored, answered; worked on afterwards by a worker."""

import structlog
from aiohttp import web

from config import clock
from config.metrics import WEBHOOKS
from rooms.seating.service.events import WORK_OFF, keep
from rooms.web.keys import SETTINGS
from rooms.web.work import work_across_centres
from rooms.whereby.webhooks import HEADER, BadEvent, BadSignature, parse, verify

log = structlog.get_logger(__name__)


async def take(request: web.Request) -> web.StreamResponse:
    """Take one event. 401 for a wrong signature and 400 for no event, which the provider does not send again."""
    raw = await request.read()
    now = clock.now()
    try:
        verify(request.app[SETTINGS].whereby_webhook_secret.get_secret_value(), request.headers.get(HEADER), raw, now)
        event = parse(raw)
    except BadSignature:
        WEBHOOKS.labels("unknown", "bad_signature").inc()
        return web.Response(status=401)
    except BadEvent:
        WEBHOOKS.labels("unknown", "bad_event").inc()
        return web.Response(status=400)
    work = work_across_centres(request, "an event names its seat, not its centre")
    is_new = await keep(work, event.id, event.type, raw.decode(), now)
    if is_new:
        work.wake_worker(WORK_OFF)
    return web.Response(status=204)
