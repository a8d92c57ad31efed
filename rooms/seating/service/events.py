"""The provider's events: kept as they come, worked off into stays. Late, twice and in any order is all the same."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import ARRAY, Table, bindparam, func, select
from sqlalchemy.dialects.postgresql import insert

from config.metrics import WEBHOOKS
from rooms.seating.records import ProviderEvent
from rooms.seating.rules.reasons import EventOutcome
from rooms.seating.service.clients import open_book
from rooms.store.unit_of_work import UnitOfWork
from rooms.whereby import webhooks
from rooms.whereby.webhooks import JOINED, LEFT

WORK_OFF = "workers.presence.provider_events_due"
_BATCH = 200
#: Any number will do, as long as nothing else of ours takes the same advisory lock.
_WORKING_OFF = 7_246_003


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


@dataclass(frozen=True, slots=True)
class WorkedOff:
    """How many events a look worked off, and in which rooms somebody came or went."""

    count: int = 0
    room_ids: frozenset[uuid.UUID] = frozenset()


async def work_off_events(work: UnitOfWork, now: datetime) -> WorkedOff:
    """Write down what the events that wait say, the oldest first, up to 200. Call again until there are none.

    Needs a unit of work that sees all centres. Of two workers at once one waits for the other: two events of one room
    are never told apart. What an event said is dropped once it is worked on.
    """
    await work.session.execute(select(func.pg_advisory_xact_lock(_WORKING_OFF)))
    events = (
        await work.session.scalars(
            select(ProviderEvent)
            .where(ProviderEvent.outcome.is_(None))
            .order_by(ProviderEvent.received_at)
            .limit(_BATCH)
        )
    ).all()
    if not events:
        return WorkedOff()
    told = {event.id: _parsed(event) for event in events}
    book = await open_book(work, [event.data for event in told.values() if event is not None])
    for event in events:
        parsed = told[event.id]
        event.outcome = book.note(parsed, now) if parsed is not None else EventOutcome.IGNORED
        event.body = ""
        WEBHOOKS.labels(event.type if event.type in {JOINED, LEFT} else "other", event.outcome.value).inc()
    await work.session.flush()
    return WorkedOff(len(events), frozenset(book.changed))


def _parsed(event: ProviderEvent) -> webhooks.ProviderEvent | None:
    try:
        return webhooks.parse(event.body)
    except webhooks.BadEvent:
        return None
