"""Trainings that people took part in, as their presence in the rooms tells."""

import uuid
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import func, select

from rooms.schedule.records import Session
from rooms.schedule.rules.formats import Format
from rooms.seating.records import Presence, Seat
from rooms.store.unit_of_work import UnitOfWork
from superuser_training.guides.rules import Logged, LogKind
from superuser_training.training.rules import took_part


async def attended(work: UnitOfWork, person_ids: Iterable[uuid.UUID], now: datetime) -> dict[uuid.UUID, list[Logged]]:
    """The group trainings of each of those people that are over, as lines of their history. One query."""
    ends = func.coalesce(Session.ended_at, Session.ends_at)
    rows = await work.session.execute(
        select(
            Presence.person_id,
            Seat.session_id,
            Session.starts_at,
            ends,
            Presence.joined_at,
            func.coalesce(Presence.left_at, Presence.last_seen_at),
        )
        .join(Seat, Seat.id == Presence.seat_id)
        .join(Session, Session.id == Seat.session_id)
        .where(
            Presence.person_id.in_(list(person_ids)),
            Session.format == Format.TRAINING,
            Session.cancelled_at.is_(None),
            ends <= now,
        )
    )
    stays: dict[tuple[uuid.UUID, uuid.UUID, datetime, datetime], list[tuple[datetime, datetime]]] = defaultdict(list)
    for person_id, session_id, starts_at, ends_at, joined_at, left_at in rows:
        stays[person_id, session_id, starts_at, ends_at].append((joined_at, left_at))
    found: dict[uuid.UUID, list[Logged]] = defaultdict(list)
    for (person_id, _session_id, starts_at, ends_at), times in stays.items():
        if took_part(times, starts_at, ends_at):
            found[person_id].append(Logged(LogKind.GROUP_TRAINING, ends_at))
    return found
