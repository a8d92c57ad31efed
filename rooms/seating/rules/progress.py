"""How far has an invited person come on their way in?"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from rooms.messages.rules import MessageState
from rooms.seating.rules.arrival import ON_THE_WAY
from rooms.seating.rules.reasons import SeatReason


class Progress(StrEnum):
    """The steps in, in their order; and what went wrong beside the step where it goes wrong."""

    #: No message goes to them: the link has to be handed over another way.
    NO_ADDRESS = "no_address"
    FAILED = "failed"
    NOT_SENT = "not_sent"
    SENT = "sent"
    #: On their phone, says the gateway.
    DELIVERED = "delivered"
    OPENED = "opened"
    #: Outside with a second device, which somebody has to let in.
    ASKS = "asks"
    #: Their room is opening on their screen.
    ON_THE_WAY = "on_the_way"
    IN = "in"
    #: Was in, and the connection went without a goodbye.
    DROPPED = "dropped"
    LEFT = "left"


@dataclass(frozen=True, slots=True)
class WayIn:
    """What is stored of one person's way into one session. `was_in`: they have been in a room of it."""

    message: MessageState | None
    message_error: str | None
    is_delivered: bool
    opened_at: datetime | None
    asks: bool
    seat_reason: SeatReason | None
    seat_changed_at: datetime | None
    is_in: bool
    was_in: bool


def progress(way: WayIn, now: datetime, *, over: bool = False) -> Progress:
    """The first of these that is true; what happened in a room outweighs what happened before.

    `over`: the session has ended, so whoever was in and is not any more has left as everybody did.
    """
    on_the_way = way.seat_changed_at is not None and way.seat_changed_at > now - ON_THE_WAY
    steps = (
        (way.is_in, Progress.IN),
        (way.seat_reason is SeatReason.LEFT or (over and way.was_in), Progress.LEFT),
        (way.asks and not over, Progress.ASKS),
        (on_the_way and not over, Progress.ON_THE_WAY),
        (way.was_in, Progress.DROPPED),
        (way.opened_at is not None or way.seat_changed_at is not None, Progress.OPENED),
    )
    return next((step for holds, step in steps if holds), _of_message(way))


def _of_message(way: WayIn) -> Progress:
    match way.message:
        case MessageState.SENT:
            return Progress.DELIVERED if way.is_delivered else Progress.SENT
        case MessageState.FAILED if way.message_error == "no_address":
            return Progress.NO_ADDRESS
        case MessageState.FAILED:
            return Progress.FAILED
        case _:
            return Progress.NOT_SENT
