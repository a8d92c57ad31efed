"""Who is not reached yet, and why?"""

from datetime import datetime, timedelta
from enum import StrEnum

from rooms.messages.rules import MessageState
from rooms.schedule.rules.formats import DeviceCheck
from rooms.seating.rules.progress import Progress, WayIn, progress


class Unreached(StrEnum):
    """Why somebody is not reached yet; what a person has to mend comes first, what may mend itself last."""

    #: There is no address.
    NO_WAY = "no_way"
    #: They want no messages.
    SAID_NO = "said_no"
    #: The mail server refused the message, or it came back, or nobody was there for hours.
    REFUSED = "refused"
    #: No message was written, or what it said did not hold when its turn came.
    NOTHING_SENT = "nothing_sent"
    #: They opened the link, and their device does not let them in.
    BLOCKED = "blocked"
    #: It was tried, and is tried again.
    DELAYED = "delayed"
    NOT_OPENED = "not_opened"
    #: It is about to be sent.
    WAITING = "waiting"


#: With these a device lets its person in.
FINE = frozenset({DeviceCheck.PASSED, DeviceCheck.CAMERA_OFF})
_HELPED_BY_ANOTHER = frozenset({Unreached.NO_WAY, Unreached.REFUSED, Unreached.NOTHING_SENT, Unreached.NOT_OPENED})
_MAY_MEND_ITSELF = frozenset({Unreached.DELAYED, Unreached.NOT_OPENED, Unreached.WAITING})
_NEAR = timedelta(hours=1)


def unreached(way: WayIn, device: DeviceCheck | None, now: datetime, *, over: bool = False) -> Unreached | None:
    """The one reason why this person is not reached; None for everybody else, and for all when the session is `over`.

    `device`: what the device check found last.
    """
    why: Unreached | None = None
    match progress(way, now, over=over):
        case Progress.NO_ADDRESS:
            why = Unreached.NO_WAY
        case Progress.FAILED:
            why = Unreached.SAID_NO if way.message_error == "unwanted" else Unreached.REFUSED
        case Progress.NOT_SENT:
            why = _not_sent(way)
        case Progress.SENT | Progress.DELIVERED:
            why = Unreached.NOT_OPENED
        case Progress.OPENED if device is not None and device not in FINE:
            why = Unreached.BLOCKED
    return None if over else why


def _not_sent(way: WayIn) -> Unreached:
    if way.message in {None, MessageState.DROPPED}:
        return Unreached.NOTHING_SENT
    return Unreached.WAITING if way.message_error is None else Unreached.DELAYED


def can_send_again(why: Unreached | None) -> bool:
    """Whether another message may help: never for whoever has come or said no, nor while one is on its way."""
    return why in _HELPED_BY_ANOTHER


def is_pressing(why: Unreached, starts_at: datetime, now: datetime) -> bool:
    """Whether a coordinator should do something now. What may mend itself is pressing from an hour before the start."""
    return why not in _MAY_MEND_ITSELF or now >= starts_at - _NEAR
