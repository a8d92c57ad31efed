"""Seats: given on arrival, freed on leaving. One transaction each, one arrival of a session at a time."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import func, or_, select, update

from rooms.people.records.persons import Person
from rooms.schedule.records import Invitation, Session
from rooms.schedule.service.sessions import PROVISION_DUE
from rooms.seating.records import Presence, Seat
from rooms.seating.rules.arrival import choose_room
from rooms.seating.rules.presence import SILENT_AFTER
from rooms.seating.rules.reasons import SeatReason
from rooms.seating.rules.seat import Planned
from rooms.seating.service.occupancy import rooms_of
from rooms.store.unit_of_work import UnitOfWork
from rooms.store.wakeups import centre_topic, person_topic
from rooms.supply.service.use import take_into_use


class Arrival(StrEnum):
    """How arriving went."""

    SEATED = "seated"
    #: The session is not open (not yet, no more, cancelled), or the person is not invited.
    NOT_OPEN = "not_open"
    NO_ROOM_YET = "no_room_yet"
    FULL = "full"


@dataclass(frozen=True, slots=True)
class Arrived:
    """What came of an arrival; the seat when there is one."""

    outcome: Arrival
    seat: Seat | None = None


async def arrive(work: UnitOfWork, session_id: uuid.UUID, person_id: uuid.UUID, now: datetime) -> Arrived:
    """Give somebody who stands at the door a place, or the one they had.

    The session's row is locked, so that two who come at once neither take the same last place nor open two rooms.
    A place stays its person's while they are there, and for two minutes after they were sent there.
    """
    session = await work.session.scalar(select(Session).where(Session.id == session_id).with_for_update(key_share=True))
    person = await work.session.scalar(
        select(Person)
        .join(Invitation, Invitation.person_id == Person.id)
        .where(Invitation.session_id == session_id, Person.id == person_id)
    )
    if session is None or person is None or not _planned(session).is_open(now):
        return Arrived(Arrival.NOT_OPEN)
    seat = await work.session.scalar(select(Seat).where(Seat.session_id == session_id, Seat.person_id == person_id))
    rooms = await rooms_of(work, session_id, now, without=person_id)
    if not rooms:
        return Arrived(Arrival.NO_ROOM_YET, seat)
    room = choose_room(rooms, is_guide=person.is_guide, own=seat.room_id if seat is not None else None)
    if room is None:
        work.wake_worker(PROVISION_DUE)  # finds that more have come than rooms were made for
        return Arrived(Arrival.FULL, seat)
    if seat is None:
        seat = Seat(centre_id=session.centre_id, session_id=session_id, person_id=person_id, version=0)
        work.session.add(seat)
    if seat.room_id != room.id:
        seat.room_id = room.id
        seat.version += 1
    seat.reason, seat.changed_at = SeatReason.ARRIVED, now
    await work.session.flush()
    await take_into_use(work, [room.id], now)
    work.wake_pages(centre_topic(session.centre_id))
    return Arrived(Arrival.SEATED, seat)


async def leave(work: UnitOfWork, session_id: uuid.UUID, person_id: uuid.UUID, now: datetime) -> None:
    """The person pressed *Leave*: their place is free, their page says goodbye and offers the way back."""
    seat = await work.session.scalar(
        select(Seat).where(Seat.session_id == session_id, Seat.person_id == person_id).with_for_update()
    )
    if seat is None or seat.reason is SeatReason.LEFT:
        return
    # Who was heard of a moment ago may be on the way to another room (`occupancy.devices_with`), but not after this.
    silent = now - SILENT_AFTER
    await work.session.execute(
        update(Presence)
        .where(Presence.seat_id == seat.id, or_(Presence.left_at.is_(None), Presence.last_seen_at > silent))
        .values(left_at=func.coalesce(Presence.left_at, now), last_seen_at=func.least(Presence.last_seen_at, silent))
    )
    seat.room_id, seat.reason, seat.changed_at = None, SeatReason.LEFT, now
    seat.version += 1
    work.wake_pages(centre_topic(seat.centre_id), person_topic(person_id))  # another device may wait to come in


def _planned(session: Session) -> Planned:
    return Planned(
        session_id=session.id,
        opens_at=session.opens_at,
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        cancelled_at=session.cancelled_at,
        ended_at=session.ended_at,
    )
