"""POST /provider-events: the provider's webhooks. Verified, stored, answered; worked on afterwards by a worker."""

from aiohttp import web

from config import clock
from config.metrics import WEBHOOKS
from rooms.seating.service.events import Taken
from rooms.seating.views.intake import INTAKE, NotKept
from rooms.web.keys import SETTINGS
from rooms.whereby.webhooks import HEADER, BadEvent, BadSignature, parse, verify


async def take(request: web.Request) -> web.StreamResponse:
    """Take one event. 401 for a wrong signature and 400 for no event, which the provider does not send again.

    204 when it is committed; 503, and the provider sends it again, when it could not be.
    """
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
    try:
        await request.app[INTAKE].keep(Taken(event.id, event.type, raw.decode(), now))
    except NotKept:
        WEBHOOKS.labels("unknown", "not_kept").inc()
        return web.Response(status=503)
    return web.Response(status=204)
