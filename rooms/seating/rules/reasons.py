"""Why a seat is where it is, and who says that somebody is in a room."""

from enum import StrEnum


class SeatReason(StrEnum):
    """Why the seat was last changed."""

    ARRIVED = "arrived"
    MOVED = "moved"
    LEFT = "left"


class EventOutcome(StrEnum):
    """What became of a provider's event."""

    RECORDED = "recorded"
    UNKNOWN_SEAT = "unknown_seat"
    IGNORED = "ignored"
