"""The digest: what coordinators are told of today and tomorrow, on working mornings."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import exists, func, select
from sqlalchemy.orm import aliased

from rooms.messages.records import Message
from rooms.messages.rules import Kind, MessageState, digest_day, digest_span
from rooms.messages.service import outbox
from rooms.people.records.centres import Centre
from rooms.people.records.persons import Person
from rooms.people.rules.contact import PreferredWay
from rooms.people.rules.roles import StaffRole
from rooms.schedule.records import Invitation, Session
from rooms.schedule.service.sessions import SEND_DUE
from rooms.store.unit_of_work import UnitOfWork

#: It waits for everything that somebody is waiting for.
_PRIORITY = 110


@dataclass(frozen=True, slots=True)
class Line:
    """One session of the digest. `unreached`: whose message failed and who did not open their link.

    `guides`: of those invited.
    """

    title: str
    starts_at: datetime
    invited: int
    unreached: int
    guides: int


@dataclass(slots=True)
class Digest:
    """What there is to tell a centre. `failed`: messages of the last two days that could not be sent."""

    sessions: list[Line] = field(default_factory=list)
    failed: int = 0


async def write_digests(work: UnitOfWork, now: datetime) -> int:
    """Write the day's digest to the coordinators of each centre whose morning it is, unless it is written already.

    Returns of how many centres. Harmless to repeat, and caught up until noon. Needs a unit of work that sees all
    centres.
    """
    rows = await work.session.execute(
        select(Person.centre_id, Person.id, Centre.zone)
        .join(Centre, Centre.id == Person.centre_id)
        .where(
            Person.staff_role == StaffRole.COORDINATOR,
            Person.left_at.is_(None),
            Person.preferred_way != PreferredWay.NONE,
        )
    )
    due: dict[tuple[uuid.UUID, int], list[uuid.UUID]] = {}
    for centre_id, person_id, zone in rows:
        if (day := digest_day(now, ZoneInfo(zone))) is not None:
            due.setdefault((centre_id, day.toordinal()), []).append(person_id)
    written = {
        (centre_id, int(key.rpartition(":")[2]))
        for centre_id, key in await work.session.execute(
            select(Message.centre_id, Message.idempotency_key).where(
                Message.kind == Kind.DIGEST, Message.centre_id.in_([centre_id for centre_id, _ in due])
            )
        )
    }
    new = {each: people for each, people in due.items() if each not in written}
    for (centre_id, number), people in new.items():
        await outbox.put_each(
            work,
            people,
            kind=Kind.DIGEST,
            cause_id=centre_id,
            centre_id=centre_id,
            now=now,
            version=number,
            priority=_PRIORITY,
        )
    if new:
        work.wake_worker(SEND_DUE)
    return len(new)


async def digests(work: UnitOfWork, centre_ids: Sequence[uuid.UUID], now: datetime) -> Mapping[uuid.UUID, Digest]:
    """What there is to tell each of these centres; those with nothing to tell are missing. Three queries."""
    found: dict[uuid.UUID, Digest] = {}
    zones = (await work.session.execute(select(Centre.id, Centre.zone).where(Centre.id.in_(centre_ids)))).all()
    spans = {centre_id: digest_span(now, ZoneInfo(zone)) for centre_id, zone in zones}
    if not spans:
        return found
    first, last = min(first for first, _ in spans.values()), max(last for _, last in spans.values())
    failed = aliased(Message)
    did_fail = exists().where(
        failed.session_id == Invitation.session_id,
        failed.person_id == Invitation.person_id,
        failed.kind == Kind.INVITATION,
        failed.state == MessageState.FAILED,
    )
    rows = await work.session.execute(
        select(
            Session,
            func.count(Invitation.id),
            func.count(Invitation.id).filter(did_fail, Invitation.opened_at.is_(None)),
            func.count(Invitation.id).filter(Person.is_guide),
        )
        .outerjoin(Invitation, Invitation.session_id == Session.id)
        .outerjoin(Person, Person.id == Invitation.person_id)
        .where(
            Session.centre_id.in_(list(spans)),
            Session.starts_at >= first,
            Session.starts_at < last,
            Session.cancelled_at.is_(None),
            Session.standing_room_id.is_(None),
        )
        .group_by(Session.id)
        .order_by(Session.starts_at, Session.id)
    )
    for session, invited, unreached, guides in rows:
        begin, end = spans[session.centre_id]
        if begin <= session.starts_at < end:
            line = Line(session.title, session.starts_at, invited, unreached, guides)
            found.setdefault(session.centre_id, Digest()).sessions.append(line)
    counts = await work.session.execute(
        select(Message.centre_id, func.count(Message.id))
        .where(
            Message.centre_id.in_(list(spans)),
            Message.state == MessageState.FAILED,
            Message.error != "unwanted",
            Message.created_at >= first - (last - first),
        )
        .group_by(Message.centre_id)
    )
    for centre_id, count in counts:
        found.setdefault(centre_id, Digest()).failed = count
    return found
