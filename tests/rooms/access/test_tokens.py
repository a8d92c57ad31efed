"""What a signed cookie proves, and what it does not."""

import base64
import json
import uuid
from datetime import UTC, datetime, timedelta

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rooms.access.rules.tokens import (
    LIFE,
    LONGEST_SIGN_IN,
    RENEW_AFTER,
    Audience,
    Claims,
    TokenExpired,
    TokenInvalid,
    TokenMissing,
    TokenRefused,
    claim,
    read_token,
    renewed,
    write_token,
)

NOW = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)
OLD, NEW = "o" * 32, "n" * 32
KEYS = {"new": NEW, "old": OLD}


def claims(audience: Audience = Audience.PARTICIPANT, now: datetime = NOW) -> Claims:
    return claim(
        audience,
        person_id=uuid.UUID(int=1),
        centre_id=uuid.UUID(int=2),
        proof_id=uuid.UUID(int=3),
        language="ar",
        now=now,
        device_id=uuid.UUID(int=4) if audience is Audience.PARTICIPANT else None,
    )


@pytest.mark.parametrize("audience", Audience)
def test_what_was_written_is_read(audience: Audience) -> None:
    assert read_token(write_token(claims(audience), KEYS), audience, KEYS, NOW) == claims(audience)


@pytest.mark.parametrize("nothing", [None, ""])
def test_no_cookie_is_missing(nothing: str | None) -> None:
    with pytest.raises(TokenMissing):
        read_token(nothing, Audience.PARTICIPANT, KEYS, NOW)


def test_it_ends_to_the_second() -> None:
    token = write_token(claims(), KEYS)
    read_token(token, Audience.PARTICIPANT, KEYS, NOW + LIFE - timedelta(seconds=1))
    with pytest.raises(TokenExpired):
        read_token(token, Audience.PARTICIPANT, KEYS, NOW + LIFE)


def test_a_participants_token_is_none_for_coordinators_and_the_other_way_round() -> None:
    for mine, other in ((Audience.PARTICIPANT, Audience.COORDINATOR), (Audience.COORDINATOR, Audience.PARTICIPANT)):
        with pytest.raises(TokenInvalid):
            read_token(write_token(claims(mine), KEYS), other, KEYS, NOW)


def test_a_changed_audience_does_not_pass_with_the_others_key() -> None:
    token = write_token(claims(), KEYS)
    header, payload, signature = token.split(".")
    facts = json.loads(base64.urlsafe_b64decode(payload + "=="))
    facts["aud"] = Audience.COORDINATOR
    changed = base64.urlsafe_b64encode(json.dumps(facts).encode()).rstrip(b"=").decode()
    with pytest.raises(TokenInvalid):
        read_token(f"{header}.{changed}.{signature}", Audience.COORDINATOR, KEYS, NOW)


def test_keys_are_changed_without_signing_anybody_out() -> None:
    before = write_token(claims(), {"old": OLD})
    assert read_token(before, Audience.PARTICIPANT, KEYS, NOW) == claims()
    assert jwt.get_unverified_header(write_token(claims(), KEYS))["kid"] == "new"


def test_a_key_that_was_taken_away_opens_nothing() -> None:
    with pytest.raises(TokenInvalid):
        read_token(write_token(claims(), {"old": OLD}), Audience.PARTICIPANT, {"new": NEW}, NOW)


def test_a_known_name_with_another_secret_opens_nothing() -> None:
    with pytest.raises(TokenInvalid):
        read_token(write_token(claims(), {"new": OLD}), Audience.PARTICIPANT, KEYS, NOW)


def test_an_unsigned_token_is_refused() -> None:
    facts = {"aud": "participant", "sub": str(uuid.UUID(int=1)), "iat": 0, "exp": 2**33}
    with pytest.raises(TokenInvalid):
        read_token(jwt.encode(facts, None, "none", headers={"kid": "new"}), Audience.PARTICIPANT, KEYS, NOW)


@pytest.mark.parametrize("without", ["exp", "iat", "aud", "sub", "centre", "proof", "lang", "since"])
def test_every_claim_is_required(without: str, monkeypatch: pytest.MonkeyPatch) -> None:
    real = jwt.encode

    def leave_out(payload: dict[str, object], *rest: object, **more: object) -> str:
        payload.pop(without)
        return real(payload, *rest, **more)  # type: ignore[arg-type]  # handed on as it came

    monkeypatch.setattr(jwt, "encode", leave_out)
    token = write_token(claims(), KEYS)
    with pytest.raises(TokenInvalid):
        read_token(token, Audience.PARTICIPANT, KEYS, NOW)


@given(st.text() | st.from_regex(r"[A-Za-z0-9_-]{0,40}\.[A-Za-z0-9_-]{0,40}\.[A-Za-z0-9_-]{0,40}", fullmatch=True))
def test_anything_else_is_refused_and_never_breaks(text: str) -> None:
    with pytest.raises(TokenRefused):
        read_token(text, Audience.PARTICIPANT, KEYS, NOW)


@given(st.integers(0, 400), st.sampled_from(["", "A", "_", "é"]))
def test_no_change_of_a_character_survives(place: int, instead: str) -> None:
    token = write_token(claims(), KEYS)
    place %= len(token) - 1  # the last character of a signature carries unused bits
    changed = token[:place] + instead + token[place + 1 :]
    if changed != token:
        with pytest.raises(TokenRefused):
            read_token(changed, Audience.PARTICIPANT, KEYS, NOW)


def test_a_young_token_is_kept() -> None:
    assert renewed(claims(), NOW + RENEW_AFTER - timedelta(seconds=1)) is None


def test_use_renews_it() -> None:
    later = NOW + RENEW_AFTER
    fresh = renewed(claims(), later)
    assert fresh is not None
    assert (fresh.issued_at, fresh.expires_at, fresh.since) == (later, later + LIFE, NOW)


def _used_all_the_time(audience: Audience, days: int) -> Claims:
    held, at = claims(audience), NOW
    while at < NOW + timedelta(days=days) and at < held.expires_at:
        held = renewed(held, at) or held
        at += timedelta(hours=2)
    return held


def test_a_coordinator_signs_in_again_after_a_week_however_busy() -> None:
    assert _used_all_the_time(Audience.COORDINATOR, 30).expires_at == NOW + LONGEST_SIGN_IN


def test_a_participant_goes_on() -> None:
    assert _used_all_the_time(Audience.PARTICIPANT, 30).expires_at > NOW + timedelta(days=30)
