"""Names of audited events: `subject.verb in the past`. The text of an entry never holds personal data."""

import re
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum


class Event(StrEnum):
    """What happened. Who, when and for whom are columns of the entry."""

    PERSON_ADDED = "person.added"
    PERSON_CHANGED = "person.changed"
    PERSON_REMOVED = "person.removed"
    PEOPLE_IMPORTED = "people.imported"
    PEOPLE_IMPORT_UNDONE = "people.import_undone"
    PEOPLE_EXPORTED = "people.exported"
    CONSENT_GIVEN = "consent.given"
    CONSENT_WITHDRAWN = "consent.withdrawn"
    REMARK_WRITTEN = "remark.written"
    REMARK_REMOVED = "remark.removed"
    REMARKS_READ = "remark.read"
    SESSION_PLANNED = "session.planned"
    SESSION_MOVED = "session.moved"
    SESSION_CANCELLED = "session.cancelled"
    SESSION_ENDED = "session.ended"
    CIRCLE_ADDED = "circle.added"
    CIRCLE_CHANGED = "circle.changed"
    STANDING_ROOM_OPENED = "standing_room.opened"
    STANDING_ROOM_CHANGED = "standing_room.changed"
    STANDING_ROOM_STOPPED = "standing_room.stopped"
    GUEST_INVITED = "guest.invited"
    GUEST_ENDED = "guest.ended"
    ROOM_ROTATED = "room.rotated"
    ROOM_LOST = "room.lost"
    STRANGER_SEEN = "stranger.seen"
    STRANGER_LET_IN = "stranger.let_in"
    STRANGER_FOUND_FINE = "stranger.found_fine"
    PAIR_MADE = "pair.made"
    PAIR_REMOVED = "pair.removed"
    CARD_CHANGED = "card.changed"
    CARD_REMOVED = "card.removed"
    TEXT_CHANGED = "text.changed"
    TEXT_RESTORED = "text.restored"
    POST_SENT = "post.sent"
    BREAKOUT_OPENED = "breakout.opened"
    BREAKOUT_CHANGED = "breakout.changed"
    BREAKOUT_CLOSED = "breakout.closed"
    BREAKOUT_MOVED = "breakout.moved"
    USAGE_BUDGET_CHANGED = "usage_budget.changed"
    LINK_MADE = "link.made"
    LINK_SHOWN = "link.shown"
    LINK_REPLACED = "link.replaced"
    FEED_SHOWN = "feed.shown"
    FEED_REPLACED = "feed.replaced"
    SIGN_IN_ASKED = "sign_in.asked"
    SIGNED_IN = "sign_in.done"
    SIGNED_OUT = "sign_in.ended"
    DEVICE_LET_IN = "device.let_in"
    HELP_ASKED = "help.asked"
    HELP_ANSWERED = "help.answered"
    GUIDE_LOG_WRITTEN = "guide_log.written"


class Area(StrEnum):
    """What an event is about, as the reader of the log chooses it."""

    PEOPLE = "people"
    SESSIONS = "sessions"
    CIRCLES = "circles"
    ROOMS = "rooms"
    BREAKOUTS = "breakouts"
    TEXTS = "texts"
    LINKS = "links"
    SIGN_INS = "sign_ins"
    HELP = "help"
    USAGE = "usage"


_AREA_OF_SUBJECT = {
    "person": Area.PEOPLE,
    "people": Area.PEOPLE,
    "consent": Area.PEOPLE,
    "remark": Area.PEOPLE,
    "guest": Area.PEOPLE,
    "session": Area.SESSIONS,
    "circle": Area.CIRCLES,
    "standing_room": Area.CIRCLES,
    "room": Area.ROOMS,
    "stranger": Area.ROOMS,
    "device": Area.ROOMS,
    "pair": Area.BREAKOUTS,
    "breakout": Area.BREAKOUTS,
    "card": Area.TEXTS,
    "text": Area.TEXTS,
    "post": Area.TEXTS,
    "link": Area.LINKS,
    "feed": Area.LINKS,
    "sign_in": Area.SIGN_INS,
    "help": Area.HELP,
    "guide_log": Area.HELP,
    "usage_budget": Area.USAGE,
}


def area_of(event: Event) -> Area:
    """Every event is of exactly one area."""
    return _AREA_OF_SUBJECT[event.partition(".")[0]]


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
#: Sixteen digits of microseconds last until the year 2286, so that no number in an address leaves the calendar.
_PLACE = re.compile(r"([0-9]{1,16})_([0-9a-f-]{36})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the log, which is ordered by time and then by id: what comes after it is older."""

    at: datetime
    entry_id: uuid.UUID

    def __str__(self) -> str:
        """For an address; `place_from` reads it."""
        return f"{(self.at - _EPOCH) // timedelta(microseconds=1)}_{self.entry_id}"


def place_from(text: str) -> Place:
    """Read what `str(place)` wrote. Raises ValueError for anything else."""
    found = _PLACE.fullmatch(text)
    if found is None:
        raise ValueError("no place in the log")
    return Place(_EPOCH + timedelta(microseconds=int(found[1])), uuid.UUID(found[2]))
