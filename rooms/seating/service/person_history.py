"""What has happened with one person: sessions, whether they came, and messages, in one list."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select

from rooms.messages.records import Message
from rooms.messages.rules import Kind
from rooms.schedule.records import Invitation, Session
from rooms.seating.records import Presence, Seat
from rooms.store.unit_of_work import UnitOfWork

#: So many of each kind are read, and so many in all are told.
MOST = 40


@dataclass(frozen=True, slots=True)
class Came:
    """A session that a person was asked to, or was in. `stayed`: from first to last sight of them; None when absent."""

    at: datetime
    session: Session
    invited: bool
    stayed: timedelta | None


@dataclass(frozen=True, slots=True)
class Sent:
    """A message to them, with the session that it is about."""

    at: datetime
    message: Message
    title: str | None


async def history_of(work: UnitOfWork, person_id: uuid.UUID) -> list[Came | Sent]:
    """The latest forty things, the newest first, coming sessions among them; no sign-in links. Two queries."""
    stays = (
        select(
            Seat.session_id,
            (func.max(func.coalesce(Presence.left_at, Presence.last_seen_at)) - func.min(Presence.joined_at)).label(
                "stayed"
            ),
        )
        .join(Presence, Presence.seat_id == Seat.id)
        .where(Seat.person_id == person_id)
        .group_by(Seat.session_id)
        .subquery()
    )
    sessions = await work.session.execute(
        select(Session, Invitation.id, stays.c.stayed)
        .outerjoin(Invitation, (Invitation.session_id == Session.id) & (Invitation.person_id == person_id))
        .outerjoin(stays, stays.c.session_id == Session.id)
        .where(or_(Invitation.id.is_not(None), stays.c.session_id.is_not(None)))
        .order_by(Session.starts_at.desc())
        .limit(MOST)
    )
    messages = await work.session.execute(
        select(Message, Session.title)
        .outerjoin(Session, Session.id == Message.session_id)
        .where(Message.person_id == person_id, Message.kind != Kind.SIGN_IN)
        .order_by(Message.created_at.desc())
        .limit(MOST)
    )
    told: list[Came | Sent] = [
        Came(one.starts_at, one, invited is not None, stayed) for one, invited, stayed in sessions
    ]
    told += [Sent(message.sent_at or message.created_at, message, title) for message, title in messages]
    return sorted(told, key=lambda one: one.at, reverse=True)[:MOST]
