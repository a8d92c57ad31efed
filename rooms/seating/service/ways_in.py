"""Each invited person's way into their session, from what messages, invitations, devices and rooms know. One query."""

import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, true
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
from rooms.seating.rules.stuck import AT_THE_DOOR, is_outside, is_stuck, stuck_since
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
    #: When they came so far; None where nothing was written down.
    since: datetime | None
    #: The room is open, and from then on they have stood outside, for too long by now.
    stuck_since: datetime | None

    @property
    def can_send_again(self) -> bool:
        """Whether another message may help."""
        return can_send_again(self.unreached)

    @property
    def is_outside(self) -> bool:
        """Whether they are still to come."""
        return is_outside(self.progress, self.answer)


async def ways_in(work: UnitOfWork, which: ColumnElement[bool], now: datetime) -> list[OnBoard]:
    """The people of these invitations: whoever stands outside for too long first, in front those who try to come in,
    the longest first; then whoever is not reached, by the reason; then by name.
    """
    rows = (await work.session.execute(_query(which, now))).all()
    people_in = Counter(row.room_id for row in rows if row.is_in)
    people = [_on_board(row, people_in[row.room_id] == 1, now) for row in rows]
    people.sort(key=lambda one: _ORDER.index(one.unreached))
    return sorted(
        people,
        key=lambda one: (
            one.stuck_since is None,
            one.stuck_since is not None and one.progress not in AT_THE_DOOR,
            one.stuck_since or now,
        ),
    )


async def of_person(work: UnitOfWork, session_id: uuid.UUID, person_id: uuid.UUID, now: datetime) -> OnBoard | None:
    """One person's way into one session; None when they are not invited."""
    found = await ways_in(work, and_(Invitation.session_id == session_id, Invitation.person_id == person_id), now)
    return found[0] if found else None


#: No session opens longer ahead of its start (`session.opens_before_minutes`).
_DOORS = timedelta(hours=2)
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


async def stuck(work: UnitOfWork, now: datetime) -> list[OnBoard]:
    """Who stands outside an open room for too long, in all sessions that the unit of work may see."""
    running = and_(Session.starts_at < now + _DOORS, Session.ends_at > now, Session.cancelled_at.is_(None))
    found = await ways_in(work, and_(running, Session.ended_at.is_(None), Session.standing_room_id.is_(None)), now)
    return [one for one in found if one.stuck_since is not None]


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
    found = await of_person(work, session_id, person_id, now)
    if found is None:
        raise LookupError("not invited")
    if not found.can_send_again:
        return False
    return await sessions.send_again(work, session_id, person_id, tries=tries, now=now, by=by)


def _on_board(row: Any, is_only_one: bool, now: datetime) -> OnBoard:
    way = WayIn(
        message=row.state,
        message_error=row.error,
        is_delivered=row.delivered_at is not None,
        opened_at=row.Invitation.opened_at,
        asks=row.asked_at is not None,
        seat_reason=row.reason,
        seat_changed_at=row.changed_at,
        is_in=row.is_in,
        was_in=row.was_in,
    )
    session, device, answer = row.Session, row.Invitation.device_check, row.Invitation.answer
    state = session.state_at(now)
    over = state.is_past
    is_written_to = session.standing_room_id is None
    step = progress(way, now, over=over)
    since = _since(step, row)
    # To a standing room everybody may come, and nobody has to.
    outside = (
        stuck_since(step, since, answer, opens_at=session.opens_at, starts_at=session.starts_at)
        if is_written_to
        else None
    )
    return OnBoard(
        session=session,
        person=row.Person,
        progress=step,
        unreached=unreached(way, device, now, over=over) if is_written_to else None,
        message_error=row.error,
        goes_at=row.next_try_at if row.state is MessageState.DUE and row.next_try_at > now + _SOON else None,
        tries=row.tries or 0,
        device_check=device,
        answer=answer,
        alone=bool(not over and row.is_in and is_only_one),
        since=since,
        stuck_since=outside if is_stuck(outside, now, is_open=state.lets_in) else None,
    )


def _since(step: Progress, row: Any) -> datetime | None:
    """When this step was reached, from what is written down of it."""
    last_signs = (row.Invitation.opened_at, row.Invitation.device_checked_at, row.changed_at)
    reached: dict[Progress, datetime | None] = {
        Progress.IN: row.joined_at,
        Progress.LEFT: row.left_at or row.last_seen_at or row.changed_at,
        Progress.DROPPED: row.left_at or row.last_seen_at,
        Progress.ASKS: row.asked_at,
        Progress.ON_THE_WAY: row.changed_at,
        Progress.OPENED: max((time for time in last_signs if time is not None), default=None),
        Progress.DELIVERED: row.delivered_at,
        Progress.SENT: row.sent_at,
    }
    return reached.get(step, row.written_at)


def _query(which: ColumnElement[bool], now: datetime) -> Select[*tuple[Any, ...]]:
    message, presence = aliased(Message), aliased(Presence)
    last_message = (
        select(
            message.state,
            message.error,
            message.created_at.label("written_at"),
            message.sent_at,
            message.delivered_at,
            message.next_try_at,
            func.count().over().label("tries"),
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
        select(presence.room_id, presence.device_id, presence.joined_at, presence.last_seen_at, presence.left_at)
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
    asked_at = (
        select(func.min(Device.asked_at))
        .where(Device.person_id == Invitation.person_id, Device.last_seen_at > now - WAITS_FOR)
        .correlate(Invitation)
        .scalar_subquery()
    )
    return (
        select(
            Session,
            Person,
            Invitation,
            last_message.c.state,
            last_message.c.error,
            last_message.c.written_at,
            last_message.c.sent_at,
            last_message.c.delivered_at,
            last_message.c.next_try_at,
            last_message.c.tries,
            Seat.reason,
            Seat.changed_at,
            asked_at.label("asked_at"),
            last_stay.c.room_id,
            last_stay.c.joined_at,
            last_stay.c.last_seen_at,
            last_stay.c.left_at,
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
