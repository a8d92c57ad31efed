"""The provider's API as values: requests out, answers in, without any I/O.

Facts from Whereby's public documentation (API v1): a create costs three points of the organisation's budget a minute,
a delete two, a read one; `endDate` is required; unknown fields are ignored, since new ones count as non-breaking.
"""

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import from_json

from rooms.whereby.errors import BadRequest, KeyRefused, NoSuchMeeting, NotAllowed, ProviderDown, ProviderError, TooFast

#: Points that a call costs.
READ, DELETE, WRITE = 1, 2, 3
#: Seconds to wait after a 429 that does not say how long.
_USUAL_PAUSE = 5.0
#: Seconds. No minute's budget takes longer to come back, whatever an answer says.
_LONGEST_PAUSE = 120.0
_PREFIX = re.compile(r"[a-z0-9][a-z0-9-]{0,37}-")


def _utc_unless_told(moment: datetime) -> datetime:
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


#: A time as the provider tells it: UTC unless it holds an offset.
ProviderTime = Annotated[datetime, AfterValidator(_utc_unless_told)]
#: Accept more than is documented, and keep what was sent out of the errors' texts.
LENIENT = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True, coerce_numbers_to_str=True)


class RoomMode(StrEnum):
    """`normal`: up to 4 people, browser to browser. `group`: more, through an SFU."""

    NORMAL = "normal"
    GROUP = "group"


@dataclass(frozen=True, slots=True)
class NewMeeting:
    """A room to be made. `prefix` is unique to the room, by `room_prefix`.

    Raises ValueError for an `end_date` without a zone, which would be read as another moment, and for a prefix that the
    provider would refuse.
    """

    end_date: datetime
    mode: RoomMode
    prefix: str
    is_locked: bool = False

    def __post_init__(self) -> None:
        if self.end_date.tzinfo is None:
            raise ValueError("a time without a zone")
        check_prefix(self.prefix)


class Meeting(BaseModel):
    """A room at the provider. Its addresses are secrets: `repr` shows neither them nor the name, a part of them."""

    model_config = LENIENT

    meeting_id: str = Field(alias="meetingId", min_length=1)
    room_name: str = Field("", alias="roomName", repr=False)
    room_url: str = Field(alias="roomUrl", min_length=1, repr=False)
    host_room_url: str | None = Field(None, alias="hostRoomUrl", repr=False)
    end_date: ProviderTime | None = Field(None, alias="endDate")
    #: Not Whereby's: the embedded room server says how many people it really lets in.
    capacity: int | None = Field(None, ge=1)


class RoomMinutes(BaseModel):
    """What the provider counted for a room: the minutes of all its participants. Some fifteen minutes behind."""

    model_config = LENIENT

    room_name: str = Field(alias="roomName", min_length=1, repr=False)
    minutes: float = Field(alias="totalParticipantMinutes", ge=0, allow_inf_nan=False)


class _Page(BaseModel):
    model_config = LENIENT

    results: list[Any]
    cursor: str | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """A call to make, and what it costs. `name` is its label among the metrics."""

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


def check_prefix(prefix: str) -> None:
    """Raise ValueError unless it can begin the name of one room of ours. An empty one would find everybody's."""
    if not _PREFIX.fullmatch(prefix):
        raise ValueError("a room's prefix has at most 39 characters of a-z, 0-9 and -, and ends with -")


def prefix_of(room_name: str) -> str | None:
    """The prefix in the name of a room that an installation of this service made; None for others."""
    found = re.match(r"/?([a-z0-9-]+?-[0-9a-f]{20}-)", room_name)
    return found[1] if found is not None else None


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


def ping() -> Request:
    """The cheapest call that needs a good key: a list of one room, without its host link."""
    return Request("ping", "GET", "/meetings", READ, {"limit": "1"})


def insights(cursor: str | None) -> Request:
    """GET /insights/rooms, a hundred at a time; the first page without a cursor."""
    params = {"limit": "100"} | ({"cursor": cursor} if cursor else {})
    return Request("insights", "GET", "/insights/rooms", READ, params)


def delete(meeting_id: str) -> Request:
    """DELETE /meetings/{id}: throws everybody out."""
    return Request("delete", "DELETE", f"/meetings/{_segment(meeting_id)}", DELETE)


def _segment(meeting_id: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._~-]*", meeting_id):
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
    """The rooms of a page, and the cursor of the next or None. Raises ProviderError.

    An entry that is no room is passed over: other people's rooms may be in the list, and one must not hide the rest.
    """
    return _entries(Meeting, status, headers, body, now)


def read_insights(
    status: int, headers: Mapping[str, str], body: bytes, now: datetime
) -> tuple[list[RoomMinutes], str | None]:
    """The same for what was counted. Raises ProviderError; NoSuchMeeting from a provider that counts nothing."""
    return _entries(RoomMinutes, status, headers, body, now)


_Entry = TypeVar("_Entry", bound=BaseModel)


def _entries(
    kind: type[_Entry], status: int, headers: Mapping[str, str], body: bytes, now: datetime
) -> tuple[list[_Entry], str | None]:
    check_status(status, headers, body, now)
    try:
        found = _Page.model_validate_json(body)
    except ValidationError:
        raise ProviderDown(f"{status} without a list in it") from None
    return [one for entry in found.results if (one := _or_none(kind, entry)) is not None], found.cursor or None


def _or_none(kind: type[_Entry], entry: object) -> _Entry | None:
    try:
        return kind.model_validate(entry)
    except ValidationError:
        return None


def check_status(status: int, headers: Mapping[str, str], body: bytes, now: datetime) -> None:
    """Raise the error that a status stands for. Bodies of errors are undocumented and may be anything."""
    if 200 <= status < 300:
        return
    if status == 429:
        raise TooFast(pause(headers, body, now))
    kinds: dict[int, type[ProviderError]] = {401: KeyRefused, 403: NotAllowed, 404: NoSuchMeeting}
    if status in kinds:
        raise kinds[status](str(status))
    if 400 <= status < 500 and status != 408:  # 408: the request came too slowly
        raise BadRequest(str(status))
    raise ProviderDown(str(status))


def pause(headers: Mapping[str, str], body: bytes, now: datetime) -> float:
    """Seconds to wait after a 429: the longer of `Retry-After` and `data.msLeft`, else until `X-RateLimit-Reset`.

    The last is a moment by the provider's clock and mostly the end of its minute, so it only stands in for the others.
    """
    told = [_seconds(headers.get("Retry-After", ""), now), _seconds_left(body)]
    known = [seconds for seconds in told if seconds is not None]
    if not known and (reset := _seconds(headers.get("X-RateLimit-Reset", ""), now)) is not None:
        known = [reset]
    return min(max(known), _LONGEST_PAUSE) if known else _USUAL_PAUSE


def _seconds(text: str, now: datetime) -> float | None:
    """A number of seconds, or the time until a date (RFC 9110, ISO 8601, seconds since 1970). None for no future."""
    if re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,9})?", text):
        number = float(text)
        return _future(number - now.timestamp() if number > 1e9 else number)
    for read in (parsedate_to_datetime, datetime.fromisoformat):
        try:
            return _future((_utc_unless_told(read(text)) - now).total_seconds())
        except (ValueError, TypeError, OverflowError):
            continue
    return None


def _seconds_left(body: bytes) -> float | None:
    try:
        return _future(float(from_json(body)["data"]["msLeft"]) / 1000)
    except (ValueError, KeyError, TypeError, IndexError, OverflowError):
        return None


def _future(seconds: float) -> float | None:
    return seconds if seconds >= 0 else None  # nor NaN


def read_rate(headers: Mapping[str, str]) -> Rate:
    """What the answer says of the budget. Missing or odd headers count as nothing said."""

    def number(name: str) -> int | None:
        text = headers.get(name, "")
        return int(text) if re.fullmatch(r"[0-9]{1,9}", text) else None

    return Rate(number("X-RateLimit-Limit"), number("X-RateLimit-Remaining"))
