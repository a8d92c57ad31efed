"""The life of a room: its states and the steps between them."""

from datetime import timedelta
from enum import StrEnum


class Size(StrEnum):
    """`small`: 3–5 people. `xl`: up to 50."""

    SMALL = "small"
    XL = "xl"


class RoomState(StrEnum):
    """wanted → creating → ready → in use → retiring → gone."""

    WANTED = "wanted"
    CREATING = "creating"
    READY = "ready"
    IN_USE = "in_use"
    RETIRING = "retiring"
    GONE = "gone"


class RoomError(StrEnum):
    """Why the provider's last answer about a room was not the one hoped for. The dashboard has words for each."""

    #: The provider did not answer, or with an error of its own.
    DOWN = "down"
    #: It asked us to slow down, or our own points are spent.
    TOO_FAST = "too_fast"
    #: It does not take our key, or not what we asked for.
    REFUSED = "refused"
    #: The room was there and is not any more.
    LOST = "lost"


_STEPS = {
    # Ready at once when a spare room is given to it.
    RoomState.WANTED: {RoomState.CREATING, RoomState.READY, RoomState.GONE},
    # A refused room stays: the provider may have made it. To retiring when the session went away meanwhile.
    RoomState.CREATING: {RoomState.READY, RoomState.RETIRING},
    RoomState.READY: {RoomState.IN_USE, RoomState.RETIRING},
    RoomState.IN_USE: {RoomState.RETIRING},
    RoomState.RETIRING: {RoomState.GONE},
    RoomState.GONE: set[RoomState](),
}


class IllegalStep(Exception):
    """A room cannot go from the one state to the other."""


def check_step(before: RoomState, after: RoomState) -> None:
    """Raise IllegalStep unless a room may go from `before` to `after`."""
    if after not in _STEPS[before]:
        raise IllegalStep(f"{before} to {after}")


def pause_after(attempts: int, luck: float) -> timedelta:
    """How long to let a room be after so many failed calls for it: 5 s, doubling to a minute, spread by a quarter.

    Not longer: when a provider comes back after an hour, the most urgent rooms are those tried most often.
    """
    pause = min(5.0 * float(2 ** min(attempts - 1, 10)), 60.0)
    return timedelta(seconds=pause * (0.75 + luck / 2))
