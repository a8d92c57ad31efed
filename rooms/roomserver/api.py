"""The meetings API, with Whereby's statuses, fields, paging, points and error shapes."""

import base64
import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import structlog
from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from config import clock
from rooms.roomserver.auth import Points, key_is_known
from rooms.roomserver.keys import DATABASE, HALL, POINTS, SETTINGS
from rooms.roomserver.meetings import Database, Meeting
from rooms.roomserver.mesh import capacity

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
log = structlog.get_logger(__name__)

_LAST_YEAR = 9000
_EXTRA_FIELDS = {"hostRoomUrl", "viewerRoomUrl"}
_PREFIX = re.compile(r"[a-z0-9-]{0,39}")
_COSTS = {"GET": 1, "DELETE": 2, "POST": 3}


class _NewMeeting(BaseModel):
    model_config = ConfigDict(extra="ignore")

    end_date: datetime = Field(alias="endDate")
    is_locked: bool = Field(False, alias="isLocked")
    room_mode: str = Field("normal", alias="roomMode", pattern="^(normal|group)$")
    prefix: str = Field("", alias="roomNamePrefix")
    pattern: str = Field("uuid", alias="roomNamePattern", pattern="^(uuid|human-short)$")
    template: str | None = Field(None, alias="templateType", pattern="^viewerMode$")
    fields: list[str] = Field(default_factory=list)


@web.middleware
async def api_rules(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Key and points before every call of the API; other paths pass."""
    if not request.path.startswith("/v1/"):
        return await handler(request)
    settings = request.app[SETTINGS]
    keys = settings.room_server_api_keys.get_secret_value().split(",")
    if not key_is_known(request.headers.get("Authorization", ""), [key.strip() for key in keys]):
        return _error(401, "Unauthorized")
    now = clock.now().timestamp()
    points = request.app[POINTS]
    if points.take(_COSTS.get(request.method, 1), now):
        await keep_points(request.app[DATABASE], points)
        response = await _answer(request, handler)
    else:
        left = points.milliseconds_left(now)
        response = web.json_response({"error": "Too many requests", "data": {"msLeft": left}}, status=429)
        response.headers["Retry-After"] = str(-(-left // 1000))
    response.headers["X-RateLimit-Limit"] = str(points.limit)
    response.headers["X-RateLimit-Remaining"] = str(points.left)
    response.headers["X-RateLimit-Reset"] = _iso(datetime.fromtimestamp((now // 60 + 1) * 60, UTC))
    return response


async def _answer(request: web.Request, handler: Handler) -> web.StreamResponse:
    """The handler's answer; what goes wrong is JSON too."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        return _error(error.status, error.reason)
    except Exception:
        log.exception("a call of the API failed", method=request.method)
        return _error(500, "Internal server error")


async def keep_points(database: Database, points: Points) -> None:
    """Write down what this minute has cost, so that a restart is no way around the budget."""
    await database.run("insert or replace into points values (1, ?, ?)", points.window, points.spent)


async def kept_points(database: Database, limit: int) -> Points:
    """The budget as it was before a restart."""
    rows = await database.run("select window, spent from points")
    return Points(limit, rows[0]["window"], rows[0]["spent"]) if rows else Points(limit)


async def create(request: web.Request) -> web.Response:
    """POST /v1/meetings: 201, or 400 with the first thing that is wrong."""
    try:
        new = _NewMeeting.model_validate_json(await request.read())
    except ValidationError as error:
        field = ".".join(str(part) for part in error.errors()[0]["loc"]) or "body"
        return _bad(f"{field}: {error.errors()[0]['msg']}")
    now = clock.now()
    end = new.end_date if new.end_date.tzinfo is not None else new.end_date.replace(tzinfo=UTC)
    if end < now:
        return _bad("endDate: must not be in the past")
    if end.year > _LAST_YEAR:
        return _bad("endDate: is too far away")
    prefix = new.prefix.removeprefix("/")
    if not _PREFIX.fullmatch(prefix):
        return _bad("roomNamePrefix: at most 39 characters of a-z, 0-9 and -")
    if not set(new.fields) <= _EXTRA_FIELDS:
        return _bad("fields: unknown field")
    viewer = new.template is not None
    meeting = await request.app[HALL].meetings.add(
        prefix=prefix,
        pattern=new.pattern,
        mode="group" if viewer else new.room_mode,
        locked=viewer or new.is_locked,
        viewer=viewer,
        start_date=now,
        end_date=end.astimezone(UTC),
    )
    fields = {*new.fields, *(_EXTRA_FIELDS if viewer else ())}
    return web.json_response(_shown(request, meeting, fields), status=201)


async def list_all(request: web.Request) -> web.Response:
    """GET /v1/meetings: a page of all, and the cursor of the next or null."""
    try:
        limit = int(request.query.get("limit", 50))
        after = _read_cursor(request.query.get("cursor"))
    except ValueError:
        return _bad("limit or cursor")
    if not 1 <= limit <= 100:
        return _bad("limit: 1 to 100")
    meetings, more = await request.app[HALL].meetings.page(after, limit)
    fields = _fields(request)
    results = [_shown(request, meeting, fields) for meeting in meetings]
    return web.json_response({"results": results, "cursor": _cursor(more)})


async def get(request: web.Request) -> web.Response:
    """GET /v1/meetings/{id}."""
    meeting = await request.app[HALL].meetings.by_id(request.match_info["id"])
    if meeting is None:
        return _error(404, "Not found")
    return web.json_response(_shown(request, meeting, _fields(request)))


async def delete(request: web.Request) -> web.Response:
    """DELETE /v1/meetings/{id}: throws everybody out; 204 whether it was there or not."""
    await request.app[HALL].delete(request.match_info["id"])
    return web.Response(status=204)


def _bad(message: str) -> web.Response:
    return _error(400, message)


def _error(status: int, message: str) -> web.Response:
    return web.json_response({"error": message}, status=status)


def _fields(request: web.Request) -> set[str]:
    return set(",".join(request.query.getall("fields", [])).split(","))


def _cursor(place: int | None) -> str | None:
    return base64.urlsafe_b64encode(str(place).encode()).decode() if place is not None else None


def _read_cursor(cursor: str | None) -> int:
    """The place in a cursor of ours. Raises ValueError for any other."""
    if not cursor:
        return 0
    place = int(base64.urlsafe_b64decode(cursor))
    if not 0 <= place < 2**53:
        raise ValueError("cursor")
    return place


def _shown(request: web.Request, meeting: Meeting, fields: set[str]) -> dict[str, Any]:
    url = f"{request.app[SETTINGS].room_server_url}/{meeting.name}"
    shown: dict[str, Any] = {
        "meetingId": meeting.id,
        "roomName": f"/{meeting.name}",
        "roomUrl": url,
        "startDate": _iso(meeting.start_date),
        "endDate": _iso(meeting.end_date),
        # Not Whereby's: how many people this server really lets in, and how many Whereby would.
        "capacity": request.app[HALL].capacity_of(meeting),
        "nominalCapacity": capacity(meeting.mode, has_sfu=True),
    }
    if "hostRoomUrl" in fields:
        shown["hostRoomUrl"] = f"{url}?roomKey={meeting.host_key}"
    if "viewerRoomUrl" in fields and meeting.viewer:
        shown["viewerRoomUrl"] = f"{url}?roomKey={meeting.viewer_key}"
    return shown


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
