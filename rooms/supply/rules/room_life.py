"""The life of a room: its states and the steps between them."""

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


_STEPS = {
    RoomState.WANTED: {RoomState.CREATING, RoomState.GONE},
    # Back to wanted when the provider refused; to retiring when the session went away meanwhile.
    RoomState.CREATING: {RoomState.READY, RoomState.WANTED, RoomState.RETIRING},
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
