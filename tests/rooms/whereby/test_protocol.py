"""Requests out and answers in, without a network: what is sent, and what odd answers mean."""

import json
import uuid
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rooms.whereby import protocol
from rooms.whereby.errors import (
    BadRequest,
    KeyRefused,
    NoSuchMeeting,
    NotAllowed,
    ProviderDown,
    ProviderError,
    TooFast,
)
from rooms.whereby.protocol import NewMeeting, Rate, RoomMode, belongs_to, room_prefix
from tests.rooms.whereby.answers import NEW, PREFIX, meeting, page

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
#: As settings check it.
INSTALLATIONS = st.from_regex(r"[a-z][a-z0-9]{1,11}", fullmatch=True)
HEADERS = st.dictionaries(
    st.sampled_from(["Retry-After", "X-RateLimit-Reset", "X-RateLimit-Limit", "X-RateLimit-Remaining"]), st.text()
)


def pause(headers: dict[str, str], body: bytes = b"") -> float:
    with pytest.raises(TooFast) as caught:
        protocol.check_status(429, headers, body, NOW)
    return caught.value.seconds


def test_a_time_is_sent_as_the_moment_that_it_is() -> None:
    oslo = datetime(2026, 12, 1, 20, 0, tzinfo=ZoneInfo("Europe/Oslo"))
    body = protocol.create(NewMeeting(oslo, RoomMode.NORMAL, PREFIX)).body
    assert body is not None
    assert body["endDate"] == "2026-12-01T19:00:00.000Z"


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        NewMeeting(datetime(2026, 12, 1, 20, 0), RoomMode.NORMAL, PREFIX)  # noqa: DTZ001 - the mistake itself


@pytest.mark.parametrize("prefix", ["", "-", "sammen", "Sammen-", "sammen_1-", "blåbær-", "a" * 39 + "-", "/sammen-"])
def test_a_prefix_that_the_provider_would_refuse_or_that_fits_all_rooms_is_refused(prefix: str) -> None:
    with pytest.raises(ValueError, match="prefix"):
        NewMeeting(NOW, RoomMode.NORMAL, prefix)


def test_a_creation_asks_for_the_host_link_and_for_nothing_that_is_not_ours() -> None:
    assert protocol.create(NEW).body == {
        "endDate": "2026-12-01T19:00:00.000Z",
        "isLocked": False,
        "roomMode": "group",
        "roomNamePrefix": PREFIX,
        "roomNamePattern": "uuid",
        "fields": ["hostRoomUrl"],
    }


def test_calls_cost_what_the_provider_says() -> None:
    calls = [protocol.create(NEW), protocol.get("1"), protocol.page(None), protocol.ping(), protocol.delete("1")]
    assert [call.points for call in calls] == [3, 1, 1, 1, 2]


@pytest.mark.parametrize("meeting_id", ["", ".", "..", "../users", "1/2", "1?x=y", "1#", "å", "1\n"])
def test_an_id_that_would_lead_to_another_address_is_refused(meeting_id: str) -> None:
    for call in (protocol.get, protocol.delete):
        with pytest.raises(BadRequest):
            call(meeting_id)


@given(INSTALLATIONS, st.uuids(version=4))
def test_prefixes_are_what_the_provider_takes_and_tell_nothing(installation: str, room_id: uuid.UUID) -> None:
    prefix = room_prefix(installation, room_id)
    protocol.check_prefix(prefix)
    assert len(prefix) <= 39
    assert str(room_id) not in prefix
    assert belongs_to(installation, f"/{prefix}{uuid.uuid4()}")
    assert belongs_to(installation, f"{prefix}abc123")


@given(INSTALLATIONS, INSTALLATIONS, st.uuids(version=4))
def test_rooms_of_another_installation_are_not_ours(ours: str, theirs: str, room_id: uuid.UUID) -> None:
    assert belongs_to(ours, f"/{room_prefix(theirs, room_id)}x") == (ours == theirs)


@given(st.lists(st.uuids(version=4), unique=True, max_size=20))
def test_no_room_is_found_by_another_rooms_prefix(ids: list[uuid.UUID]) -> None:
    prefixes = [room_prefix("sammen", room_id) for room_id in ids]
    assert len({*prefixes}) == len(ids)
    assert not any(one != other and one.startswith(other) for one in prefixes for other in prefixes)


@pytest.mark.parametrize(
    "name", ["/sammen", "/sammen-", "/sammen-klepp-1", "/my-sammen-0123456789abcdef0123-x", "/sammenx-", ""]
)
def test_rooms_that_people_made_by_hand_are_not_ours(name: str) -> None:
    assert not belongs_to("sammen", name)


def test_an_answer_may_hold_more_than_we_know() -> None:
    body = json.dumps(meeting(7, extra={"deep": [1]}, meetingId=77)).encode()
    room = protocol.read_meeting(201, {}, body, NOW)
    assert (room.meeting_id, room.end_date) == ("77", datetime(2026, 12, 1, 19, tzinfo=UTC))
    assert room.host_room_url is not None


@pytest.mark.parametrize("told", ["2026-12-01T19:00:00", "2026-12-01T19:00:00.000Z", "2026-12-01T20:00:00+01:00"])
def test_a_time_is_read_as_utc_unless_it_says_otherwise(told: str) -> None:
    room = protocol.read_meeting(200, {}, json.dumps(meeting(endDate=told)).encode(), NOW)
    assert room.end_date == datetime(2026, 12, 1, 19, tzinfo=UTC)


def test_an_entry_that_is_no_room_does_not_hide_the_others() -> None:
    odd = [{"meetingId": "x"}, None, "room", meeting(2, roomUrl="")]
    body = json.dumps({"results": [meeting(1), *odd, meeting(3)], "cursor": ""}).encode()
    rooms, cursor = protocol.read_page(200, {}, body, NOW)
    assert [room.meeting_id for room in rooms] == ["1", "3"]
    assert cursor is None


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"null", b"{}", b"\xff", b'{"meetingId": "1"}', b"[" * 5000])
def test_a_good_status_with_nonsense_is_a_provider_that_is_down(body: bytes) -> None:
    for read in (protocol.read_meeting, protocol.read_page):
        with pytest.raises(ProviderDown):
            read(200, {}, body, NOW)


@pytest.mark.parametrize(
    ("status", "kind", "permanent"),
    [
        (400, BadRequest, True),
        (401, KeyRefused, True),
        (403, NotAllowed, True),
        (404, NoSuchMeeting, True),
        (408, ProviderDown, False),
        (409, BadRequest, True),
        (422, BadRequest, True),
        (429, TooFast, False),
        (301, ProviderDown, False),
        (500, ProviderDown, False),
        (503, ProviderDown, False),
    ],
)
@pytest.mark.parametrize("body", [b"", b'{"error": "Oh no"}', b"<h1>Oh no</h1>", b"\xff\xfe", b"[1]", b'{"data": 3}'])
def test_statuses_mean_what_they_mean_whatever_the_body(
    status: int, kind: type[ProviderError], permanent: bool, body: bytes
) -> None:
    with pytest.raises(ProviderError) as caught:
        protocol.check_status(status, {}, body, NOW)
    assert type(caught.value) is kind
    assert caught.value.permanent is permanent
    assert str(caught.value) == str(status)


def test_the_longer_of_both_pauses_counts() -> None:
    assert pause({"Retry-After": "7"}, b'{"data": {"msLeft": 1234}}') == 7
    assert pause({"Retry-After": "1"}, b'{"data": {"msLeft": 2500}}') == 2.5
    assert pause({}, b'{"error": "x", "data": {"msLeft": 1234}}') == 1.234


def test_a_field_that_others_read_by_mistake_is_not_read() -> None:
    assert pause({"Retry-After": "3"}, b'{"data": {"ms_left": 60000}, "msLeft": 60000}') == 3


def test_a_pause_may_be_told_as_a_date() -> None:
    assert pause({"Retry-After": format_datetime(NOW + timedelta(seconds=9), usegmt=True)}) == 9


@pytest.mark.parametrize("reset", ["2026-11-23T12:00:30.000Z", "Mon, 23 Nov 2026 12:00:30 GMT", "1795435230"])
def test_the_end_of_the_providers_minute_stands_in_for_a_pause(reset: str) -> None:
    assert pause({"X-RateLimit-Reset": reset}) == 30
    assert pause({"X-RateLimit-Reset": reset, "Retry-After": "2"}) == 2


@pytest.mark.parametrize("told", ["", "soon", "-5", "nan", "inf", "2020-01-01T00:00:00Z", "1e9", "9" * 5000])
def test_a_pause_that_makes_no_sense_is_replaced_by_a_usual_one(told: str) -> None:
    assert pause({"Retry-After": told, "X-RateLimit-Reset": told}) == 5


@given(HEADERS, st.one_of(st.binary(), st.floats().map(lambda left: b'{"data": {"msLeft": %f}}' % left)))
def test_a_pause_is_bounded_whatever_is_told(headers: dict[str, str], body: bytes) -> None:
    assert 0 <= pause(headers, body) <= 120


@given(HEADERS)
def test_a_rate_is_read_or_left_alone(headers: dict[str, str]) -> None:
    rate = protocol.read_rate(headers)
    assert all(number is None or number >= 0 for number in (rate.limit, rate.remaining))


def test_a_rate_is_read() -> None:
    assert protocol.read_rate({"X-RateLimit-Limit": "100", "X-RateLimit-Remaining": "0"}) == Rate(100, 0)
    assert protocol.read_rate({"X-RateLimit-Limit": "٣", "X-RateLimit-Remaining": "-1"}) == Rate(None, None)


def test_a_room_shows_no_address() -> None:
    room = protocol.read_meeting(201, {}, json.dumps(meeting(1)).encode(), NOW)
    shown = f"{room!r} {room} {[room]}"
    assert "meeting_id='1'" in shown
    for secret in ("whereby.com", "roomKey", PREFIX):
        assert secret not in shown


def test_an_unreadable_answer_is_not_repeated_in_the_error() -> None:
    with pytest.raises(ProviderDown) as caught:
        protocol.read_meeting(201, {}, json.dumps(meeting(meetingId="")).encode(), NOW)
    assert "whereby.com" not in f"{caught.value!r} {caught.value.__cause__!r} {caught.value.__suppress_context__}"
    assert caught.value.__suppress_context__


def test_a_list_that_is_a_page_says_where_to_go_on() -> None:
    rooms, cursor = protocol.read_page(200, {}, json.dumps(page(meeting(1), cursor="abc")).encode(), NOW)
    assert len(rooms) == 1
    assert cursor == "abc"
    assert protocol.page(cursor).params["cursor"] == "abc"
