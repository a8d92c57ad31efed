"""Whom a coordinator looks for in the list of people. Pure."""

import re
import uuid
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

#: How long ago is long ago.
RECENTLY, LATELY = timedelta(days=7), timedelta(days=30)


class Seen(StrEnum):
    """When somebody was last in a room."""

    RECENTLY = "week"
    LATELY = "month"
    NOT_LATELY = "longer"
    NEVER = "never"


class Reached(StrEnum):
    """By which way somebody is reached."""

    EMAIL = "email"
    SMS = "sms"
    UNWANTED = "unwanted"
    #: There is neither an address nor a number.
    NO_WAY = "no-way"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What has to hold for a person; everything that is set. `language`: one that they speak. `level`: 1–5."""

    search: str = ""
    language: str | None = None
    level: int | None = None
    circle_id: uuid.UUID | None = None
    reached: Reached | None = None
    seen: Seen | None = None

    @property
    def is_narrowed(self) -> bool:
        """Whether anything is set."""
        return self != Wanted()


def words_of(search: str) -> list[str]:
    """The words that each have to stand in a name, an e-mail address or a phone number.

    A phone number is one word however it is spaced, and its 00 is a +, as numbers are stored.
    """
    joined = re.sub(r"[\s().-]", "", search)
    if re.fullmatch(r"\+?\d{3,}", joined):
        return ["+" + joined[2:] if joined.startswith("00") else joined]
    return search.split()
