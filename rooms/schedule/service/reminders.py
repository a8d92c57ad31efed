"""Write the reminders that are due: one statement, harmless to repeat, and a look that was missed is caught up."""

import uuid
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import BigInteger, Integer, String, Uuid, cast, column, func, literal, or_, select, values
from sqlalchemy.dialects.postgresql import insert

from rooms.messages.records import Message
from rooms.messages.rules import REMINDERS, Channel, Kind, MessageState, reminder_at, reminder_holds, reminder_version
from rooms.people.records.centres import Centre
from rooms.people.records.persons import Person
from rooms.schedule.records import Invitation, Session
from rooms.schedule.service.sessions import SEND_DUE
from rooms.store.base import UtcDateTime, enum_by_value
from rooms.store.unit_of_work import UnitOfWork

#: No reminder comes longer before its session: a day, and the quiet hours that a change of clocks may add.
_FARTHEST = timedelta(hours=26)
#: A look that was missed for longer is not caught up: so long after its moment, a reminder would only surprise.
_CAUGHT_UP = timedelta(hours=6)
#: Those who are late for the next hour overtake a mass of invitations.
_PRIORITY = {Kind.REMINDER_DAY: 90, Kind.REMINDER_HOUR: 50}


async def write_due_reminders(work: UnitOfWork, now: datetime) -> int:
    """Write a reminder to everybody who was invited before its moment. Returns how many are new.

    Needs a unit of work that sees all centres.
    """
    due = await _due(work, now)
    if not due:
        return 0
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
            literal(now, UtcDateTime()),
            literal(now, UtcDateTime()),
            literal(0, Integer()),
        )
        .join(moments, moments.c.session_id == Invitation.session_id)
        .join(Person, Person.id == Invitation.person_id)
        .where(Invitation.invited_at < moments.c.moment, Person.left_at.is_(None))
    )
    names = (
        "id", "centre_id", "person_id", "session_id", "kind", "channel", "idempotency_key", "cause_id", "state",
        "priority", "created_at", "next_try_at", "attempts",
    )  # fmt: skip
    written = await work.session.scalars(
        insert(Message)
        .from_select(names, reminders)
        .on_conflict_do_nothing(index_elements=["idempotency_key"])
        .returning(Message.id)
    )
    count = len(written.all())
    if count:
        work.wake_worker(SEND_DUE)
    return count


async def _due(work: UnitOfWork, now: datetime) -> list[tuple[uuid.UUID, Kind, datetime, int, int]]:
    """Session, kind, moment, version and priority of each reminder whose moment has come."""
    sessions = await work.session.execute(
        select(Session, Centre.zone)
        .join(Centre, Centre.id == Session.centre_id)
        .where(
            Session.starts_at > now,
            Session.starts_at <= now + _FARTHEST,
            Session.cancelled_at.is_(None),
            Session.ended_at.is_(None),
            Session.standing_room_id.is_(None),
            or_(Session.remind_day_before, Session.remind_hour_before),
        )
    )
    found = []
    for session, zone in sessions:
        wished = {Kind.REMINDER_DAY: session.remind_day_before, Kind.REMINDER_HOUR: session.remind_hour_before}
        for kind in REMINDERS:
            moment = reminder_at(kind, session.starts_at, ZoneInfo(zone)) if wished[kind] else None
            if moment is None or not moment <= now < moment + _CAUGHT_UP:
                continue
            # Whoever was told of the new time since needs no reminder of it yet.
            is_news = session.moved_at is not None and session.moved_at >= moment
            if not is_news and reminder_holds(kind, session.starts_at, now):
                version = reminder_version(session.starts_at)
                found.append((session.id, kind, moment, version, _PRIORITY[kind]))
    return found
