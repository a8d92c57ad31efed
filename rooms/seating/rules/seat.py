"""Where should this person be now? From stored times and rows alone, so that no timer has to fire for it."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from rooms.seating.rules.reasons import SeatReason

#: The waiting page with its countdown is shown from so long before a session opens.
WAIT_FROM = timedelta(hours=1)
#: Whoever is in a room at the session's end may finish what they are saying, as long as the room stands.
OVERTIME = timedelta(minutes=10)
#: So long before a round's end its people are told that they go back.
NOTICE = timedelta(seconds=60)
#: The goodbye stays for so long after the end.
GOODBYE_FOR = timedelta(hours=3)


class Place(StrEnum):
    """What the person's page shows."""

    HOME = "home"
    EARLY = "early"
    WAITING = "waiting"
    OPEN = "open"
    GETTING_READY = "getting_ready"
    FULL = "full"
    OTHER_DEVICE = "other_device"
    ROOM = "room"
    LEFT = "left"
    OVER = "over"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class SeatFacts:
    """A stored seat. `room_open`: its room is ready or in use."""

    reason: SeatReason
    room_open: bool


@dataclass(frozen=True, slots=True)
class Turn:
    """A round of a breakout, under way or still to come."""

    starts_at: datetime
    ends_at: datetime

    def is_on(self, now: datetime) -> bool:
        """Whether people sit in their groups."""
        return self.starts_at <= now < self.ends_at

    def is_closing(self, now: datetime) -> bool:
        """Whether people are told that they go back soon."""
        return self.is_on(now) and now >= self.ends_at - NOTICE

    @property
    def boundaries(self) -> tuple[datetime, datetime, datetime]:
        """When something changes for its people."""
        return self.starts_at, self.ends_at - NOTICE, self.ends_at


@dataclass(frozen=True, slots=True)
class Planned:
    """A session that the person is invited to. `ended_at`: when a coordinator ended it early, for all.

    `is_drop_in`: a day of a circle's standing room, which is there when nothing else is. `turn`: its round now, or the
    next one.
    """

    session_id: uuid.UUID
    opens_at: datetime
    starts_at: datetime
    ends_at: datetime
    cancelled_at: datetime | None = None
    ended_at: datetime | None = None
    seat: SeatFacts | None = None
    is_drop_in: bool = False
    turn: Turn | None = None

    @property
    def end(self) -> datetime:
        """When nobody new is let in any more."""
        return self.ends_at if self.ended_at is None else min(self.ended_at, self.ends_at)

    @property
    def last_word(self) -> datetime:
        """Until when those inside may stay. A coordinator's end is at once."""
        return self.end if self.ended_at is not None else self.ends_at + OVERTIME

    def is_open(self, now: datetime) -> bool:
        """Whether it lets people in."""
        return self.cancelled_at is None and self.opens_at <= now < self.end


@dataclass(frozen=True, slots=True)
class Now:
    """What is now. `session` is what `place` speaks of; `following` the next one after it.

    `changes_at`: when the clock alone may change this answer.
    """

    place: Place
    session: Planned | None
    following: Planned | None
    changes_at: datetime | None


def what_is_now(planned: Sequence[Planned], now: datetime) -> Now:
    """The first of these that holds:

    1. a session is open: its room, its door, or, when the person left it, the way back in
    2. a session is over, but the person is still in its room: overtime
    3. a session opens within the hour: the waiting page
    4. a session ended a short while ago: the goodbye
    5. the next session is cancelled: that
    6. the next session; or home, when nothing is planned

    A drop-in comes after all that was planned: whoever sits in one stays until a planned session starts; the door to
    one is shown when no planned session is open or opens within the hour.
    """
    in_order = sorted(planned, key=lambda session: (session.starts_at, session.session_id))
    coming = [session for session in in_order if session.cancelled_at is None and session.opens_at > now]
    place, session = (
        _open_session([session for session in in_order if not session.is_drop_in or _sits(session)], now)
        or _overtime(in_order, now)
        or _waiting([session for session in coming if not session.is_drop_in], now)
        or _open_session(in_order, now)
        or _waiting(coming, now)
        or _goodbye(in_order, now)
        or _cancelled(in_order, now)
        or ((Place.EARLY, coming[0]) if coming else (Place.HOME, None))
    )
    following = next((other for other in coming if other is not session), None)
    changes_at = min((moment for moment in _boundaries(in_order) if moment > now), default=None)
    return Now(place, session, following, changes_at)


_Found = tuple[Place, Planned] | None


def _open_session(in_order: Sequence[Planned], now: datetime) -> _Found:
    opened = [session for session in in_order if session.is_open(now)]
    if not opened:
        return None
    # Of two at once the earlier, unless the person left it: then the other one calls.
    opened.sort(key=lambda one: _rank(one, now))
    session = next((one for one in opened if not _was_left(one)), opened[0])
    if _sits(session):
        return Place.ROOM, session
    return (Place.LEFT if _was_left(session) else Place.OPEN), session


def _rank(session: Planned, now: datetime) -> int:
    """Which of several open sessions calls: a planned one that has started, a drop-in one sits in, then the others."""
    if session.is_drop_in:
        return 1 if _sits(session) else 3
    return 0 if session.starts_at <= now or _sits(session) else 2


def _overtime(in_order: Sequence[Planned], now: datetime) -> _Found:
    for session in in_order:
        if session.cancelled_at is None and session.end <= now < session.last_word and _sits(session):
            return Place.ROOM, session
    return None


def _waiting(coming: Sequence[Planned], now: datetime) -> _Found:
    return (Place.WAITING, coming[0]) if coming and coming[0].opens_at - now <= WAIT_FROM else None


def _goodbye(in_order: Sequence[Planned], now: datetime) -> _Found:
    for session in reversed(in_order):
        if session.cancelled_at is None and session.end <= now < session.end + GOODBYE_FOR:
            return Place.OVER, session
    return None


def _cancelled(in_order: Sequence[Planned], now: datetime) -> _Found:
    first = next((session for session in in_order if session.end > now), None)
    return (Place.CANCELLED, first) if first is not None and first.cancelled_at is not None else None


def _sits(session: Planned) -> bool:
    return session.seat is not None and session.seat.room_open


def _was_left(session: Planned) -> bool:
    return session.seat is not None and session.seat.reason is SeatReason.LEFT


def _boundaries(planned: Sequence[Planned]) -> list[datetime]:
    return [
        moment
        for session in planned
        for moment in (
            session.opens_at - WAIT_FROM,
            session.opens_at,
            session.starts_at,
            session.end,
            session.last_word,
            session.end + GOODBYE_FOR,
            *(session.turn.boundaries if session.turn is not None else ()),
        )
    ]
