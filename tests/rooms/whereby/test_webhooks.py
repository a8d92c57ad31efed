"""Events: only the provider's own, over the very bytes, lately; then read with patience."""

import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from rooms.whereby.webhooks import JOINED, TOLERANCE, BadEvent, BadSignature, parse, verify

SECRET = "the webhook's secret"
NOW = datetime(2026, 11, 23, 12, 0, 0, 400_000, tzinfo=UTC)
SECONDS = int(NOW.timestamp())


def signed(raw: bytes, seconds: int | str = SECONDS, secret: str = SECRET) -> str:
    digest = hmac.new(secret.encode(), f"{seconds}.".encode() + raw, hashlib.sha256).hexdigest()
    return f"t={seconds},v1={digest}"


def event(**data: Any) -> dict[str, Any]:
    return {
        "id": "e1",
        "apiVersion": "1.0",
        "createdAt": "2026-11-23T12:00:00.123Z",
        "type": JOINED,
        "data": {"meetingId": "7", "roomName": "/sammen-x", "externalId": "abc", "roleName": "visitor", **data},
    }


def read(body: object) -> Any:
    return parse(json.dumps(body).encode())


@given(st.binary(), st.integers(-TOLERANCE + 1, TOLERANCE))
def test_what_the_provider_signed_lately_is_good(raw: bytes, away: int) -> None:
    verify(SECRET, signed(raw, SECONDS + away), raw, NOW)


@given(st.binary(), st.binary())
def test_other_bytes_are_not(raw: bytes, other: bytes) -> None:
    assume(raw != other)
    with pytest.raises(BadSignature):
        verify(SECRET, signed(raw), other, NOW)


@given(st.binary(), st.integers(0, len(signed(b"")) - 1), st.characters())
def test_a_changed_header_is_not(raw: bytes, place: int, instead: str) -> None:
    header = signed(raw)
    changed = header[:place] + instead + header[place + 1 :]
    assume(changed != header and changed.strip() != header)
    with pytest.raises(BadSignature):
        verify(SECRET, changed, raw, NOW)


@given(st.one_of(st.none(), st.text(), st.from_regex(r"t=[0-9]*,v1=[0-9a-f]*")), st.binary())
def test_whatever_else_stands_there_is_refused_and_breaks_nothing(header: str | None, raw: bytes) -> None:
    with pytest.raises(BadSignature):
        verify(SECRET, header, raw, NOW)


@pytest.mark.parametrize("header", ["t=1,v1=\udcff", "t=\udcff,v1=0", "\udcff", "t=٣,v1=0", "t,v1", ",,=,"])
def test_bytes_that_are_no_text_are_refused(header: str) -> None:
    """A header that was not UTF-8 reaches us with lone surrogates."""
    with pytest.raises(BadSignature):
        verify(SECRET, header, b"{}", NOW)


@given(st.binary(), st.text(max_size=20), st.text(max_size=20))
def test_only_the_right_secret_signs(raw: bytes, secret: str, other: str) -> None:
    assume(secret != other)
    # HMAC pads short keys with zeros, so these two would be one key.
    assume(secret.rstrip("\0") != other.rstrip("\0"))
    with pytest.raises(BadSignature):
        verify(secret, signed(raw, secret=other), raw, NOW)


def test_no_secret_lets_nothing_in() -> None:
    with pytest.raises(BadSignature):
        verify("", signed(b"{}", secret=""), b"{}", NOW)


@pytest.mark.parametrize("away", [-TOLERANCE - 2, TOLERANCE + 2, -86_400, 86_400])
def test_an_old_event_is_refused_and_one_from_the_future_too(away: int) -> None:
    with pytest.raises(BadSignature):
        verify(SECRET, signed(b"{}", SECONDS + away), b"{}", NOW)


@pytest.mark.parametrize("stamp", ["", "x", "-1", "1.5", f" {SECONDS}", f"{SECONDS}\n", f"+{SECONDS}", "9" * 13])
def test_a_signed_time_that_is_none_is_refused(stamp: str) -> None:
    with pytest.raises(BadSignature):
        verify(SECRET, signed(b"{}", stamp), b"{}", NOW)


def test_the_body_alone_is_not_what_is_signed() -> None:
    digest = hmac.new(SECRET.encode(), b"{}", hashlib.sha256).hexdigest()
    with pytest.raises(BadSignature):
        verify(SECRET, f"t={SECONDS},v1={digest}", b"{}", NOW)


def test_bytes_are_verified_and_not_what_they_mean() -> None:
    raw = '{"data": {"displayName": "Åse Bjørnsæter"}}'.encode()
    verify(SECRET, signed(raw), raw, NOW)
    with pytest.raises(BadSignature):
        verify(SECRET, signed(raw), json.dumps(json.loads(raw)).encode(), NOW)


def test_an_event_is_read() -> None:
    told = read(event())
    assert (told.id, told.type, told.data.meeting_id, told.data.external_id) == ("e1", JOINED, "7", "abc")
    assert told.created_at == datetime(2026, 11, 23, 12, 0, 0, 123_000, tzinfo=UTC)
    assert told.created_at.utcoffset() == timedelta(0)


def test_types_roles_and_fields_that_are_new_are_fine() -> None:
    told = read(event(roleName="juggler", displayName="[[redacted]]", numClients="many") | {"type": "room.new.thing"})
    assert told.type == "room.new.thing"
    assert told.data.is_person


@pytest.mark.parametrize("data", [{}, {"data": None}, {"data": {}}])
def test_an_event_may_tell_nothing_of_a_room(data: dict[str, Any]) -> None:
    told = read({key: value for key, value in event().items() if key != "data"} | data)
    assert told.data.meeting_id is None


@pytest.mark.parametrize(
    ("role", "person"),
    [
        ("owner", True),
        ("member", True),
        ("host", True),
        ("visitor", True),
        ("granted_visitor", True),
        ("viewer", True),
        ("granted_viewer", True),
        (None, True),
        ("recorder", False),
        ("streamer", False),
        ("captioner", False),
    ],
)
def test_machines_are_no_people(role: str | None, person: bool) -> None:
    assert read(event(roleName=role)).data.is_person is person


def test_no_name_is_kept() -> None:
    assert "Åse" not in repr(read(event(displayName="Åse")))


@pytest.mark.parametrize(
    "raw", [b"", b"null", b"[]", b"{}", b"\xff", b"<html>", b'{"id": "", "type": "x"}', b"[" * 5000]
)
def test_what_is_no_event_is_refused(raw: bytes) -> None:
    with pytest.raises(BadEvent) as caught:
        parse(raw)
    assert caught.value.__suppress_context__
