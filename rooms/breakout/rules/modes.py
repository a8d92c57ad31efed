"""By what groups are made."""

from enum import StrEnum


class Mode(StrEnum):
    """Who should sit with whom."""

    #: Mother tongues mixed, so that Norwegian is the common language.
    PRACTICE = "practice"
    #: People who share a language.
    OWN_LANGUAGE = "own_language"
    #: Participants choose their table.
    FREE = "free"


class Levels(StrEnum):
    """How levels of Norwegian are put together."""

    MIX = "mix"
    SAME = "same"
