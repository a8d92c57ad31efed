"""A centre's own words for a message: what may and what must stand in them, and how they are filled in. Pure.

Around them stay the greeting, the way to ask and the centre's name. Placeholders are looked up in a fixed list and
filled in once: what a value holds is never read as a placeholder, nor as markup.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from config.i18n import marked as _
from rooms.messages.rules import WITH_LINK, Kind

#: The kinds whose words a centre may change.
EDITABLE = (
    Kind.INVITATION,
    Kind.REMINDER_DAY,
    Kind.REMINDER_HOUR,
    Kind.OPEN_NOW,
    Kind.GUIDE_BRIEFING,
    Kind.CHANGE,
    Kind.CANCELLATION,
    Kind.NEW_LINK,
)

#: Every placeholder, and what takes its place.
PLACEHOLDERS: Mapping[str, str] = {
    "name": _("the reader's name"),
    "centre": _("your centre's name"),
    "phone": _("your centre's phone number"),
    "title": _("what the session is called"),
    "day": _("the day of the session"),
    "time": _("when the session starts"),
    "end": _("when the session ends"),
    "people": _("the list of those who are invited"),
    "link": _("the reader's own link"),
}
_OF_EVERYBODY = ("name", "centre", "phone")
_OF_A_SESSION = ("title", "day", "time", "end")
#: More than words: each stands on a line of its own, once, and never in the subject.
BLOCKS = frozenset({"people", "link"})

LONGEST_SUBJECT = 120
LONGEST_BODY = 2000

_PLACE = re.compile(r"\{([^{}\r\n]*)\}")
_MARKUP = re.compile(r"<\s*[/!?]?\s*[A-Za-z]|&#?\w+;")
_HIDDEN = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True, slots=True)
class OwnWords:
    """The subject, and what stands between the greeting and the signature."""

    subject: str
    body: str


@dataclass(frozen=True, slots=True)
class Piece:
    """Some text of a line. `is_value`: it took a placeholder's place, so its reading direction is its own."""

    text: str
    is_value: bool


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph with its lines; or, by `name`, one of BLOCKS."""

    name: str = ""
    lines: tuple[tuple[Piece, ...], ...] = ()


def allowed(kind: Kind) -> tuple[str, ...]:
    """The placeholders that such a message can fill in."""
    about = () if kind is Kind.NEW_LINK else _OF_A_SESSION
    people = ("people",) if kind is Kind.GUIDE_BRIEFING else ()
    return (*_OF_EVERYBODY, *about, *people, *(("link",) if kind in WITH_LINK else ()))


def required(kind: Kind) -> tuple[str, ...]:
    """Those that its body cannot do without: who reads it must know what, when, and how to get in."""
    unneeded = {*_OF_EVERYBODY, "end"}
    return tuple(name for name in allowed(kind) if name not in unneeded)


def cleaned(text: str) -> str:
    """What was typed, without the characters that nobody sees: control characters and marks of reading direction."""
    return _HIDDEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def unknown(kind: Kind, text: str) -> list[str]:
    """What stands in curly brackets but can take no place in such a message, and brackets without a partner."""
    named = [f"{{{found[1]}}}" for found in _PLACE.finditer(text) if found[1] not in allowed(kind)]
    return named + re.findall(r"[{}]", _PLACE.sub("", text))


def problems(kind: Kind, own: OwnWords) -> dict[str, str]:
    """What is wrong, by field (`subject`, `body`), as English message ids; empty when such messages can be sent."""
    found = {"subject": _in_subject(kind, own.subject), "body": _in_body(kind, own.body)}
    return {field: problem for field, problem in found.items() if problem is not None}


def _in_subject(kind: Kind, subject: str) -> str | None:
    if "\n" in subject:
        return _("The subject has to be one line.")
    if found := _in_any(kind, subject, LONGEST_SUBJECT):
        return found
    if any(name in {"name", *BLOCKS} for name in _PLACE.findall(subject)):
        # Subjects show on locked screens, and stand in the mail servers' logs.
        return _("The reader's name, the link and the list of people cannot stand in the subject.")
    return None


def _in_body(kind: Kind, body: str) -> str | None:
    if found := _in_any(kind, body, LONGEST_BODY):
        return found
    places = _PLACE.findall(body)
    if "link" in required(kind) and "link" not in places:
        return _("The link is missing. Write {link} on a line of its own.")
    if "people" in required(kind) and "people" not in places:
        return _("Guides have to read who is invited. Write {people} on a line of its own.")
    if not set(required(kind)) <= set(places):
        return _("The reader has to know what, on which day and at what time. Use {title}, {day} and {time}.")
    alone = [line.strip() for line in body.splitlines()]
    if any(places.count(name) > 1 or (name in places and f"{{{name}}}" not in alone) for name in BLOCKS):
        return _("{link} and {people} have to stand on a line of their own, and only once.")
    return None


def _in_any(kind: Kind, text: str, most: int) -> str | None:
    if not text:
        return _("Please fill this in.")
    if len(text) > most:
        return _("This is too long.")
    if _MARKUP.search(text):
        return _("Write plain text, without HTML.")
    if unknown(kind, text):
        return _("Something in curly brackets is not known here. Use only what is in the list.")
    return None


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with each placeholder replaced by its value. Raises KeyError for one without a value."""
    return _PLACE.sub(lambda found: values[found[1]], text)


def blocks(body: str, values: Mapping[str, str]) -> list[Block]:
    """The body as paragraphs, and what stands on a line of its own between them. Raises KeyError as `fill` does."""
    found: list[Block] = []
    paragraph: list[tuple[Piece, ...]] = []
    for line in [*body.splitlines(), ""]:
        name = line.strip().strip("{}")
        is_block = name in BLOCKS
        if line.strip() and not is_block:
            paragraph.append(_pieces(line.strip(), values))
            continue
        if paragraph:
            found.append(Block(lines=tuple(paragraph)))
            paragraph = []
        if is_block:
            found.append(Block(name))
    return found


def _pieces(line: str, values: Mapping[str, str]) -> tuple[Piece, ...]:
    # Every second part of the split is what stood in brackets.
    parts = enumerate(_PLACE.split(line))
    return tuple(Piece(values[part] if at % 2 else part, bool(at % 2)) for at, part in parts if part)
