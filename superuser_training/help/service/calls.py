"""Ask for help, and answer."""

import uuid
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.dialects.postgresql import insert

from rooms.audit import service as audit
from rooms.audit.rules import Event
from rooms.store.unit_of_work import UnitOfWork
from rooms.store.wakeups import centre_topic, person_topic
from superuser_training.help.records import HelpCall
from superuser_training.help.rules import ASKS_ANEW_AFTER
from superuser_training.help.service.ringing import guides_reached


async def ask(
    work: UnitOfWork, person_id: uuid.UUID, *, centre_id: uuid.UUID, session_id: uuid.UUID | None, now: datetime
) -> bool:
    """Open a call and wake the centre's dashboards. False when the person's call was open already: nothing changes.

    A call that has been open for half an hour, was about another session, or was the desk's counts from now again.
    """
    call_id = await work.session.scalar(
        insert(HelpCall)
        .values(id=uuid.uuid4(), centre_id=centre_id, person_id=person_id, session_id=session_id, asked_at=now)
        .on_conflict_do_update(
            index_elements=["person_id"],
            index_where=HelpCall.answered_at.is_(None),
            set_={"asked_at": now, "session_id": session_id, "stuck_since": None},
            where=or_(
                HelpCall.asked_at < now - ASKS_ANEW_AFTER,
                HelpCall.session_id.is_distinct_from(session_id),
                HelpCall.stuck_since.is_not(None),
            ),
        )
        .returning(HelpCall.id)
    )
    if call_id is None:
        return False
    audit.record(
        work,
        Event.HELP_ASKED,
        centre_id=centre_id,
        now=now,
        actor_id=person_id,
        person_id=person_id,
        session_id=session_id,
    )
    await ring(work, centre_id, now)
    return True


async def ring(work: UnitOfWork, centre_id: uuid.UUID, now: datetime) -> None:
    """Wake the centre's dashboards, and the pages of the guides whom its open calls reach by now."""
    work.wake_pages(centre_topic(centre_id), *(person_topic(one) for one in await guides_reached(work, centre_id, now)))


async def take(work: UnitOfWork, call_id: uuid.UUID, *, actor_id: uuid.UUID, now: datetime) -> bool:
    """As `answer`; whether the call is theirs now."""
    return (await answer(work, call_id, actor_id=actor_id, now=now)).answered_by == actor_id


async def answer(work: UnitOfWork, call_id: uuid.UUID, *, actor_id: uuid.UUID, now: datetime) -> HelpCall:
    """Somebody takes the call: the first one gets it, and a later one changes nothing. Raises LookupError."""
    call: HelpCall | None = await work.session.scalar(select(HelpCall).where(HelpCall.id == call_id).with_for_update())
    if call is None:
        raise LookupError("no such call")
    if call.answered_at is None:
        audit.record(
            work,
            Event.HELP_ANSWERED,
            centre_id=call.centre_id,
            now=now,
            actor_id=actor_id,
            person_id=call.person_id,
            session_id=call.session_id,
        )
        rang = await guides_reached(work, call.centre_id, now)
        call.answered_at, call.answered_by = now, actor_id
        work.wake_pages(centre_topic(call.centre_id), *(person_topic(one) for one in {*rang, call.person_id}))
    return call
