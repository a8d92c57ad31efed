"""A room's address for one seat: who sits there and what the room shows. Pure."""

import fnmatch
import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from config.i18n import LANGUAGES

#: What the frame may use, for its `allow` attribute.
FRAME_ALLOW = "camera; microphone; fullscreen; display-capture; autoplay; speaker-selection; screen-wake-lock"
_NOT_IN_NAMES = re.compile(r"[$!<>:;\x00-\x1f]")


class ForeignRoom(Exception):
    """A room's address on a host that is none of the provider's. It is never shown to anybody."""


@dataclass(frozen=True, slots=True)
class Sitter:
    """Who takes the seat: `seat_id` is all that the provider learns besides a name to show."""

    seat_id: uuid.UUID
    display_name: str
    language: str
    camera_on: bool
    microphone_on: bool


def display_name(text: str) -> str:
    """A name as the provider takes it: at most 100 characters, none of `$!<>:;`."""
    return _NOT_IN_NAMES.sub("", text).strip()[:100]


def check_host(room_url: str, allowed: Sequence[str]) -> None:
    """Raise ForeignRoom unless the address is on an allowed host: `host`, `host:port` or `*.domain`.

    https everywhere, except for rooms on this machine.
    """
    parts = urlsplit(room_url)
    host = parts.netloc.rpartition("@")[2].lower()
    local = (parts.hostname or "") in {"localhost", "127.0.0.1", "::1"} or (parts.hostname or "").endswith(".localhost")
    scheme_ok = parts.scheme == "https" or (parts.scheme == "http" and local)
    known = any(fnmatch.fnmatchcase(host, pattern.lower()) for pattern in allowed)
    if not (scheme_ok and known and "@" not in parts.netloc):
        raise ForeignRoom


def frame_address(room_url: str, sitter: Sitter, allowed: Sequence[str]) -> str:
    """The address to put into the frame. A room key that the address already has is kept. Raises ForeignRoom."""
    check_host(room_url, allowed)
    parts = urlsplit(room_url)
    parameters = {
        **dict(parse_qsl(parts.query)),
        "displayName": display_name(sitter.display_name),
        "externalId": str(sitter.seat_id),
        "lang": _room_language(parts.hostname or "", sitter.language),
        "audio": "on" if sitter.microphone_on else "off",
        "video": "on" if sitter.camera_on else "off",
        "skipMediaPermissionPrompt": "on",
        "precallReview": "off",
        "leaveButton": "off",
        "chat": "off",
        "people": "off",
        "screenshare": "off",
        "locking": "off",
        "breakout": "off",
        "minimal": "on",
        "embed": "on",
        "jsApi": "true",
    }
    return urlunsplit(parts._replace(query=urlencode(parameters, quote_via=quote), fragment=""))


def _room_language(host: str, language: str) -> str:
    """Whereby's rooms speak neither Nynorsk nor Arabic; those of the embedded server speak all of ours."""
    return LANGUAGES[language].room_language if host.endswith("whereby.com") else language
