"""Participant minutes out of the stays that the database holds. One query, which only sums leave.

Summed where they lie: a busy centre's year is some 25 000 stays, which take over a second here and 0.1 s there.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import (
    ColumnElement,
    DateTime,
    Integer,
    Interval,
    and_,
    case,
    cast,
    column,
    func,
    literal,
    select,
    values,
)

from rooms.schedule.records import Session
from rooms.seating.records import Presence, Seat
from rooms.seating.rules.presence import SILENT_AFTER
from rooms.seating.service.occupancy import is_live
from rooms.store.unit_of_work import UnitOfWork
from rooms.supply.rules.demand import GRACE

#: Whoever was in a session that touches a moment came to it after this: no session is longer than a day.
LONGEST = timedelta(days=2)
#: When a session was over, or will be.
OVER_AT = func.coalesce(Session.ended_at, Session.ends_at)


@dataclass(frozen=True, slots=True)
class Sum:
    """What a circle (None: sessions of no circle) used in one of the spans of time that were asked for.

    Whole minutes, half ones up, so that a table of them adds up.
    """

    #: Which of the spans.
    place: int
    circle_id: uuid.UUID | None
    minutes: int
    #: Those of them that were spent in open rooms.
    drop_in: int
    sessions: int
    people: int


async def minutes_between(
    work: UnitOfWork, centre_id: uuid.UUID, spans: Sequence[tuple[datetime, datetime]], now: datetime
) -> list[Sum]:
    """What each circle of a centre used in each span of time; no sum for a circle that used nothing in it.

    A person in two rooms of a session at once counts once. Stays are cut off at a span's ends.
    """
    asked = values(
        column("place", Integer),
        column("begin_at", DateTime(timezone=True)),
        column("end_at", DateTime(timezone=True)),
        name="asked",
    ).data([(place, *span) for place, span in enumerate(spans)])
    earliest, latest = min(begin for begin, _ in spans), max(end for _, end in spans)
    is_drop_in = Session.standing_room_id.is_not(None).label("is_drop_in")
    # Those of a person in a session that overlap or touch become one.
    merged = func.unnest(func.range_agg(func.tstzrange(Presence.joined_at, _until(now))))
    stays = (
        select(Seat.session_id, Presence.person_id, Session.circle_id, is_drop_in, merged.label("time"))
        .join(Seat, Seat.id == Presence.seat_id)
        .join(Session, Session.id == Seat.session_id)
        .where(Presence.centre_id == centre_id, Presence.joined_at >= earliest - LONGEST, Presence.joined_at < latest)
        .group_by(Seat.session_id, Presence.person_id, Session.circle_id, is_drop_in)
        .cte("stays")
    )
    begin, end = func.lower(stays.c.time), func.upper(stays.c.time)
    time = func.least(end, asked.c.end_at) - func.greatest(begin, asked.c.begin_at)
    rows = await work.session.execute(
        select(
            asked.c.place,
            stays.c.circle_id,
            _whole_minutes(func.sum(time)),
            func.coalesce(_whole_minutes(func.sum(time).filter(stays.c.is_drop_in)), 0),
            func.count(stays.c.session_id.distinct()),
            func.count(stays.c.person_id.distinct()),
        )
        .select_from(asked.join(stays, and_(begin < asked.c.end_at, end > asked.c.begin_at)))
        .group_by(asked.c.place, stays.c.circle_id)
    )
    return [Sum(place, circle_id, minutes, *counts) for place, circle_id, minutes, *counts in rows]


def _whole_minutes(time: ColumnElement[timedelta]) -> ColumnElement[int]:
    return cast(func.extract("epoch", time) / 60, Integer)


def _until(now: datetime) -> ColumnElement[datetime]:
    """Until when a stay counts.

    An open one until now, or, when its page is silent, until it was last heard. None longer than until the rooms of its
    session are deleted for certain: a goodbye that got lost must not count for ever.
    """
    end = case(
        (Presence.left_at.is_not(None), Presence.left_at),
        (is_live(now - SILENT_AFTER), now),
        else_=Presence.last_seen_at,
    )
    return func.greatest(Presence.joined_at, func.least(end, OVER_AT + literal(GRACE, Interval)))
