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


async def ask(
    work: UnitOfWork, person_id: uuid.UUID, *, centre_id: uuid.UUID, session_id: uuid.UUID | None, now: datetime
) -> bool:
    """Open a call and wake the centre's dashboards. False when the person's call was open already: nothing changes.

    A call that has been open for half an hour, or was about another session, counts from now again.
    """
    call_id = await work.session.scalar(
        insert(HelpCall)
        .values(id=uuid.uuid4(), centre_id=centre_id, person_id=person_id, session_id=session_id, asked_at=now)
        .on_conflict_do_update(
            index_elements=["person_id"],
            index_where=HelpCall.answered_at.is_(None),
            set_={"asked_at": now, "session_id": session_id},
            where=or_(HelpCall.asked_at < now - ASKS_ANEW_AFTER, HelpCall.session_id.is_distinct_from(session_id)),
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
    work.wake_pages(centre_topic(centre_id))
    return True


async def answer(work: UnitOfWork, call_id: uuid.UUID, *, actor_id: uuid.UUID, now: datetime) -> HelpCall:
    """Somebody takes the call. Harmless when somebody else was quicker. Raises LookupError."""
    call: HelpCall | None = await work.session.scalar(select(HelpCall).where(HelpCall.id == call_id).with_for_update())
    if call is None:
        raise LookupError("no such call")
    if call.answered_at is None:
        call.answered_at, call.answered_by = now, actor_id
        audit.record(
            work,
            Event.HELP_ANSWERED,
            centre_id=call.centre_id,
            now=now,
            actor_id=actor_id,
            person_id=call.person_id,
            session_id=call.session_id,
        )
        work.wake_pages(centre_topic(call.centre_id), person_topic(call.person_id))
    return call
