"""What it takes to use a one-time sign-in link.

The browser that asked for the link needs nothing more. In any other one the six digits have to be typed that the asking
browser shows: a mail scanner that presses buttons does not know them, and neither does a thief of the mail.
"""

import hashlib
import hmac
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

LIFE = timedelta(minutes=15)
MOST_WRONG_CODES = 5
_DIGITS = 6


class Verdict(StrEnum):
    """What a sign-in link leads to now."""

    OPEN = "open"
    NEEDS_CODE = "needs_code"
    WRONG_CODE = "wrong_code"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class OneTime:
    """What is known of a sign-in. Without hashes it was made at the server's own terminal and needs neither."""

    expires_at: datetime
    used_at: datetime | None
    wrong_codes: int
    browser_hash: bytes | None
    code_hash: bytes | None


def verdict(sign_in: OneTime, *, browser: str | None, typed: str, secrets: Iterable[str], now: datetime) -> Verdict:
    """Whether a browser may sign in. `browser`: its cookie; `typed`: the code as somebody wrote it, or nothing.

    `secrets`: of the key ring; the code may have been made with any of them.
    """
    if sign_in.used_at is not None or sign_in.expires_at <= now or sign_in.wrong_codes >= MOST_WRONG_CODES:
        return Verdict.GONE
    if sign_in.browser_hash is None or sign_in.code_hash is None:
        return Verdict.OPEN
    if browser and hmac.compare_digest(hash_browser(browser), sign_in.browser_hash):
        return Verdict.OPEN
    digits = read_digits(typed)
    if not digits:
        return Verdict.NEEDS_CODE
    stored = sign_in.code_hash
    known = [hmac.compare_digest(hash_digits(secret, digits), stored) for secret in secrets]
    return Verdict.OPEN if any(known) else Verdict.WRONG_CODE


def hash_browser(browser: str) -> bytes:
    """What is stored of the asking browser's cookie, which is long and random."""
    return hashlib.sha256(b"sign-in browser:" + browser.encode()).digest()


def digits_of(secret: str, browser: str) -> str:
    """The six digits that the asking browser shows. They follow from its cookie, whoever's address was typed."""
    number = int.from_bytes(_keyed(secret, "show", browser)[:8], "big") % 10**_DIGITS
    return f"{number:0{_DIGITS}}"


def hash_digits(secret: str, digits: str) -> bytes:
    """What is stored of the digits: keyed, because a million of them are tried in a second."""
    return _keyed(secret, "store", digits)


def read_digits(typed: str) -> str:
    """The digits in what somebody typed, in Western form: Arabic ones count, spaces and dashes do not."""
    return "".join(str(unicodedata.digit(letter)) for letter in typed if letter.isdecimal())


def _keyed(secret: str, purpose: str, text: str) -> bytes:
    return hmac.new(secret.encode(), f"sign-in digits {purpose}:{text}".encode(), hashlib.sha256).digest()
