"""Standing rooms: a circle's open drop-in, laid out as a session on each of its days. Nobody is written to."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from zoneinfo import ZoneInfo

from sqlalchemy import delete, exists, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm.exc import StaleDataError

from rooms.audit import service as audit
from rooms.audit.rules import Event
from rooms.messages.records import Message
from rooms.messages.rules import Kind
from rooms.people.records.centres import Centre
from rooms.people.records.circles import Circle, Membership
from rooms.people.records.persons import Person
from rooms.schedule.records import Invitation, Session, StandingRoom
from rooms.schedule.rules.formats import Format
from rooms.schedule.rules.standing import Renewal, days_to_lay_out
from rooms.schedule.service.sessions import CLOSE_DUE, PROVISION_DUE
from rooms.store.unit_of_work import UnitOfWork
from rooms.store.wakeups import centre_topic, session_topic


@dataclass(frozen=True, slots=True)
class StandingFacts:
    """What a coordinator chooses. Times of the centre's own clock; weekdays 1 (Monday) to 7."""

    weekdays: Sequence[int]
    opens: time
    closes: time
    renewal: Renewal


async def standing_room_of(work: UnitOfWork, circle_id: uuid.UUID) -> StandingRoom | None:
    """A circle's standing room, if it has one that was not stopped."""
    room: StandingRoom | None = await work.session.scalar(
        select(StandingRoom).where(StandingRoom.circle_id == circle_id, StandingRoom.stopped_at.is_(None))
    )
    return room


async def keep_standing_room(
    work: UnitOfWork, circle: Circle, facts: StandingFacts, *, version: int, actor_id: uuid.UUID, now: datetime
) -> StandingRoom:
    """Open a circle's standing room, or change it. Raises StaleDataError when `version` is not what is stored.

    `version` is 0 for one that the reader saw as not there.
    """
    room = await work.session.scalar(select(StandingRoom).where(StandingRoom.circle_id == circle.id).with_for_update())
    seen = room.version if room is not None and room.stopped_at is None else 0
    if seen != version:
        raise StaleDataError("changed by somebody else")
    if room is None:
        room = StandingRoom(id=uuid.uuid4(), centre_id=circle.centre_id, circle_id=circle.id, created_at=now)
        work.session.add(room)
    room.weekdays, room.opens, room.closes = sorted(facts.weekdays), facts.opens, facts.closes
    room.renewal, room.stopped_at = facts.renewal, None
    await work.session.flush()
    event = Event.STANDING_ROOM_CHANGED if seen else Event.STANDING_ROOM_OPENED
    audit.record(work, event, centre_id=circle.centre_id, now=now, actor_id=actor_id)
    await lay_out_days(work, now, only=room.id)
    return room


async def stop_standing_room(work: UnitOfWork, circle_id: uuid.UUID, *, actor_id: uuid.UUID, now: datetime) -> None:
    """No more days. Today's ends for all; what was laid out goes. Harmless to repeat."""
    room = await work.session.scalar(
        select(StandingRoom)
        .where(StandingRoom.circle_id == circle_id, StandingRoom.stopped_at.is_(None))
        .with_for_update()
    )
    if room is None:
        return
    room.stopped_at = now
    await work.session.flush()
    audit.record(work, Event.STANDING_ROOM_STOPPED, centre_id=room.centre_id, now=now, actor_id=actor_id)
    await _take_away(work, room, [], now)


async def lay_out_days(work: UnitOfWork, now: datetime, *, only: uuid.UUID | None = None) -> int:
    """Lay out the coming days of standing rooms (of `only` one), and let their members follow. Returns how many days.

    Harmless to repeat, and in two workers at once: each takes the rooms that no other is at.
    """
    rows = await work.session.execute(
        select(StandingRoom, Circle.name, Centre.zone)
        .join(Circle, Circle.id == StandingRoom.circle_id)
        .join(Centre, Centre.id == StandingRoom.centre_id)
        .where(StandingRoom.stopped_at.is_(None), *([StandingRoom.id == only] if only else []))
        .with_for_update(of=StandingRoom, skip_locked=only is None)
    )
    count = 0
    for room, title, zone in rows.all():
        days = days_to_lay_out(room.weekdays, room.opens, room.closes, ZoneInfo(zone), now)
        await _take_away(work, room, days, now)
        count += await _add(work, room, title, days, now)
        await _let_members_follow(work, room, now)
    return count


async def _take_away(
    work: UnitOfWork, room: StandingRoom, days: Sequence[tuple[datetime, datetime]], now: datetime
) -> None:
    """Days that are not to be any more: those ahead go without a trace, the one that is open ends for all."""
    rows = await work.session.scalars(
        select(Session).where(Session.standing_room_id == room.id, Session.ends_at > now, Session.ended_at.is_(None))
    )
    for session in rows.all():
        if (session.starts_at, session.ends_at) in days:
            continue
        if session.starts_at <= now:
            session.ended_at = now
            work.wake_worker(CLOSE_DUE)
        else:
            await work.session.delete(session)
        work.wake_pages(session_topic(session.id), centre_topic(session.centre_id))
    await work.session.flush()


async def _add(
    work: UnitOfWork, room: StandingRoom, title: str, days: Sequence[tuple[datetime, datetime]], now: datetime
) -> int:
    there = set(
        await work.session.scalars(
            select(Session.starts_at).where(Session.standing_room_id == room.id, Session.ended_at.is_(None))
        )
    )
    missing = [(start, end) for start, end in days if start not in there]
    for start, end in missing:
        work.session.add(
            Session(
                id=uuid.uuid4(),
                centre_id=room.centre_id,
                title=title,
                format=Format.WORKGROUP,
                circle_id=room.circle_id,
                standing_room_id=room.id,
                starts_at=start,
                ends_at=end,
                opens_before_minutes=0,
                created_at=now,
            )
        )
    await work.session.flush()
    if missing:
        work.wake_worker(PROVISION_DUE)
        work.wake_pages(centre_topic(room.centre_id))
    return len(missing)


async def _let_members_follow(work: UnitOfWork, room: StandingRoom, now: datetime) -> None:
    """Invite those who joined the circle since to the days that are not over; those who went, to none any more.

    Guests, and whoever was invited to a day by somebody (they were written to), stay invited.
    """
    is_member = exists().where(Membership.circle_id == room.circle_id, Membership.person_id == Invitation.person_id)
    is_guest = exists().where(Person.id == Invitation.person_id, Person.guest_role.is_not(None))
    was_asked = exists().where(
        Message.kind == Kind.INVITATION,
        Message.cause_id == Invitation.session_id,
        Message.person_id == Invitation.person_id,
    )
    ahead = (
        await work.session.scalars(
            select(Session.id).where(
                Session.standing_room_id == room.id, Session.ends_at > now, Session.ended_at.is_(None)
            )
        )
    ).all()
    if not ahead:
        return
    gone = (
        await work.session.execute(
            delete(Invitation)
            .where(Invitation.session_id.in_(ahead), ~is_member, ~is_guest, ~was_asked)
            .returning(Invitation.session_id)
            .execution_options(synchronize_session=False)
        )
    ).all()
    members = (
        await work.session.scalars(
            select(Person.id)
            .join(Membership, Membership.person_id == Person.id)
            .where(Membership.circle_id == room.circle_id, Person.left_at.is_(None))
        )
    ).all()
    rows = [
        {"id": uuid.uuid4(), "centre_id": room.centre_id, "session_id": session_id, "person_id": person_id,
         "invited_at": now}
        for session_id in ahead
        for person_id in members
    ]  # fmt: skip
    if rows:
        await work.session.execute(
            insert(Invitation).on_conflict_do_nothing(index_elements=["session_id", "person_id"]), rows
        )
    work.wake_pages(*(session_topic(session_id) for (session_id,) in gone))
