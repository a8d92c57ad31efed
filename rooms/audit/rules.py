"""Names of audited events: `subject.verb in the past`. The text of an entry never holds personal data."""

from enum import StrEnum


class Event(StrEnum):
    """What happened. Who, when and for whom are columns of the entry."""

    PERSON_ADDED = "person.added"
    PERSON_CHANGED = "person.changed"
    SESSION_PLANNED = "session.planned"
    SESSION_CANCELLED = "session.cancelled"
    SESSION_ENDED = "session.ended"
    CIRCLE_ADDED = "circle.added"
    CIRCLE_CHANGED = "circle.changed"
    STANDING_ROOM_OPENED = "standing_room.opened"
    STANDING_ROOM_CHANGED = "standing_room.changed"
    STANDING_ROOM_STOPPED = "standing_room.stopped"
    GUEST_INVITED = "guest.invited"
    ROOM_ROTATED = "room.rotated"
    ROOM_LOST = "room.lost"
    STRANGER_SEEN = "stranger.seen"
    STRANGER_LET_IN = "stranger.let_in"
    STRANGER_FOUND_FINE = "stranger.found_fine"
    USAGE_BUDGET_CHANGED = "usage_budget.changed"
    LINK_MADE = "link.made"
    LINK_SHOWN = "link.shown"
    LINK_REPLACED = "link.replaced"
    SIGN_IN_ASKED = "sign_in.asked"
    SIGNED_IN = "sign_in.done"
    SIGNED_OUT = "sign_in.ended"
    DEVICE_LET_IN = "device.let_in"
    HELP_ASKED = "help.asked"
    HELP_ANSWERED = "help.answered"
