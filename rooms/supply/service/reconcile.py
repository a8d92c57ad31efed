"""Compare the provider's rooms with ours: delete orphans, replace what is lost."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy import delete, exists, select, update
from sqlalchemy.orm import aliased

from config.metrics import ROOM_DIFFERENCES
from rooms.audit import service as audit
from rooms.audit.rules import Event
from rooms.schedule.records import Session
from rooms.store.unit_of_work import UnitOfWork
from rooms.store.wakeups import centre_topic, session_topic
from rooms.supply.records import Room, SpareRoom
from rooms.supply.rules.reconcile import OPEN, Known, Listed, compare
from rooms.supply.rules.room_life import RoomError, RoomState, check_step
from rooms.supply.service.provision import CALL, OpenWork
from rooms.supply.service.replace import MOVE_DUE, replace_room
from rooms.supply.service.sessions import still_held
from rooms.whereby.budget import Haste
from rooms.whereby.client import WherebyClient
from rooms.whereby.errors import NoSuchMeeting, ProviderError

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Differences:
    """What a look found and mended. `deleted` may be fewer than `orphans`: the next look takes the rest."""

    listed: int
    orphans: int
    deleted: int
    lost: int


async def reconcile(open_work: OpenWork, client: WherebyClient, installation: str, now: datetime) -> Differences:
    """Read the provider's list, one point a page, and mend what differs. Raises ProviderError; harmless to repeat.

    Orphans are deleted only if their name carries this installation's prefix. A room that is not in the list is lost
    only when the provider, asked for it, does not know it either; then its session gets another one.
    """
    listed, capacities = [], {}
    async for meeting in client.list_meetings():
        listed.append(Listed(meeting.meeting_id, meeting.room_name))
        capacities[meeting.meeting_id] = meeting.capacity
    async with open_work() as work:
        known = await _known(work)
        await _note_capacities(work, capacities)
    found = compare(listed, known, installation, now)
    lost = 0
    for room in sorted(found.lost, key=lambda room: room.is_spare):
        if await _is_gone(client, room):
            async with open_work() as work:
                lost += await _replace_lost(work, room, installation, now)
    deleted = 0
    for meeting_id in found.orphans:
        try:
            async with asyncio.timeout(CALL):
                await client.delete(meeting_id, Haste.LATER)
        except (ProviderError, TimeoutError) as error:
            log.warning("orphan not deleted", error=type(error).__name__)
            break
        deleted += 1
        ROOM_DIFFERENCES.labels("orphan").inc()
    if found.orphans or lost:
        log.warning("rooms differed", orphans=len(found.orphans), deleted=deleted, lost=lost)
    return Differences(len(listed), len(found.orphans), deleted, lost)


async def _known(work: UnitOfWork) -> list[Known]:
    known = []
    # A spare room that is given to a session between the two looks is in both, and then the session's.
    for record in (SpareRoom, Room):
        rows = await work.session.execute(
            select(record.id, record.prefix, record.meeting_id, record.state, record.changed_at).where(
                record.state != RoomState.GONE
            )
        )
        known += [Known(*row, is_spare=record is SpareRoom) for row in rows]
    return known


async def _note_capacities(work: UnitOfWork, capacities: Mapping[str, int | None]) -> None:
    """How many the provider lets in may change: the embedded room server's rooms grow when its SFU comes."""
    for record in (SpareRoom, Room):
        rows = await work.session.execute(
            select(record.id, record.meeting_id, record.capacity).where(record.state.in_(OPEN))
        )
        for room_id, meeting_id, capacity in rows.all():
            if meeting_id is not None and capacities.get(meeting_id, capacity) != capacity:
                await work.session.execute(
                    update(record)
                    .where(record.id == room_id, record.meeting_id == meeting_id)
                    .values(capacity=capacities[meeting_id])
                )


async def _is_gone(client: WherebyClient, room: Known) -> bool:
    try:
        async with asyncio.timeout(CALL):
            await client.get(str(room.meeting_id))
    except NoSuchMeeting:
        return True
    except (ProviderError, TimeoutError) as error:
        log.warning("room not found out about", error=type(error).__name__, room_id=str(room.id))
    return False


async def _replace_lost(work: UnitOfWork, lost: Known, installation: str, now: datetime) -> bool:
    """Write down that a room is gone, and want another one for its session. False when it was gone already."""
    if lost.is_spare:
        gone = await work.session.scalar(
            delete(SpareRoom)
            .where(SpareRoom.id == lost.id, SpareRoom.meeting_id == lost.meeting_id)
            .returning(SpareRoom.id)
        )
        ROOM_DIFFERENCES.labels("lost").inc()
        return gone is not None
    session = await work.session.scalar(
        select(Session)
        .where(Session.id == select(Room.session_id).where(Room.id == lost.id).scalar_subquery())
        .with_for_update(key_share=True)
    )
    room = await work.session.scalar(select(Room).where(Room.id == lost.id).with_for_update())
    if session is None or room is None or room.state is not lost.state or room.meeting_id != lost.meeting_id:
        return False
    for state in (RoomState.RETIRING, RoomState.GONE):
        check_step(room.state, state)
        room.state = state
    room.changed_at, room.last_error, room.url, room.host_url = now, RoomError.LOST, None, None
    newer = aliased(Room)
    held = await work.session.scalar(
        select(Session.id).where(
            Session.id == session.id,
            *still_held(now),
            # A rotation that waits for its room, or that is done, has wanted another one already.
            ~exists().where(
                newer.session_id == session.id,
                newer.number == room.number,
                newer.generation > room.generation,
                newer.state.not_in([RoomState.RETIRING, RoomState.GONE]),
            ),
        )
    )
    if held is not None:
        await replace_room(work, room, session, installation, now)
    audit.record(work, Event.ROOM_LOST, centre_id=room.centre_id, now=now, actor_id=None, session_id=session.id)
    ROOM_DIFFERENCES.labels("lost").inc()
    work.wake_worker(MOVE_DUE)
    work.wake_pages(session_topic(session.id), centre_topic(session.centre_id))
    return True
