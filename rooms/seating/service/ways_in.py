"""Each invited person's way into their session, from what messages, invitations, devices and rooms know. One query."""

import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select, true
from sqlalchemy.orm import aliased

from rooms.access.records import Device
from rooms.access.rules.devices import WAITS_FOR
from rooms.messages.records import Message
from rooms.messages.rules import Channel, Kind, MessageState
from rooms.people.records.persons import Person
from rooms.schedule.records import Invitation, Session
from rooms.schedule.rules.formats import Answer, DeviceCheck
from rooms.schedule.service import sessions
from rooms.seating.records import Presence, Seat
from rooms.seating.rules.presence import SILENT_AFTER
from rooms.seating.rules.progress import Progress, WayIn, progress
from rooms.seating.rules.unreached import FINE, Unreached, can_send_again, is_pressing, unreached
from rooms.store.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class OnBoard:
    """An invited person. `message_error` is what `messages` stored, for words to explain it."""

    session: Session
    person: Person
    progress: Progress
    #: None for whoever is reached; in an open room for everybody, since nobody is written to.
    unreached: Unreached | None
    message_error: str | None
    #: When the message that is on its way is sent, if that is not now: by day.
    goes_at: datetime | None
    #: How many invitations were written.
    tries: int
    device_check: DeviceCheck | None
    #: What they said of their coming.
    answer: Answer | None
    #: In a room with nobody else.
    alone: bool

    @property
    def can_send_again(self) -> bool:
        """Whether another message may help."""
        return can_send_again(self.unreached)


async def ways_in(work: UnitOfWork, which: ColumnElement[bool], now: datetime) -> list[OnBoard]:
    """The people of these invitations: whoever is not reached first, by the reason; then by name."""
    rows = (await work.session.execute(_query(which, now))).all()
    people_in = Counter(row.room_id for row in rows if row.is_in)
    people = [_on_board(row, people_in[row.room_id] == 1, now) for row in rows]
    return sorted(people, key=lambda one: _ORDER.index(one.unreached))


#: Before that nobody asks when.
_SOON = timedelta(minutes=5)
_ORDER: Sequence[Unreached | None] = [*Unreached, None]


async def pressing(work: UnitOfWork, until: datetime, now: datetime) -> list[OnBoard]:
    """Whom a coordinator should see to now: not reached, of sessions that are not over and start before `until`.

    The earliest session first.
    """
    found = await ways_in(
        work,
        and_(
            Session.starts_at < until,
            Session.ends_at > now,
            Session.cancelled_at.is_(None),
            Session.ended_at.is_(None),
            or_(Invitation.opened_at.is_(None), Invitation.device_check.not_in(FINE)),
        ),
        now,
    )
    pressing = [one for one in found if one.unreached and is_pressing(one.unreached, one.session.starts_at, now)]
    return sorted(pressing, key=lambda one: (one.session.starts_at, one.session.id))


async def send_again(
    work: UnitOfWork,
    session_id: uuid.UUID,
    person_id: uuid.UUID,
    *,
    tries: int,
    now: datetime,
    by: Channel | None = None,
) -> bool:
    """Write somebody's invitation anew if that may help. Whether it was written.

    `by`: that way and no other. `tries`: how many were written when the caller looked: a second click, or somebody
    else's, writes no second one.
    Raises LookupError when the person is not invited to such a session of this centre.
    """
    found = await ways_in(work, and_(Invitation.session_id == session_id, Invitation.person_id == person_id), now)
    if not found:
        raise LookupError("not invited")
    if not found[0].can_send_again:
        return False
    return await sessions.send_again(work, session_id, person_id, tries=tries, now=now, by=by)


def _on_board(row: Any, is_only_one: bool, now: datetime) -> OnBoard:
    way = WayIn(
        message=row.state,
        message_error=row.error,
        is_delivered=row.delivered_at is not None,
        opened_at=row.Invitation.opened_at,
        asks=row.asks,
        seat_reason=row.reason,
        seat_changed_at=row.changed_at,
        is_in=row.is_in,
        was_in=row.was_in,
    )
    session, device = row.Session, row.Invitation.device_check
    over = session.state_at(now).is_past
    is_written_to = session.standing_room_id is None
    return OnBoard(
        session=session,
        person=row.Person,
        progress=progress(way, now, over=over),
        unreached=unreached(way, device, now, over=over) if is_written_to else None,
        message_error=row.error,
        goes_at=row.next_try_at if row.state is MessageState.DUE and row.next_try_at > now + _SOON else None,
        tries=row.tries or 0,
        device_check=device,
        answer=row.Invitation.answer,
        alone=bool(not over and row.is_in and is_only_one),
    )


def _query(which: ColumnElement[bool], now: datetime) -> Select[*tuple[Any, ...]]:
    message, presence = aliased(Message), aliased(Presence)
    last_message = (
        select(
            message.state, message.error, message.delivered_at, message.next_try_at, func.count().over().label("tries")
        )
        .where(
            message.session_id == Invitation.session_id,
            message.person_id == Invitation.person_id,
            message.kind == Kind.INVITATION,
        )
        .order_by(message.created_at.desc())
        .limit(1)
        .lateral("last_message")
    )
    last_stay = (
        select(presence.room_id, presence.device_id, presence.last_seen_at, presence.left_at)
        .where(presence.seat_id == Seat.id)
        .order_by(presence.left_at.desc().nulls_first(), presence.last_seen_at.desc())
        .limit(1)
        .lateral("last_stay")
    )
    live = and_(
        last_stay.c.room_id.is_not(None),
        last_stay.c.left_at.is_(None),
        (last_stay.c.device_id.is_(None)) | (last_stay.c.last_seen_at > now - SILENT_AFTER),
    )
    asks = exists().where(
        Device.person_id == Invitation.person_id, Device.asked_at.is_not(None), Device.last_seen_at > now - WAITS_FOR
    )
    return (
        select(
            Session,
            Person,
            Invitation,
            last_message.c.state,
            last_message.c.error,
            last_message.c.delivered_at,
            last_message.c.next_try_at,
            last_message.c.tries,
            Seat.reason,
            Seat.changed_at,
            asks.label("asks"),
            last_stay.c.room_id,
            func.coalesce(live, False).label("is_in"),
            last_stay.c.room_id.is_not(None).label("was_in"),
        )
        .select_from(Invitation)
        .join(Session, Session.id == Invitation.session_id)
        .join(Person, Person.id == Invitation.person_id)
        .outerjoin(Seat, and_(Seat.session_id == Invitation.session_id, Seat.person_id == Invitation.person_id))
        .outerjoin(last_message, true())
        .outerjoin(last_stay, true())
        .where(which)
        .order_by(func.lower(Person.name), Person.id)
    )
