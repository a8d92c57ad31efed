"""The provider's API as values: requests out, answers in, without any I/O.

Facts from Whereby's public documentation (API v1): a create costs three points of the organisation's budget a minute,
a delete two, a read one; `endDate` is required; unknown fields are ignored, since new ones count as non-breaking.
"""

import json
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from rooms.whereby.errors import BadRequest, KeyRefused, NoSuchMeeting, NotAllowed, ProviderDown, ProviderError, TooFast

#: Points that a call costs.
READ, DELETE, WRITE = 1, 2, 3
#: Seconds to wait after a 429 that does not say how long.
_USUAL_PAUSE = 5.0


class RoomMode(StrEnum):
    """`normal`: up to 4 people, browser to browser. `group`: more, through an SFU."""

    NORMAL = "normal"
    GROUP = "group"


@dataclass(frozen=True, slots=True)
class NewMeeting:
    """A room to be made. `end_date` is aware; `prefix` is unique to the room, by `room_prefix`."""

    end_date: datetime
    mode: RoomMode
    prefix: str
    is_locked: bool = False


class Meeting(BaseModel):
    """A room at the provider. Its addresses are secrets and are not shown by `repr`."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    meeting_id: str = Field(alias="meetingId", min_length=1)
    room_name: str = Field("", alias="roomName")
    room_url: str = Field(alias="roomUrl", min_length=1, repr=False)
    host_room_url: str | None = Field(None, alias="hostRoomUrl", repr=False)
    end_date: AwareDatetime = Field(alias="endDate")


class _Page(BaseModel):
    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    results: list[Meeting]
    cursor: str | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """A call to make. `ambiguous`: when its answer is lost, it may have been done all the same."""

    name: str
    method: str
    path: str
    points: int
    params: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, object] | None = None


@dataclass(frozen=True, slots=True)
class Rate:
    """What the provider says of the organisation's budget, as far as it does."""

    limit: int | None = None
    remaining: int | None = None


def room_prefix(installation: str, room_id: uuid.UUID) -> str:
    """The beginning of a room's name: ours to recognise, unique to the room, without a word about anybody.

    At most 39 characters of `[a-z0-9-]` with the hyphen last, as the provider wants it.
    """
    return f"{installation}-{room_id.hex[:20]}-"


def belongs_to(installation: str, room_name: str) -> bool:
    """Whether a room of the provider's list was made by this installation. Others are never touched."""
    return re.match(rf"/?{re.escape(installation)}-[0-9a-f]{{20}}-", room_name) is not None


def create(new: NewMeeting) -> Request:
    """POST /meetings."""
    body = {
        "endDate": new.end_date.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "isLocked": new.is_locked,
        "roomMode": new.mode.value,
        "roomNamePrefix": new.prefix,
        "roomNamePattern": "uuid",
        "fields": ["hostRoomUrl"],
    }
    return Request("create", "POST", "/meetings", WRITE, body=body)


def get(meeting_id: str) -> Request:
    """GET /meetings/{id}."""
    return Request("get", "GET", f"/meetings/{_segment(meeting_id)}", READ, {"fields": "hostRoomUrl"})


def page(cursor: str | None) -> Request:
    """GET /meetings, a hundred at a time; the first page without a cursor."""
    params = {"limit": "100", "fields": "hostRoomUrl"} | ({"cursor": cursor} if cursor else {})
    return Request("list", "GET", "/meetings", READ, params)


def delete(meeting_id: str) -> Request:
    """DELETE /meetings/{id}: throws everybody out."""
    return Request("delete", "DELETE", f"/meetings/{_segment(meeting_id)}", DELETE)


def _segment(meeting_id: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9._~-]+", meeting_id):
        raise BadRequest("a meeting id that is none")
    return meeting_id


def read_meeting(status: int, headers: Mapping[str, str], body: bytes, now: datetime) -> Meeting:
    """The room in an answer. Raises ProviderError."""
    check_status(status, headers, body, now)
    try:
        return Meeting.model_validate_json(body)
    except ValidationError:
        raise ProviderDown(f"{status} without a room in it") from None


def read_page(status: int, headers: Mapping[str, str], body: bytes, now: datetime) -> tuple[list[Meeting], str | None]:
    """The rooms of a page, and the cursor of the next or None. Raises ProviderError."""
    check_status(status, headers, body, now)
    try:
        found = _Page.model_validate_json(body)
    except ValidationError:
        raise ProviderDown(f"{status} without a list in it") from None
    return found.results, found.cursor or None


def check_status(status: int, headers: Mapping[str, str], body: bytes, now: datetime) -> None:
    """Raise the error that a status stands for. Bodies of errors are undocumented and may be anything."""
    if 200 <= status < 300:
        return
    if status == 429:
        raise TooFast(_pause(headers, body, now))
    kinds: dict[int, type[ProviderError]] = {401: KeyRefused, 403: NotAllowed, 404: NoSuchMeeting}
    if status in kinds:
        raise kinds[status](str(status))
    raise (BadRequest if 400 <= status < 500 else ProviderDown)(str(status))


def _pause(headers: Mapping[str, str], body: bytes, now: datetime) -> float:
    """Seconds to wait: the longest of what `Retry-After`, `data.msLeft` and `X-RateLimit-Reset` say."""
    told = [_seconds(headers.get("Retry-After", ""), now), _milliseconds_left(body)]
    told.append(_seconds(headers.get("X-RateLimit-Reset", ""), now))
    known = [seconds for seconds in told if seconds is not None and seconds >= 0]
    return min(max(known), 120.0) if known else _USUAL_PAUSE


def _seconds(text: str, now: datetime) -> float | None:
    """A number of seconds, or the time until a date (RFC 9110 or ISO 8601)."""
    try:
        return float(text)
    except ValueError:
        pass
    for read in (parsedate_to_datetime, datetime.fromisoformat):
        try:
            moment = read(text)
        except (ValueError, TypeError):
            continue
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() - now.timestamp()
    return None


def _milliseconds_left(body: bytes) -> float | None:
    try:
        left = json.loads(body)["data"]["msLeft"]
    except (ValueError, KeyError, TypeError):
        return None
    return left / 1000 if isinstance(left, int | float) else None


def read_rate(headers: Mapping[str, str]) -> Rate:
    """What the answer says of the budget. Missing or odd headers count as nothing said."""

    def number(name: str) -> int | None:
        text = headers.get(name, "")
        return int(text) if text.isdecimal() else None

    return Rate(number("X-RateLimit-Limit"), number("X-RateLimit-Remaining"))
