"""Stays in rooms, as their page tells of them. What the provider tells is in `events.py`."""

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from rooms.seating.records import Presence, Seat
from rooms.seating.rules.presence import SILENT_AFTER, Stay
from rooms.seating.service.by_clock import room_of
from rooms.seating.service.occupancy import devices_with
from rooms.store.unit_of_work import UnitOfWork
from rooms.store.wakeups import centre_topic


@dataclass(frozen=True, slots=True)
class Here:
    """Where a person of a session is, or was last. `since`: their first arrival in the session."""

    person_id: uuid.UUID
    room_id: uuid.UUID
    since: datetime
    last_seen_at: datetime
    is_there: bool


async def joined(
    work: UnitOfWork,
    seat_id: uuid.UUID,
    room_id: uuid.UUID,
    person_id: uuid.UUID,
    *,
    device_id: uuid.UUID,
    now: datetime,
) -> uuid.UUID | None:
    """The room told the page that its person is in. Returns the stay, which the page's socket then keeps alive.

    None when the seat is not this person's or not (any more) in that room. Harmless when told twice; a stay in another
    room ends.
    """
    seat = await work.session.scalar(
        select(Seat).where(Seat.id == seat_id, Seat.person_id == person_id).with_for_update()
    )
    if seat is None or await room_of(work, seat, now) != room_id:
        return None
    await work.session.execute(
        update(Presence)
        .where(Presence.seat_id == seat_id, Presence.left_at.is_(None), Presence.room_id != room_id)
        .values(left_at=now)
    )
    stay_id: uuid.UUID | None = await work.session.scalar(
        insert(Presence)
        .values(
            id=uuid.uuid4(),
            centre_id=seat.centre_id,
            seat_id=seat_id,
            room_id=room_id,
            person_id=seat.person_id,
            device_id=device_id,
            joined_at=now,
            last_seen_at=now,
        )
        .on_conflict_do_update(
            index_elements=["seat_id", "room_id"],
            index_where=Presence.left_at.is_(None),
            set_={"last_seen_at": now, "device_id": device_id},
        )
        .returning(Presence.id)
    )
    work.wake_pages(centre_topic(seat.centre_id))
    return stay_id


async def gone(work: UnitOfWork, stay_id: uuid.UUID, person_id: uuid.UUID, now: datetime) -> None:
    """The room told the page that its person is out (or the page was closed). The seat stays theirs."""
    centre_id = await work.session.scalar(
        update(Presence)
        .where(Presence.id == stay_id, Presence.person_id == person_id, Presence.left_at.is_(None))
        .values(left_at=now)
        .returning(Presence.centre_id)
    )
    if centre_id is not None:
        work.wake_pages(centre_topic(centre_id))


async def still_here(work: UnitOfWork, stays: Mapping[uuid.UUID, uuid.UUID], now: datetime) -> None:
    """Pages are still there: stay → its person. One statement for all pages of a process."""
    if not stays:
        return
    await work.session.execute(
        update(Presence)
        .where(Presence.id.in_(stays.keys()), Presence.person_id.in_(set(stays.values())), Presence.left_at.is_(None))
        .values(last_seen_at=now)
        .execution_options(synchronize_session=False)
    )


async def devices_inside(work: UnitOfWork, person_id: uuid.UUID, now: datetime) -> list[uuid.UUID | None]:
    """The browsers in which a person is in a room now or moves to one; None: a stay that only the provider saw."""
    return list(await work.session.scalars(devices_with(person_id, now, now - SILENT_AFTER)))


async def whereabouts(
    work: UnitOfWork, session_ids: Collection[uuid.UUID], now: datetime
) -> dict[uuid.UUID, dict[uuid.UUID, Here]]:
    """Who has come to these sessions: session → person → where. Whoever never came is in neither."""
    rows = await work.session.execute(
        select(Seat.session_id, Presence)
        .join(Seat, Seat.id == Presence.seat_id)
        .where(Seat.session_id.in_(session_ids))
        .order_by(Presence.joined_at)
    )
    found: dict[uuid.UUID, dict[uuid.UUID, Here]] = {session_id: {} for session_id in session_ids}
    for session_id, stay in rows:
        earlier = found[session_id].get(stay.person_id)
        found[session_id][stay.person_id] = Here(
            person_id=stay.person_id,
            room_id=stay.room_id,
            since=earlier.since if earlier is not None else stay.joined_at,
            last_seen_at=stay.last_seen_at,
            is_there=stay_of(stay).is_live(now),
        )
    return found


def stay_of(row: Presence) -> Stay:
    """The row as the rules see it."""
    return Stay(row.joined_at, row.last_seen_at, row.left_at, by_page=row.device_id is not None)
