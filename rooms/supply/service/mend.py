"""What somebody at the terminal can do about rooms: have all of them tried again, look at a session's, delete one."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, or_, select, update

from rooms.schedule.records import Session
from rooms.schedule.service.sessions import CLOSE_DUE, PROVISION_DUE
from rooms.store.unit_of_work import UnitOfWork
from rooms.supply.records import AtProvider, Room, SpareRoom
from rooms.supply.rules.room_life import RoomState, check_step
from rooms.supply.service.replace import retire
from rooms.supply.service.sessions import still_held

_WAITING = (RoomState.WANTED, RoomState.CREATING, RoomState.RETIRING)


class Deletion(StrEnum):
    """What came of asking for a room to be deleted."""

    BEGUN = "begun"
    #: It was never made, or is gone already.
    NOTHING = "nothing"
    #: Its session is still to come, or goes on.
    NEEDED = "needed"
    #: Somebody is in it.
    OCCUPIED = "occupied"


async def retry_all(work: UnitOfWork, now: datetime) -> int:
    """Make every room due that waits for its next try, spare ones too. Returns how many.

    Those that a worker is calling the provider for are left to it.
    """
    count = 0
    for record in (Room, SpareRoom):
        rows = await work.session.scalars(
            update(record)
            .where(
                record.state.in_(_WAITING),
                record.next_try_at > now,
                or_(record.claimed_until.is_(None), record.claimed_until <= now),
            )
            .values(next_try_at=now)
            .returning(record.id)
            .execution_options(synchronize_session=False)
        )
        count += len(rows.all())
    work.wake_worker(PROVISION_DUE, CLOSE_DUE)
    return count


async def rooms_of_session(work: UnitOfWork, session_id: uuid.UUID) -> Sequence[Room]:
    """All rooms that a session has and had, by number. Raises LookupError for no session."""
    if await work.session.scalar(select(Session.id).where(Session.id == session_id)) is None:
        raise LookupError("no such session")
    rows = await work.session.scalars(
        select(Room).where(Room.session_id == session_id).order_by(Room.number, Room.generation)
    )
    return rows.all()


async def delete_by_hand(
    work: UnitOfWork, room_id: uuid.UUID, now: datetime, *, occupied: ColumnElement[bool], even_so: bool = False
) -> Deletion:
    """Have one room deleted, a spare one too. Raises LookupError.

    `occupied`: whether somebody is in a `Room`. Unless `even_so`, a room that somebody is in, or that its session still
    needs, stays: the session would get no other one, as it does when it is rotated.
    """
    room: AtProvider | None = await work.session.scalar(select(Room).where(Room.id == room_id).with_for_update())
    if room is not None and not even_so:
        if await work.session.scalar(select(Room.id).where(Room.id == room_id, occupied)) is not None:
            return Deletion.OCCUPIED
        of_it = select(Room.session_id).where(Room.id == room_id).scalar_subquery()
        if await work.session.scalar(select(Session.id).where(Session.id == of_it, *still_held(now))) is not None:
            return Deletion.NEEDED
    if room is None:
        room = await work.session.scalar(select(SpareRoom).where(SpareRoom.id == room_id).with_for_update())
    if room is None:
        raise LookupError("no such room")
    if room.state in {RoomState.RETIRING, RoomState.GONE}:
        return Deletion.NOTHING
    if room.state is RoomState.WANTED:
        check_step(room.state, RoomState.GONE)
        room.state, room.changed_at = RoomState.GONE, now
        return Deletion.NOTHING
    retire(work, room, now)
    return Deletion.BEGUN
