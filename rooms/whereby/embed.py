"""A room's address for one seat: who sits there and what the room shows. Pure."""

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from config.i18n import LANGUAGES

#: What the provider refuses, control characters, and what would turn the text around it: an override of direction.
_NOT_IN_NAMES = re.compile(r"[$!<>:;\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_LONGEST_NAME = 100
_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9-]+(\.[a-z0-9-]+)*)(:[0-9]{1,5})?")
_LOCAL = re.compile(r"(localhost|127\.0\.0\.1|\[::1\]|[a-z0-9-]+\.localhost)(:[0-9]{1,5})?")


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
    """A name as the provider takes it: at most 100 characters, as a browser counts them, and none of `$!<>:;`."""
    clean = _NOT_IN_NAMES.sub("", text).strip()
    return clean.encode("utf-16-le")[: 2 * _LONGEST_NAME].decode("utf-16-le", errors="ignore").strip()


def check_host(room_url: str, allowed: Sequence[str]) -> None:
    """Raise ForeignRoom unless the address is on an allowed host: `host`, `host:port` or `*.domain`.

    https everywhere, except for rooms on this machine. Strict about the host's characters: a browser reads a backslash
    as a slash and would go somewhere else than what is compared here.
    """
    try:
        parts = urlsplit(room_url)
    except ValueError:
        raise ForeignRoom from None
    host = parts.netloc.lower()
    secure = parts.scheme == "https" or (parts.scheme == "http" and _LOCAL.fullmatch(host))
    if not (secure and _HOST.fullmatch(host) and any(_fits(host, pattern.lower()) for pattern in allowed)):
        raise ForeignRoom


def _fits(host: str, pattern: str) -> bool:
    return host.endswith(pattern[1:]) if pattern.startswith("*.") else host == pattern


def frame_address(room_url: str, sitter: Sitter, allowed: Sequence[str]) -> str:
    """The address to put into the frame. A room key that the address already has is kept. Raises ForeignRoom."""
    common = _common_address(room_url, sitter.language, tuple(allowed))
    name = quote(display_name(sitter.display_name), safe="")
    audio, video = ("on" if on else "off" for on in (sitter.microphone_on, sitter.camera_on))
    return f"{common}&displayName={name}&externalId={sitter.seat_id}&audio={audio}&video={video}"


# When a breakout opens, hundreds of people go to a few rooms in the same moment.
@lru_cache(maxsize=4096)
def _common_address(room_url: str, language: str, allowed: tuple[str, ...]) -> str:
    """What is the same for all who sit in a room."""
    check_host(room_url, allowed)
    parts = urlsplit(room_url)
    personal = {"displayName", "externalId", "audio", "video"}
    parameters = {
        **{name: value for name, value in parse_qsl(parts.query, keep_blank_values=True) if name not in personal},
        "lang": _room_language(parts.hostname or "", language),
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
    known = LANGUAGES[language]
    return known.room_language if f".{host}".endswith(".whereby.com") else known.code
