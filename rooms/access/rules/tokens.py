"""Signed cookies: who somebody is, as a JWT (HS256) that the service itself made.

    TokenRefused            the cookie proves nobody
    ├── TokenMissing        there is none
    ├── TokenExpired        it was ours, and its time is over
    └── TokenInvalid        not ours, for another audience, or not whole

A token lives for twelve hours and is renewed while it is used. A coordinator's ends a week after the sign-in however
much it is used; a participant's may go on, since the personal link behind it opens a new one at any time.
"""

import hashlib
import hmac
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

import jwt

LIFE = timedelta(hours=12)
RENEW_AFTER = timedelta(hours=1)
LONGEST_SIGN_IN = timedelta(days=7)
_ALGORITHM = "HS256"


class Audience(StrEnum):
    """What a token is good for; mixed into its key, so that one can never pass for the other."""

    PARTICIPANT = "participant"
    COORDINATOR = "coordinator"


class TokenRefused(Exception):
    """The cookie proves nobody."""


class TokenMissing(TokenRefused):
    """There is no token."""


class TokenExpired(TokenRefused):
    """A token of ours whose time is over."""


class TokenInvalid(TokenRefused):
    """Not a token of ours, or one for another audience."""


@dataclass(frozen=True, slots=True)
class Claims:
    """What a token says. `proof_id`: the link that was opened, or the sign-in. `device_id`: participants only.

    `since`: when the person proved who they are; renewing keeps it. Times are to the second.
    """

    audience: Audience
    person_id: uuid.UUID
    centre_id: uuid.UUID
    proof_id: uuid.UUID
    language: str
    since: datetime
    issued_at: datetime
    expires_at: datetime
    device_id: uuid.UUID | None = None


def claim(
    audience: Audience,
    *,
    person_id: uuid.UUID,
    centre_id: uuid.UUID,
    proof_id: uuid.UUID,
    language: str,
    now: datetime,
    device_id: uuid.UUID | None = None,
) -> Claims:
    """The claims of somebody who has just proved who they are."""
    now = now.replace(microsecond=0)
    return Claims(audience, person_id, centre_id, proof_id, language, now, now, now + LIFE, device_id)


def renewed(claims: Claims, now: datetime) -> Claims | None:
    """The same claims with a new time, or None while the old ones are young or when they may live no longer."""
    now = now.replace(microsecond=0)
    ends = now + LIFE
    if claims.audience is Audience.COORDINATOR:
        ends = min(ends, claims.since + LONGEST_SIGN_IN)
    if now - claims.issued_at < RENEW_AFTER or ends <= claims.expires_at:
        return None
    return replace(claims, issued_at=now, expires_at=ends)


def write_token(claims: Claims, keys: Mapping[str, str]) -> str:
    """Sign claims with the first key of the ring; the token's header says which one that was."""
    key_name = next(iter(keys))
    payload = {
        "aud": claims.audience.value,
        "sub": str(claims.person_id),
        "iat": int(claims.issued_at.timestamp()),
        "exp": int(claims.expires_at.timestamp()),
        "since": int(claims.since.timestamp()),
        "centre": str(claims.centre_id),
        "proof": str(claims.proof_id),
        "lang": claims.language,
    }
    if claims.device_id is not None:
        payload["device"] = str(claims.device_id)
    return jwt.encode(payload, _key(keys[key_name], claims.audience), _ALGORITHM, headers={"kid": key_name})


def read_token(token: str | None, audience: Audience, keys: Mapping[str, str], now: datetime) -> Claims:
    """What a token proves. Raises TokenMissing, TokenExpired or TokenInvalid."""
    if not token:
        raise TokenMissing
    try:
        key_name = jwt.get_unverified_header(token).get("kid")
        if not isinstance(key_name, str) or key_name not in keys:
            raise TokenInvalid
        payload = jwt.decode(
            token,
            _key(keys[key_name], audience),
            algorithms=[_ALGORITHM],
            audience=audience.value,
            # The times are judged below by the caller's clock, not by the library's.
            options={"require": ["exp", "iat", "aud", "sub"], "verify_exp": False, "verify_iat": False},
        )
        claims = _claims(payload, audience)
    except (jwt.InvalidTokenError, KeyError, TypeError, ValueError, OverflowError) as error:
        raise TokenInvalid from error
    if claims.expires_at <= now:
        raise TokenExpired
    return claims


def _claims(payload: Mapping[str, Any], audience: Audience) -> Claims:
    device = payload.get("device")
    return Claims(
        audience=audience,
        person_id=uuid.UUID(payload["sub"]),
        centre_id=uuid.UUID(payload["centre"]),
        proof_id=uuid.UUID(payload["proof"]),
        language=str(payload["lang"]),
        since=datetime.fromtimestamp(payload["since"], UTC),
        issued_at=datetime.fromtimestamp(payload["iat"], UTC),
        expires_at=datetime.fromtimestamp(payload["exp"], UTC),
        device_id=uuid.UUID(device) if device is not None else None,
    )


def _key(secret: str, audience: Audience) -> bytes:
    return hmac.new(secret.encode(), f"token:{audience}".encode(), hashlib.sha256).digest()
