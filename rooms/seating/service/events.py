"""The provider's events: kept as they come, worked off into stays. Late, twice and in any order is all the same."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import ARRAY, Table, bindparam, func, select
from sqlalchemy.dialects.postgresql import insert

from config.metrics import WEBHOOKS
from rooms.seating.records import Presence, ProviderEvent, Seat
from rooms.seating.rules.presence import Step, after_joined, after_left
from rooms.seating.rules.reasons import EventOutcome
from rooms.seating.service.presence import stay_of
from rooms.store.unit_of_work import UnitOfWork
from rooms.store.wakeups import centre_topic
from rooms.supply.records import Room
from rooms.whereby.webhooks import JOINED, LEFT, BadEvent, EventData, parse

WORK_OFF = "workers.presence.provider_events_due"
_BATCH = 200


@dataclass(frozen=True, slots=True)
class Taken:
    """A verified event as it came. `event_id` is the provider's."""

    event_id: str
    type: str
    body: str
    received_at: datetime


_TABLE = cast("Table", ProviderEvent.__table__)
_COLUMNS = ("id", "event_id", "type", "body", "received_at")
#: One statement for any number of events, compiled once: SQLAlchemy would compile a list of rows anew each time.
_KEEP = (
    insert(_TABLE)
    .from_select(
        _COLUMNS,
        select(*(func.unnest(bindparam(f"each_{name}", type_=ARRAY(_TABLE.c[name].type))) for name in _COLUMNS)),
    )
    .on_conflict_do_nothing(index_elements=["event_id"])
)


async def keep(work: UnitOfWork, events: Sequence[Taken]) -> None:
    """Store events, those that were here before excepted."""
    await work.session.execute(
        _KEEP,
        {
            "each_id": [uuid.uuid4() for _ in events],
            "each_event_id": [event.event_id for event in events],
            "each_type": [event.type for event in events],
            "each_body": [event.body for event in events],
            "each_received_at": [event.received_at for event in events],
        },
    )


async def work_off_events(work: UnitOfWork, now: datetime) -> int:
    """Make stays of the events that wait, the oldest first, up to 200. Returns how many; call again until it is 0.

    Needs a unit of work that sees all centres. Two workers at once take different events. What an event said is dropped
    once it is worked on: its display name is of no use to us.
    """
    events = await work.session.scalars(
        select(ProviderEvent)
        .where(ProviderEvent.outcome.is_(None))
        .order_by(ProviderEvent.received_at)
        .limit(_BATCH)
        .with_for_update(skip_locked=True)
    )
    count = 0
    for event in events.all():
        event.outcome = await _outcome(work, event, now)
        event.body = ""
        WEBHOOKS.labels(event.type if event.type in {JOINED, LEFT} else "other", event.outcome.value).inc()
        count += 1
    return count


async def _outcome(work: UnitOfWork, event: ProviderEvent, now: datetime) -> EventOutcome:
    try:
        told = parse(event.body)
    except BadEvent:
        return EventOutcome.IGNORED
    if told.type not in {JOINED, LEFT} or not told.data.is_person:
        return EventOutcome.IGNORED
    found = await _seat_and_room(work, told.data)
    if found is None:
        return EventOutcome.UNKNOWN_SEAT
    seat, room_id = found
    # The provider's clock may run ahead of ours; a stay in the future would outlive every later word of the page.
    at = min(told.created_at, now)
    stays = await work.session.scalars(
        select(Presence).where(Presence.seat_id == seat.id, Presence.room_id == room_id).order_by(Presence.joined_at)
    )
    rows = stays.all()
    decide = after_joined if told.type == JOINED else after_left
    await _apply(work, decide([stay_of(row) for row in rows], at), seat, room_id, rows=rows, at=at)
    return EventOutcome.RECORDED


async def _seat_and_room(work: UnitOfWork, data: EventData) -> tuple[Seat, uuid.UUID] | None:
    """The seat that the event names, locked, if it belongs to the session of the event's room."""
    try:
        seat_id = uuid.UUID(data.external_id or "")
    except ValueError:
        return None
    room = await work.session.scalar(select(Room).where(Room.meeting_id == data.meeting_id))
    if room is None:
        return None
    seat = await work.session.scalar(
        select(Seat).where(Seat.id == seat_id, Seat.session_id == room.session_id).with_for_update()
    )
    return (seat, room.id) if seat is not None else None


async def _apply(
    work: UnitOfWork, step: Step, seat: Seat, room_id: uuid.UUID, *, rows: Sequence[Presence], at: datetime
) -> None:
    open_row = next((row for row in rows if row.left_at is None), None)
    if step in {Step.OPEN, Step.REMEMBER}:
        work.session.add(
            Presence(
                centre_id=seat.centre_id,
                seat_id=seat.id,
                room_id=room_id,
                person_id=seat.person_id,
                joined_at=at,
                last_seen_at=at,
                left_at=at if step is Step.REMEMBER else None,
            )
        )
    elif step is Step.TOUCH and open_row is not None:
        open_row.last_seen_at = max(open_row.last_seen_at, at)
    elif step is Step.CLOSE and open_row is not None:
        open_row.left_at = at
    await work.session.flush()
    if step in {Step.OPEN, Step.CLOSE}:
        work.wake_pages(centre_topic(seat.centre_id))
