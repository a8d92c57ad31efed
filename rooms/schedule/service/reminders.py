"""Write the reminders that are due: harmless to repeat, and a look that was missed is caught up."""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Interval,
    String,
    Uuid,
    and_,
    cast,
    column,
    func,
    literal,
    or_,
    select,
    values,
)
from sqlalchemy.dialects.postgresql import insert

from rooms.messages.records import Message
from rooms.messages.rules import (
    OPEN_IS_NEWS,
    PLACE_APART,
    REMINDERS,
    Channel,
    Kind,
    MessageState,
    reminder_at,
    reminder_holds,
    reminder_version,
)
from rooms.people.records.centres import Centre
from rooms.people.records.persons import Person
from rooms.people.rules.contact import PreferredWay
from rooms.schedule.records import Invitation, Session
from rooms.schedule.rules.formats import Answer
from rooms.schedule.service.sessions import SEND_DUE
from rooms.store.base import UtcDateTime, enum_by_value
from rooms.store.unit_of_work import UnitOfWork

#: No reminder comes longer before its session: a day, which has 25 hours when summer time ends.
_FARTHEST = timedelta(hours=26)
#: A look that was missed for longer is not caught up: so long after its moment, a reminder would only surprise.
_CAUGHT_UP = timedelta(hours=6)
#: What is about the next hour overtakes a mass of invitations.
_PRIORITY = {Kind.REMINDER_DAY: 90, Kind.REMINDER_HOUR: 50, Kind.GUIDE_BRIEFING: 50, Kind.OPEN_NOW: 10}

#: Reminders in one statement: PostgreSQL takes 32 767 values.
_PORTION = 5000
#: Session, kind, moment, version and priority of a reminder.
_Due = tuple[uuid.UUID, Kind, datetime, int, int]


async def write_due_reminders(work: UnitOfWork, now: datetime) -> int:
    """Write a reminder to everybody who was invited before its moment. Returns how many are new.

    Needs a unit of work that sees all centres.
    """
    due = await _due(work, now)
    count = 0
    for first in range(0, len(due), _PORTION):
        count += await _write(work, due[first : first + _PORTION], now)
    if count:
        work.wake_worker(SEND_DUE)
    return count


async def _write(work: UnitOfWork, due: Sequence[_Due], now: datetime) -> int:
    moments = values(
        column("session_id", Uuid()),
        column("kind", enum_by_value(Kind)),
        column("moment", UtcDateTime()),
        column("version", BigInteger()),
        column("priority", Integer()),
        name="due",
    ).data(due)
    # As `messages.rules.idempotency_key` writes it.
    key = func.concat_ws(
        ":", cast(moments.c.kind, String), Invitation.session_id, Invitation.person_id, moments.c.version
    )
    place = func.row_number().over(partition_by=(Invitation.centre_id, moments.c.priority))
    reminders = (
        select(
            func.gen_random_uuid(),
            Invitation.centre_id,
            Invitation.person_id,
            Invitation.session_id,
            moments.c.kind,
            literal(Channel.EMAIL, enum_by_value(Channel)),
            key,
            Invitation.session_id,
            literal(MessageState.DUE, enum_by_value(MessageState)),
            moments.c.priority,
            literal(now, UtcDateTime()) + place * literal(PLACE_APART, Interval()),
            literal(now, UtcDateTime()),
            literal(now, UtcDateTime()),
            literal(0, Integer()),
        )
        .join(moments, moments.c.session_id == Invitation.session_id)
        .join(Person, Person.id == Invitation.person_id)
        .where(
            Invitation.invited_at < moments.c.moment,
            # Whoever said that they cannot come is reminded of nothing.
            Invitation.answer.is_distinct_from(Answer.ABSENT),
            *_wants_messages(),
            _is_for(moments.c.kind),
        )
    )
    names = (
        "id", "centre_id", "person_id", "session_id", "kind", "channel", "idempotency_key", "cause_id", "state",
        "priority", "place", "created_at", "next_try_at", "attempts",
    )  # fmt: skip
    written = await work.session.scalars(
        insert(Message)
        .from_select(names, reminders)
        .on_conflict_do_nothing(index_elements=["idempotency_key"])
        .returning(Message.id)
    )
    return len(written.all())


def _wants_messages() -> tuple[ColumnElement[bool], ...]:
    return Person.left_at.is_(None), Person.preferred_way != PreferredWay.NONE


def _is_for(kind: ColumnElement[Kind]) -> ColumnElement[bool]:
    """Whether a `Person` gets reminders of this kind. Guides get the briefing instead of the hour's reminder."""
    return or_(
        kind == Kind.REMINDER_DAY,
        and_(kind == Kind.REMINDER_HOUR, Person.is_guide.is_(False)),
        and_(kind == Kind.GUIDE_BRIEFING, Person.is_guide),
        and_(kind == Kind.OPEN_NOW, Person.wants_open_now),
    )


async def _due(work: UnitOfWork, now: datetime) -> list[_Due]:
    """The reminders whose moment has come."""
    sessions = await work.session.execute(
        select(Session, Centre.zone)
        .join(Centre, Centre.id == Session.centre_id)
        .where(
            Session.starts_at > now - OPEN_IS_NEWS,
            Session.ends_at > now,
            Session.starts_at <= now + _FARTHEST,
            Session.cancelled_at.is_(None),
            Session.ended_at.is_(None),
            Session.standing_room_id.is_(None),
        )
    )
    found = []
    for session, zone in sessions:
        unwished = {
            *([] if session.remind_day_before else [Kind.REMINDER_DAY]),
            *([] if session.remind_hour_before else [Kind.REMINDER_HOUR]),
        }
        for kind in REMINDERS:
            moment = reminder_at(kind, session.starts_at, session.opens_at, ZoneInfo(zone))
            if moment is None or kind in unwished or not moment <= now < moment + _CAUGHT_UP:
                continue
            # Whoever was told of the new time since needs no reminder of it yet.
            is_news = session.moved_at is not None and session.moved_at >= moment
            if not is_news and reminder_holds(kind, session.starts_at, now):
                version = reminder_version(session.starts_at)
                found.append((session.id, kind, moment, version, _PRIORITY[kind]))
    return found
