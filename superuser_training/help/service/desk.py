"""The "get them in" desk: whoever stands outside an open room for too long is offered to guides."""

import uuid
from datetime import datetime

from sqlalchemy import exists, select, update
from sqlalchemy.dialects.postgresql import insert

from rooms.seating.service.ways_in import OnBoard, stuck
from rooms.store.unit_of_work import UnitOfWork
from superuser_training.help.records import HelpCall
from superuser_training.help.rules import DESK_PAUSES_FOR
from superuser_training.help.rules.waves import ALL_WAVES, WAVE_LASTS
from superuser_training.help.service.calls import ring


async def offer(work: UnitOfWork, now: datetime) -> int:
    """Open a call for everybody who is stuck, close those whose person is not any more; how many were opened.

    Needs a unit of work that sees all centres. Harmless to run twice, and at once: a person has one open call.
    """
    found = await stuck(work, now)
    opened = [one for one in found if await _open(work, one, now)]
    await _close_the_rest(work, found, now)
    # Also the next waves of calls that are open already; once all have begun, pages know by themselves.
    in_waves = (HelpCall.answered_at.is_(None), HelpCall.asked_at > now - ALL_WAVES - WAVE_LASTS)
    centres = await work.session.scalars(select(HelpCall.centre_id).where(*in_waves).distinct())
    for centre_id in centres.all():
        await ring(work, centre_id, now)
    return len(opened)


async def _open(work: UnitOfWork, one: OnBoard, now: datetime) -> bool:
    helped_lately = exists().where(
        HelpCall.person_id == one.person.id,
        HelpCall.session_id == one.session.id,
        HelpCall.answered_at > now - DESK_PAUSES_FOR,
    )
    if await work.session.scalar(select(helped_lately)):
        return False
    call_id = await work.session.scalar(
        insert(HelpCall)
        .values(
            id=uuid.uuid4(),
            centre_id=one.session.centre_id,
            person_id=one.person.id,
            session_id=one.session.id,
            asked_at=now,
            stuck_since=one.stuck_since,
        )
        .on_conflict_do_nothing()
        .returning(HelpCall.id)
    )
    return call_id is not None


async def _close_the_rest(work: UnitOfWork, found: list[OnBoard], now: datetime) -> None:
    await work.session.execute(
        update(HelpCall)
        .where(
            HelpCall.answered_at.is_(None),
            HelpCall.stuck_since.is_not(None),
            HelpCall.person_id.not_in([one.person.id for one in found]),
        )
        .values(answered_at=now)
    )
