"""Who has met whom in small rooms, from presence and not from plans, under pseudonyms."""

import uuid
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta

from sqlalchemy import delete, func, or_, select
from sqlalchemy.dialects.postgresql import insert

from rooms.breakout.records import Meeting
from rooms.breakout.rules.pairs import REMEMBERED_FOR, Stayed, met, pseudonym
from rooms.schedule.records import Session
from rooms.seating.records import Presence, Seat
from rooms.store.unit_of_work import UnitOfWork
from rooms.supply.records import Room
from rooms.supply.rules.demand import GRACE
from rooms.supply.rules.room_life import Size

#: Sessions that ended so long ago are looked at again and again: late events of the provider have come by then.
_LOOKED_AT_FOR = timedelta(hours=6)


def history_key(keys: Mapping[str, str]) -> bytes:
    """The pseudonyms' key: of the oldest secret that is still in the ring, so that a new secret forgets nothing.

    Taking the oldest secret out of the ring makes the history unreadable; then people have met nobody yet.
    """
    return f"meetings:{list(keys.values())[-1]}".encode()


async def met_among(
    work: UnitOfWork, person_ids: Collection[uuid.UUID], keys: Mapping[str, str]
) -> dict[frozenset[uuid.UUID], int]:
    """In how many earlier sessions each two of these people have met. Pairs that have not are left out."""
    key = history_key(keys)
    people = {pseudonym(key, person_id): person_id for person_id in person_ids}
    rows = await work.session.execute(
        select(Meeting.one, Meeting.other, func.count())
        .where(Meeting.one.in_(people), Meeting.other.in_(people))
        .group_by(Meeting.one, Meeting.other)
    )
    return {frozenset({people[one], people[other]}): times for one, other, times in rows}


async def sessions_to_note(work: UnitOfWork, now: datetime) -> list[uuid.UUID]:
    """Sessions that have ended of late, whose rooms are empty by now."""
    rows = await work.session.scalars(
        select(Session.id).where(
            Session.cancelled_at.is_(None), Session.ends_at > now - _LOOKED_AT_FOR, Session.ends_at <= now - GRACE
        )
    )
    return list(rows)


async def note_meetings(work: UnitOfWork, session_id: uuid.UUID, keys: Mapping[str, str], now: datetime) -> int:
    """Write down who met whom in a session's small rooms. Returns how many pairs; may be repeated."""
    key = history_key(keys)
    rows = await work.session.execute(
        select(Presence)
        .join(Seat, Seat.id == Presence.seat_id)
        .join(Room, Room.id == Presence.room_id)
        .where(Seat.session_id == session_id, Room.size == Size.SMALL)
    )
    stays = [row for (row,) in rows]
    pairs = met(Stayed(row.person_id, row.room_id, row.joined_at, row.left_at or row.last_seen_at) for row in stays)
    if not pairs:
        return 0
    written = [
        {
            "id": uuid.uuid4(),
            "centre_id": stays[0].centre_id,
            "session_id": session_id,
            "one": one,
            "other": other,
            "seconds": round(time.total_seconds()),
            "met_at": now,
        }
        for (one, other), time in _named(pairs.items(), key)
    ]
    statement = insert(Meeting)
    await work.session.execute(
        statement.on_conflict_do_update(
            index_elements=["session_id", "one", "other"], set_={"seconds": statement.excluded.seconds}
        ),
        written,
    )
    return len(written)


def _named(
    pairs: Iterable[tuple[frozenset[uuid.UUID], timedelta]], key: bytes
) -> Iterable[tuple[tuple[bytes, bytes], timedelta]]:
    for pair, time in pairs:
        one, other = sorted(pseudonym(key, person_id) for person_id in pair)
        yield (one, other), time


async def forget_person(work: UnitOfWork, person_id: uuid.UUID, keys: Mapping[str, str]) -> None:
    """Forget whom somebody has met, with all secrets that the ring still has."""
    names = [pseudonym(f"meetings:{secret}".encode(), person_id) for secret in keys.values()]
    await work.session.execute(delete(Meeting).where(or_(Meeting.one.in_(names), Meeting.other.in_(names))))


async def forget_old(work: UnitOfWork, now: datetime) -> None:
    """Forget meetings of more than a year ago."""
    await work.session.execute(delete(Meeting).where(Meeting.met_at < now - REMEMBERED_FOR))
