"""What a circle may choose."""

from enum import StrEnum


class OnStranger(StrEnum):
    """What happens when somebody is in a room who has no seat there."""

    #: The coordinator and the guides are told, and decide.
    ASK = "ask"
    #: Everybody who belongs there moves to a new room at once; the coordinator and the guides are told.
    ROTATE = "rotate"


def on_stranger(*, is_closed: bool, chosen: OnStranger | None) -> OnStranger:
    """What holds for a circle: what its coordinator chose, else a closed one moves by itself."""
    return chosen or (OnStranger.ROTATE if is_closed else OnStranger.ASK)
