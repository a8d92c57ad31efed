"""The guides of a centre as calls see them, and whose pages ring. A constant number of queries a centre."""

import uuid
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select

from rooms.people.records.centres import Centre
from rooms.people.records.persons import Person
from rooms.schedule.records import Invitation, Session
from rooms.schedule.rules.formats import DeviceCheck
from rooms.store.unit_of_work import UnitOfWork
from superuser_training.guides.records import LogLine
from superuser_training.guides.rules import Hours, LogKind, is_paused
from superuser_training.guides.service import all_hours
from superuser_training.help.records import HelpCall
from superuser_training.help.rules.waves import CallFacts, GuideFacts, reached


@dataclass(frozen=True, slots=True)
class Ringing:
    """A call that a guide may take. `since`: from when the person stands outside, or asked."""

    id: uuid.UUID
    name: str
    languages: tuple[str, ...]
    since: datetime
    is_stuck: bool
    session_id: uuid.UUID | None
    session_title: str | None
    device_check: DeviceCheck | None


async def calls_for(work: UnitOfWork, guide_id: uuid.UUID, centre_id: uuid.UUID, now: datetime) -> list[Ringing]:
    """The open calls that ring on this guide's page by now, the oldest first."""
    rows = await _open_calls(work, centre_id)
    if not rows:
        return []
    guides = await _guides(work, centre_id, [call.session_id for call, *_rest in rows if call.session_id], now)
    return [
        Ringing(
            id=call.id,
            name=person.name,
            languages=tuple(person.languages),
            since=call.stuck_since or call.asked_at,
            is_stuck=call.stuck_since is not None,
            session_id=session.id if session is not None else None,
            session_title=session.title if session is not None else None,
            device_check=device_check,
        )
        for call, person, session, device_check in rows
        if guide_id in reached(_facts(call, person), guides, now)
    ]


async def guides_reached(work: UnitOfWork, centre_id: uuid.UUID, now: datetime) -> set[uuid.UUID]:
    """Everybody on whose page an open call of the centre rings by now."""
    rows = await _open_calls(work, centre_id)
    if not rows:
        return set()
    guides = await _guides(work, centre_id, [call.session_id for call, *_rest in rows if call.session_id], now)
    return set().union(*(reached(_facts(call, person), guides, now) for call, person, *_rest in rows))


def _facts(call: HelpCall, person: Person) -> CallFacts:
    return CallFacts(person.id, tuple(person.languages), call.session_id, call.asked_at)


async def _open_calls(
    work: UnitOfWork, centre_id: uuid.UUID
) -> list[tuple[HelpCall, Person, Session | None, DeviceCheck | None]]:
    rows = await work.session.execute(
        select(HelpCall, Person, Session, Invitation.device_check)
        .join(Person, Person.id == HelpCall.person_id)
        .outerjoin(Session, Session.id == HelpCall.session_id)
        .outerjoin(Invitation, (Invitation.session_id == Session.id) & (Invitation.person_id == Person.id))
        .where(HelpCall.centre_id == centre_id, HelpCall.answered_at.is_(None), Person.left_at.is_(None))
        .order_by(HelpCall.asked_at, HelpCall.id)
    )
    return [(call, person, session, device_check) for call, person, session, device_check in rows]


async def _guides(
    work: UnitOfWork, centre_id: uuid.UUID, session_ids: list[uuid.UUID], now: datetime
) -> list[GuideFacts]:
    """The centre's guides who take no break."""
    people = list(
        await work.session.scalars(
            select(Person).where(Person.centre_id == centre_id, Person.is_guide, Person.left_at.is_(None))
        )
    )
    ids = [person.id for person in people]
    zone = ZoneInfo(await work.session.scalar(select(Centre.zone).where(Centre.id == centre_id)) or "Europe/Oslo")
    breaks = defaultdict(list)
    words = select(LogLine).where(LogLine.person_id.in_(ids), LogLine.kind.in_([LogKind.PAUSED, LogKind.RESUMED]))
    for line in await work.session.scalars(words):
        breaks[line.person_id].append(line.logged())
    sessions = defaultdict(set)
    invited = select(Invitation.person_id, Invitation.session_id).where(
        Invitation.person_id.in_(ids), Invitation.session_id.in_(session_ids)
    )
    for person_id, session_id in await work.session.execute(invited):
        sessions[person_id].add(session_id)
    hours = await all_hours(work, ids)
    return [
        GuideFacts(
            id=person.id,
            languages=tuple(person.languages),
            session_ids=frozenset(sessions[person.id]),
            is_available=(hours[person.id].hours() if person.id in hours else Hours()).at(now, zone),
            by_page=person.id not in hours or hours[person.id].by_page,
        )
        for person in people
        if not is_paused(breaks[person.id], now)
    ]
