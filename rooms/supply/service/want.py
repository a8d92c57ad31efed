"""Write down which rooms are wanted, and which sessions cannot have theirs in time. Asks the provider for nothing."""

import uuid
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, func, select, true
from sqlalchemy.dialects.postgresql import insert

from rooms.schedule.records import Session
from rooms.store.unit_of_work import UnitOfWork
from rooms.store.wakeups import centre_topic
from rooms.supply.records import Room, Shortage
from rooms.supply.rules.demand import Crowd, provider_end, rooms_needed
from rooms.supply.rules.pool import FARTHEST, OUTAGE, Late, Need, due_now, forecast
from rooms.supply.rules.room_life import RoomError, RoomState, Size
from rooms.supply.service.sessions import invited_count, need_of, still_held
from rooms.supply.service.spares import give_to_urgent
from rooms.whereby.protocol import room_prefix

#: The widest lead of any session's doors.
_DOORS = timedelta(hours=2)
_UNMADE = (RoomState.WANTED, RoomState.CREATING)
#: Who has come to these sessions, and to earlier ones like them. Seats lie above supply, so the caller brings it.
CrowdOf = Callable[[UnitOfWork, Collection[uuid.UUID], datetime], Awaitable[Mapping[uuid.UUID, Crowd]]]


@dataclass(frozen=True, slots=True)
class _Coming:
    """A session that is open or comes within the horizon. `have`: its rooms by size, those in the making included."""

    session: Session
    invited: int
    have: Mapping[Size, int]
    last_number: int
    unmade: int

    def sizes(self, crowd: Crowd) -> Sequence[Size]:
        """Of the rooms that it needs."""
        return rooms_needed(need_of(self.session, self.invited, crowd))

    def lacks(self, crowd: Crowd) -> dict[int, Size]:
        """The rooms that it needs and has not, by the numbers that they will have."""
        left = dict(self.have)
        lacking = []
        for size in self.sizes(crowd):
            if left[size]:
                left[size] -= 1
            else:
                lacking.append(size)
        return dict(enumerate(lacking, start=self.last_number + 1))


async def want_rooms(
    work: UnitOfWork, installation: str, points_per_minute: int, crowd_of: CrowdOf, now: datetime
) -> int:
    """Write down a wanted room for each that a coming session lacks and that is to be made by now. Returns how many.

    Gives spare rooms where there is no time to make one, and notes the shortages to come. Harmless to repeat; needs a
    unit of work that sees all centres.
    """
    coming = await _coming(work, now)
    crowds = await crowd_of(work, [one.session.id for one in coming if one.lacks(Crowd(seated=one.invited))], now)
    by_id = {one.session.id: one for one in coming}
    lacks = {session_id: by_id[session_id].lacks(crowd) for session_id, crowd in crowds.items()}
    lacking = [
        Need(session_id, number, by_id[session_id].session.opens_at)
        for session_id, sizes in lacks.items()
        for number in sizes
    ]
    unmade = [
        # Which number does not matter for the pace: they are being made, or about to be.
        Need(one.session.id, -number, one.session.opens_at)
        for one in coming
        for number in range(1, one.unmade + 1)
    ]
    due = [need for need in due_now([*lacking, *unmade], points_per_minute, now) if need.number > 0]
    rows = [
        _wanted(by_id[need.session_id].session, need.number, lacks[need.session_id][need.number], installation, now)
        for need in due
    ]
    if rows:  # a list of rows goes to the database in portions, however many there are
        await work.session.execute(
            insert(Room).on_conflict_do_nothing(index_elements=["session_id", "number", "generation"]), rows
        )
    await give_to_urgent(work, now)
    begins = now + OUTAGE if await _provider_is_down(work, now) else now
    late = forecast([*lacking, *unmade], points_per_minute, now, begins=begins)
    await _note_shortages(work, late, by_id, crowds, now)
    return len(rows)


async def _coming(work: UnitOfWork, now: datetime) -> list[_Coming]:
    def of(size: Size) -> ColumnElement[int]:
        return func.count(Room.number.distinct()).filter(Room.size == size)

    rooms = (
        select(
            of(Size.SMALL).label("small"),
            of(Size.XL).label("xl"),
            func.coalesce(func.max(Room.number), 0).label("last_number"),
            func.count().filter(Room.state.in_(_UNMADE)).label("unmade"),
        )
        .where(Room.session_id == Session.id)
        .lateral("rooms")
    )
    rows = await work.session.execute(
        select(Session, invited_count(), *rooms.c)
        .join(rooms, true())
        .where(Session.starts_at <= now + FARTHEST + _DOORS, *still_held(now))
    )
    return [
        _Coming(session, invited, {Size.SMALL: small, Size.XL: xl}, last_number, unmade)
        for session, invited, small, xl, last_number, unmade in rows.all()
    ]


def _wanted(session: Session, number: int, size: Size, installation: str, now: datetime) -> dict[str, object]:
    room_id = uuid.uuid4()
    return {
        "id": room_id,
        "centre_id": session.centre_id,
        "session_id": session.id,
        "number": number,
        "generation": 1,
        "size": size,
        "state": RoomState.WANTED,
        "prefix": room_prefix(installation, room_id),
        "end_date": provider_end(session.ends_at),
        "attempts": 0,
        "next_try_at": now,
        "changed_at": now,
    }


async def _provider_is_down(work: UnitOfWork, now: datetime) -> bool:
    """Whether the last tries found nobody there."""
    tried = await work.session.scalar(
        select(func.max(Room.attempts)).where(
            Room.state.in_(_UNMADE), Room.last_error == RoomError.DOWN, Room.next_try_at > now - timedelta(minutes=5)
        )
    )
    return (tried or 0) >= 2


async def _note_shortages(
    work: UnitOfWork,
    late: Sequence[Late],
    by_id: Mapping[uuid.UUID, _Coming],
    crowds: Mapping[uuid.UUID, Crowd],
    now: datetime,
) -> None:
    """What there was and is no more goes; what is new or different is written, and the centres are told."""
    rows = await work.session.scalars(select(Shortage).with_for_update())
    before = {row.session_id: row for row in rows}
    told: set[uuid.UUID] = set()
    for one in late:
        coming = by_id[one.session_id]
        known = before.pop(one.session_id, None)
        if known is not None and known.missing == one.missing:
            known.complete_at = one.complete_at
            continue
        told.add(coming.session.centre_id)
        needed = len(coming.sizes(crowds.get(one.session_id, Crowd())))
        await work.session.execute(
            insert(Shortage)
            .values(
                id=uuid.uuid4(),
                centre_id=coming.session.centre_id,
                session_id=one.session_id,
                missing=one.missing,
                needed=needed,
                complete_at=one.complete_at,
                found_at=now,
            )
            .on_conflict_do_update(
                index_elements=["session_id"],
                set_={"missing": one.missing, "needed": needed, "complete_at": one.complete_at},
            )
        )
    if before:
        told.update(row.centre_id for row in before.values())
        await work.session.execute(delete(Shortage).where(Shortage.session_id.in_(before)))
    work.wake_pages(*_topics(told))


def _topics(centre_ids: Iterable[uuid.UUID]) -> list[str]:
    return [centre_topic(centre_id) for centre_id in centre_ids]
