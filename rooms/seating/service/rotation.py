"""Rotation: new rooms for old ones, and everybody who has a right to be there moves along by a change of seats.

What is wanted is written down first (a room of the next generation), so that a worker that dies, or a provider that is
away, delays a rotation but never undoes it. The pages follow their seats by themselves.
"""

import uuid
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, case, exists, or_, select, update
from sqlalchemy.orm import aliased

from rooms.audit import service as audit
from rooms.audit.rules import Event
from rooms.schedule.records import Session
from rooms.seating.records import Group, Presence, Seat
from rooms.seating.rules.presence import SILENT_AFTER
from rooms.seating.rules.reasons import SeatReason
from rooms.seating.service.by_clock import OPEN_ROOMS
from rooms.seating.service.occupancy import is_live
from rooms.store.unit_of_work import UnitOfWork
from rooms.store.wakeups import centre_topic, session_topic
from rooms.supply.records import Room
from rooms.supply.rules.room_life import RoomState, check_step
from rooms.supply.service.replace import replace_room, retire


class Rotation(StrEnum):
    """What came of asking for new rooms."""

    #: Everybody's seat is in a new room.
    MOVED = "moved"
    #: No spare room was at hand: people move when the new one has been made.
    WAITS = "waits"
    #: There is no open room.
    NOTHING = "nothing"


async def rotate_room(
    work: UnitOfWork, room_id: uuid.UUID, *, installation: str, actor_id: uuid.UUID | None, now: datetime
) -> Rotation:
    """A new room for this one. Raises LookupError. Harmless when two people ask at once: one new room is made.

    `actor_id`: who asked; None when the service does it by itself.
    """
    found = (await work.session.execute(select(Room.session_id, Room.number).where(Room.id == room_id))).one_or_none()
    if found is None:
        raise LookupError("no such room")
    session_id, number = found
    session = await _held_session(work, session_id)
    rooms = await _newest(work, session_id, Room.number == number)
    if any(room.generation > 1 and room.id != room_id and room.state in OPEN_ROOMS for room in rooms):
        return Rotation.MOVED  # somebody was quicker
    return await _rotate(work, session, rooms, installation=installation, actor_id=actor_id, now=now)


async def rotate_session(
    work: UnitOfWork, session_id: uuid.UUID, *, installation: str, actor_id: uuid.UUID | None, now: datetime
) -> Rotation:
    """New rooms for all open ones of a session. Raises LookupError."""
    session = await _held_session(work, session_id)
    rooms = await _newest(work, session_id, Room.session_id == session_id)
    return await _rotate(work, session, rooms, installation=installation, actor_id=actor_id, now=now)


async def _held_session(work: UnitOfWork, session_id: uuid.UUID) -> Session:
    """The session, its row locked as arriving does: seats stand still meanwhile. Raises LookupError."""
    session = await work.session.scalar(select(Session).where(Session.id == session_id).with_for_update(key_share=True))
    if session is None:
        raise LookupError("no such session")
    return session


async def _newest(work: UnitOfWork, session_id: uuid.UUID, which: ColumnElement[bool]) -> Sequence[Room]:
    """Of each number the newest room that is not going."""
    rows = await work.session.scalars(
        select(Room)
        .where(Room.session_id == session_id, which, Room.state.not_in([RoomState.RETIRING, RoomState.GONE]))
        .order_by(Room.number, Room.generation)
        .execution_options(populate_existing=True)
    )
    return list({room.number: room for room in rows}.values())


async def _rotate(
    work: UnitOfWork,
    session: Session,
    rooms: Sequence[Room],
    *,
    installation: str,
    actor_id: uuid.UUID | None,
    now: datetime,
) -> Rotation:
    to_replace = [room for room in rooms if room.state in OPEN_ROOMS]
    waits = any(room.generation > 1 for room in rooms if room.state not in OPEN_ROOMS)
    for room in to_replace:
        new = await replace_room(work, room, session, installation, now)
        waits = waits or new.state is not RoomState.READY
    if to_replace:
        audit.record(
            work, Event.ROOM_ROTATED, centre_id=session.centre_id, now=now, actor_id=actor_id, session_id=session.id
        )
        await _move(work, session, now)
    if waits:
        return Rotation.WAITS
    return Rotation.MOVED if to_replace else Rotation.NOTHING


async def sessions_to_move(work: UnitOfWork) -> Sequence[uuid.UUID]:
    """Sessions in which people, or rooms, are to make way for rooms that have become ready."""
    old, new = aliased(Room), aliased(Room)
    sessions = await work.session.scalars(
        select(new.session_id)
        .distinct()
        .join(
            old,
            and_(old.session_id == new.session_id, old.number == new.number, old.generation < new.generation),
        )
        .where(
            new.state.in_(OPEN_ROOMS),
            or_(
                old.state.in_(OPEN_ROOMS),
                exists().where(Seat.room_id == old.id),
                exists().where(Group.room_id == old.id),
            ),
        )
    )
    return sessions.all()


async def move_to_new_rooms(work: UnitOfWork, session_id: uuid.UUID, now: datetime) -> None:
    """Finish what waited for a room in a session. Harmless to repeat. Raises LookupError when it was deleted."""
    await _move(work, await _held_session(work, session_id), now)


async def _move(work: UnitOfWork, session: Session, now: datetime) -> None:
    """Seats follow to the newest open room of their room's number; the rooms before it are deleted."""
    rows = await work.session.scalars(
        select(Room).where(Room.session_id == session.id).order_by(Room.number, Room.generation)
    )
    rooms = rows.all()
    newest = {room.number: room for room in rooms if room.state in OPEN_ROOMS}
    is_there = exists().where(
        Presence.seat_id == Seat.id, Presence.room_id == Seat.room_id, is_live(now - SILENT_AFTER)
    )
    for old in rooms:
        new = newest.get(old.number)
        if new is None or old.generation >= new.generation:
            continue
        # In the order in which the provider's events take them, so that neither waits for the other for ever.
        await work.session.execute(select(Seat.id).where(Seat.room_id == old.id).order_by(Seat.id).with_for_update())
        moved = await work.session.scalars(
            update(Seat)
            .where(Seat.room_id == old.id)
            .values(
                room_id=new.id,
                version=Seat.version + 1,
                reason=SeatReason.ROTATED,
                # Whoever is there is on their way now; whoever is not must not look as if.
                changed_at=case((is_there, now), else_=Seat.changed_at),
            )
            .returning(Seat.id)
            .execution_options(synchronize_session=False)
        )
        # A group's people sit where their group does.
        groups = await work.session.scalars(
            update(Group)
            .where(Group.room_id == old.id)
            .values(room_id=new.id)
            .returning(Group.id)
            .execution_options(synchronize_session=False)
        )
        if (moved.all() or groups.all()) and new.state is RoomState.READY:
            check_step(new.state, RoomState.IN_USE)
            new.state, new.changed_at = RoomState.IN_USE, now
        if old.state in OPEN_ROOMS:
            retire(work, old, now)
    await work.session.flush()
    work.wake_pages(session_topic(session.id), centre_topic(session.centre_id))
