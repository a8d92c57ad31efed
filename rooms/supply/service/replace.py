"""A new room in the place of one that is to go, or is lost. Who moves the people: `seating.service.rotation`."""

import uuid
from datetime import datetime

from sqlalchemy import and_, func, select
from sqlalchemy.orm import aliased
from sqlalchemy.sql.expression import ColumnElement, exists

from rooms.schedule.records import Session
from rooms.schedule.service.sessions import CLOSE_DUE, PROVISION_DUE
from rooms.store.unit_of_work import UnitOfWork
from rooms.supply.records import AtProvider, Room
from rooms.supply.rules.demand import provider_end
from rooms.supply.rules.room_life import RoomError, RoomState, check_step
from rooms.supply.service.spares import give_spare
from rooms.whereby.protocol import room_prefix

#: The worker's task that moves people to rooms that have become ready.
MOVE_DUE = "workers.rotation.move_due"


async def replace_room(work: UnitOfWork, room: Room, session: Session, installation: str, now: datetime) -> Room:
    """The room that is to take this one's place: ready at once when there is a spare one, wanted otherwise.

    The caller holds the session's row, so that a room is not replaced twice. The old room stays as it is.
    """
    new_id = uuid.uuid4()
    newest = await work.session.scalar(
        select(func.max(Room.generation)).where(Room.session_id == room.session_id, Room.number == room.number)
    )
    new = Room(
        id=new_id,
        centre_id=room.centre_id,
        session_id=room.session_id,
        number=room.number,
        generation=(newest or room.generation) + 1,
        size=room.size,
        state=RoomState.WANTED,
        prefix=room_prefix(installation, new_id),
        end_date=provider_end(session.ends_at),
        next_try_at=now,
        changed_at=now,
    )
    await give_spare(work, new, session.ends_at, now)
    work.session.add(new)
    await work.session.flush()
    # Makes the new room, or another spare one.
    work.wake_worker(PROVISION_DUE)
    return new


def retire(work: UnitOfWork, room: AtProvider, now: datetime, error: RoomError | None = None) -> None:
    """Have a room deleted at the provider at once, which throws out whoever is left in it."""
    check_step(room.state, RoomState.RETIRING)
    room.state, room.changed_at, room.next_try_at, room.attempts = RoomState.RETIRING, now, now, 0
    room.last_error, room.claimed_until = error, None
    work.wake_worker(CLOSE_DUE)


def is_replaced(room: type[Room]) -> ColumnElement[bool]:
    """Whether a newer room has this one's number."""
    newer = aliased(Room)
    return exists().where(
        and_(
            newer.session_id == room.session_id,
            newer.number == room.number,
            newer.generation > room.generation,
        )
    )
