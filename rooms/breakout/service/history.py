"""Who has met whom in small rooms, from presence and not from plans, under pseudonyms.

Meetings are written under pseudonyms of the key ring's first secret, and read under those of all its secrets: a new
secret forgets nothing. Taking an old one out of the ring makes what was written with it unreadable, for everybody.
"""

import uuid
from collections import Counter
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from sqlalchemy import Interval, delete, exists, func, insert, literal, or_, select
from sqlalchemy.orm import aliased

from rooms.breakout.records import Meeting
from rooms.breakout.rules.pairs import REMEMBERED_FOR, Stayed, met, pseudonym
from rooms.schedule.records import Session
from rooms.seating.records import Presence, Seat
from rooms.store.unit_of_work import UnitOfWork
from rooms.supply.records import Room
from rooms.supply.rules.demand import GRACE
from rooms.supply.rules.room_life import Size

#: After so long nothing late comes from the provider any more: meetings are noted once more, and then no more.
_SETTLED_AFTER = timedelta(hours=6)
#: What was missed while no worker ran for so long is still noted.
_CAUGHT_UP_FOR = timedelta(days=7)
#: Sessions a look: what many centres end in the same minute may take some minutes more.
_AT_ONCE = 500


def _pseudonyms(person_ids: Collection[uuid.UUID], keys: Mapping[str, str]) -> dict[bytes, uuid.UUID]:
    """What these people are called in meetings, with each secret of the key ring, the first one's names first."""
    return {
        pseudonym(f"meetings:{secret}".encode(), person_id): person_id
        for secret in keys.values()
        for person_id in person_ids
    }


async def met_among(
    work: UnitOfWork, person_ids: Collection[uuid.UUID], keys: Mapping[str, str]
) -> dict[frozenset[uuid.UUID], int]:
    """In how many earlier sessions each two of these people have met. Pairs that have not are left out."""
    people = _pseudonyms(person_ids, keys)
    rows = await work.session.execute(
        select(Meeting.one, Meeting.other, func.count())
        .where(Meeting.one.in_(people), Meeting.other.in_(people))
        .group_by(Meeting.one, Meeting.other)
    )
    times: Counter[frozenset[uuid.UUID]] = Counter()
    for one, other, count in rows:
        times[frozenset({people[one], people[other]})] += count
    return dict(times)


async def sessions_to_note(work: UnitOfWork, now: datetime) -> list[uuid.UUID]:
    """Sessions that are over, whose people shared a small room, and whose meetings are still to be noted.

    At most 500, the latest first. Each is noted as soon as its rooms are empty, and once more when no late event of the
    provider can come any more.
    """
    one, other = aliased(Presence), aliased(Presence)
    shared_a_room = exists().where(
        Seat.session_id == Session.id,
        one.seat_id == Seat.id,
        Room.id == one.room_id,
        Room.size == Size.SMALL,
        other.room_id == one.room_id,
        other.person_id != one.person_id,
    )
    over_at = func.coalesce(Session.ended_at, Session.ends_at)
    settled_at = over_at + literal(_SETTLED_AFTER, Interval)
    is_noted = exists().where(Meeting.session_id == Session.id, or_(settled_at > now, Meeting.met_at >= settled_at))
    return list(
        await work.session.scalars(
            select(Session.id)
            .where(Session.ends_at > now - _CAUGHT_UP_FOR, over_at <= now - GRACE, ~is_noted, shared_a_room)
            .order_by(Session.ends_at.desc())
            .limit(_AT_ONCE)
        )
    )


async def note_meetings(work: UnitOfWork, session_id: uuid.UUID, keys: Mapping[str, str], now: datetime) -> int:
    """Write down who met whom in a session's small rooms, in place of what was written before. Returns how many pairs.

    Harmless to repeat, and at once: whoever comes second waits for the first.
    """
    centre_id = await work.session.scalar(
        select(Session.centre_id).where(Session.id == session_id).with_for_update(key_share=True)
    )
    if centre_id is None:
        return 0
    stays = (
        await work.session.scalars(
            select(Presence)
            .join(Seat, Seat.id == Presence.seat_id)
            .join(Room, Room.id == Presence.room_id)
            .where(Seat.session_id == session_id, Room.size == Size.SMALL)
        )
    ).all()
    pairs = met(Stayed(row.person_id, row.room_id, row.joined_at, row.left_at or row.last_seen_at) for row in stays)
    first = dict([next(iter(keys.items()))])
    names = {who: name for name, who in _pseudonyms({row.person_id for row in stays}, first).items()}
    written = []
    for pair, time in pairs.items():
        one, other = sorted(names[person_id] for person_id in pair)
        written.append(
            {
                "centre_id": centre_id,
                "session_id": session_id,
                "one": one,
                "other": other,
                "seconds": round(time.total_seconds()),
                "met_at": now,
            }
        )
    await work.session.execute(delete(Meeting).where(Meeting.session_id == session_id))
    if written:
        await work.session.execute(insert(Meeting), written)
    return len(written)


async def forget_people(work: UnitOfWork, person_ids: Collection[uuid.UUID], keys: Mapping[str, str]) -> None:
    """Forget whom these people have met. No key leads from a meeting to a person: whoever erases people calls this."""
    names = list(_pseudonyms(person_ids, keys))
    await work.session.execute(delete(Meeting).where(or_(Meeting.one.in_(names), Meeting.other.in_(names))))


async def forget_old(work: UnitOfWork, now: datetime) -> None:
    """Forget meetings that were noted more than a year ago."""
    await work.session.execute(delete(Meeting).where(Meeting.met_at < now - REMEMBERED_FOR))
