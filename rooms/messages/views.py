"""POST /sms-reports: the SMS gateway tells what became of an SMS."""

import base64
import binascii
import hmac
import uuid

from aiohttp import web

from config import clock
from rooms.messages.rules import Channel
from rooms.messages.rules.reports import arrived as says_arrived
from rooms.messages.service.arrivals import arrived, came_back
from rooms.web.errors import NotFound
from rooms.web.guard import ANYONE, Route
from rooms.web.keys import SETTINGS
from rooms.web.work import work_across_centres


async def take(request: web.Request) -> web.StreamResponse:
    """Take one report: `id`, which is ours (`{id}` in `SMS_URL`), and `status`, in the address, a form or JSON.

    401 without the password; 204 for all others, also of messages that nobody knows, so that none is sent again.
    """
    secret = request.app[SETTINGS].sms_report_secret
    if secret is None:
        raise NotFound
    if not hmac.compare_digest(_password(request), secret.get_secret_value().encode()):
        return web.Response(status=401, headers={"WWW-Authenticate": 'Basic realm="reports"'})
    said = await _said(request)
    try:
        message_id = uuid.UUID(said.get("id", ""))
    except ValueError:
        return web.Response(status=204)
    now = clock.now()
    work = work_across_centres(request, "a gateway does not know whose message it carried")
    match says_arrived(said.get("status", "")):
        case True:
            await arrived(work, message_id, Channel.SMS, now)
        case False:
            await came_back(work, message_id, Channel.SMS, "sms_lost", has_sms=True, now=now)
    return web.Response(status=204)


def _password(request: web.Request) -> bytes:
    kind, _space, text = request.headers.get("Authorization", "").partition(" ")
    try:
        pair = base64.b64decode(text, validate=True) if kind.lower() == "basic" else b""
    except (binascii.Error, ValueError):
        pair = b""
    return pair.partition(b":")[2]


async def _said(request: web.Request) -> dict[str, str]:
    posted: dict[str, object] = {}
    if request.content_type == "application/json":
        try:
            body = await request.json()
        except ValueError:
            body = None
        posted = body if isinstance(body, dict) else {}
    else:
        posted = dict(await request.post())
    return {name: value for name, value in {**request.query, **posted}.items() if isinstance(value, str)}


ROUTES = (Route("POST", "/sms-reports", take, ANYONE, csrf=False),)
