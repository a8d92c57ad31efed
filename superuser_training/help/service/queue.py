"""Who waits for a coordinator: open help calls, and devices that stand outside. Two queries, however many wait."""

import uuid
from datetime import datetime

from sqlalchemy import and_, exists, select

from rooms.access.records import Device
from rooms.access.rules.devices import WAITS_FOR
from rooms.people.records.persons import Person
from rooms.schedule.records import Invitation, Session
from rooms.store.unit_of_work import UnitOfWork
from superuser_training.help.records import HelpCall
from superuser_training.help.rules import Need, Waiting, in_order


async def who_waits(work: UnitOfWork, now: datetime, *, session_id: uuid.UUID | None = None) -> list[Waiting]:
    """Everybody who waits, or those of one session, in the order in which to help them."""
    return in_order([*await _calls(work, now, session_id), *await _devices(work, now, session_id)])


async def _calls(work: UnitOfWork, now: datetime, session_id: uuid.UUID | None) -> list[Waiting]:
    query = (
        select(HelpCall, Person, Session, Invitation.device_check)
        .join(Person, Person.id == HelpCall.person_id)
        .outerjoin(Session, Session.id == HelpCall.session_id)
        .outerjoin(Invitation, and_(Invitation.session_id == Session.id, Invitation.person_id == HelpCall.person_id))
        .where(HelpCall.answered_at.is_(None), Person.left_at.is_(None))
    )
    if session_id is not None:
        query = query.where(HelpCall.session_id == session_id)
    return [
        Waiting(
            id=call.id,
            need=Need.STUCK if call.stuck_since is not None else Need.HELP,
            since=call.stuck_since or call.asked_at,
            person_id=person.id,
            name=person.name,
            phone=person.phone,
            languages=tuple(person.languages),
            session_id=session.id if session is not None else None,
            session_title=session.title if session is not None else None,
            session_open=session is not None and session.state_at(now).lets_in,
            device_check=device_check,
        )
        for call, person, session, device_check in await work.session.execute(query)
    ]


async def _devices(work: UnitOfWork, now: datetime, session_id: uuid.UUID | None) -> list[Waiting]:
    query = (
        select(Device, Person)
        .join(Person, Person.id == Device.person_id)
        .where(Device.asked_at.is_not(None), Device.last_seen_at > now - WAITS_FOR, Person.left_at.is_(None))
    )
    if session_id is not None:
        query = query.where(
            exists().where(Invitation.session_id == session_id, Invitation.person_id == Device.person_id)
        )
    return [
        Waiting(
            id=device.id,
            need=Need.LET_IN,
            since=device.asked_at,
            person_id=person.id,
            name=person.name,
            phone=person.phone,
            languages=tuple(person.languages),
            session_open=True,  # only an open session makes a device ask
        )
        for device, person in await work.session.execute(query)
        if device.asked_at is not None
    ]
