"""Codes of personal links, calendar feeds and sign-ins: derived from a row's id and our key, stored as a hash.

A worker that writes a reminder derives the same code again, so that a link stays the same for ever, while whoever reads
the database learns no code. 16 characters of Crockford's base 32 are 80 bits: not guessable, short enough for an SMS,
and readable aloud (no i, l, o, u).
"""

import hashlib
import hmac
import uuid
from enum import StrEnum

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_LENGTH = 16
_LOOK_ALIKES = str.maketrans({"o": "0", "i": "1", "l": "1", "-": None, " ": None})


class Purpose(StrEnum):
    """What a code opens; mixed into it, so that one can never pass for another."""

    LINK = "link"
    SIGN_IN = "sign-in"
    FEED = "feed"


def make_code(purpose: Purpose, secret: str, row_id: uuid.UUID) -> str:
    """The code of a row under one key. Always the same for the same three."""
    digest = hmac.new(secret.encode(), f"{purpose}:{row_id}".encode(), hashlib.sha256).digest()
    bits = int.from_bytes(digest, "big")
    return "".join(_ALPHABET[(bits >> (5 * place)) & 31] for place in range(_LENGTH))


def read_code(text: str) -> str | None:
    """A code as somebody may have typed it (capitals, spaces, look-alikes), or None when it cannot be one."""
    code = text.lower().translate(_LOOK_ALIKES)
    return code if len(code) == _LENGTH and all(letter in _ALPHABET for letter in code) else None


def hash_code(code: str) -> bytes:
    """What is stored of a code. It has 80 random bits, so a plain SHA-256 cannot be run backwards by trying."""
    return hashlib.sha256(code.encode()).digest()
