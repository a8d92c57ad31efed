"""Why a seat is where it is, and who says that somebody is in a room."""

from enum import StrEnum


class SeatReason(StrEnum):
    """Why the seat was last changed."""

    ARRIVED = "arrived"
    MOVED = "moved"
    LEFT = "left"
    #: The room was replaced by a new one, and everybody in it moved along.
    ROTATED = "rotated"


class GroupSeatReason(StrEnum):
    """Why somebody sits in a group."""

    PLANNED = "planned"
    #: They came when the round was under way.
    LATE = "late"
    #: Their group had become too small, or its guide had gone.
    MENDED = "mended"
    #: A coordinator moved them, or called them back.
    MOVED = "moved"
    #: They chose the group themselves.
    CHOSEN = "chosen"
    #: A coordinator who looks in.
    VISITING = "visiting"


class EventOutcome(StrEnum):
    """What became of a provider's event."""

    RECORDED = "recorded"
    UNKNOWN_SEAT = "unknown_seat"
    IGNORED = "ignored"


class StrangerKind(StrEnum):
    """Why somebody in a room is a stranger."""

    #: No seat of the session has the name by which they came.
    NO_SEAT = "no_seat"
    #: Somebody with a seat is there, and a second browser came by the same name.
    SECOND_BROWSER = "second_browser"


class StrangerAnswer(StrEnum):
    """What was done about a stranger."""

    LET_IN = "let_in"
    ROTATED = "rotated"
    FINE = "fine"
