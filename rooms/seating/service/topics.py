"""Which wake-ups concern a page."""

import uuid
from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import select

from rooms.access.records import Link
from rooms.access.service.links import still_opens
from rooms.schedule.records import Invitation, Session
from rooms.seating.rules.seat import GOODBYE_FOR
from rooms.store.unit_of_work import UnitOfWork
from rooms.store.wakeups import centre_topic, person_topic, session_topic

#: A session further ahead changes nothing that the page could not ask for in time.
_AHEAD = timedelta(hours=24)


async def topics_of_person(
    work: UnitOfWork, person_id: uuid.UUID, link_id: uuid.UUID | None, now: datetime
) -> set[str] | None:
    """The person and their sessions of these hours; None when their link has been replaced."""
    if await work.session.scalar(select(Link.id).where(still_opens(link_id, now), Link.person_id == person_id)) is None:
        return None
    sessions = await work.session.scalars(
        select(Session.id)
        .join(Invitation, Invitation.session_id == Session.id)
        .where(
            Invitation.person_id == person_id,
            Session.ends_at > now - GOODBYE_FOR,
            Session.starts_at < now + _AHEAD,
        )
    )
    return {person_topic(person_id), *(session_topic(session_id) for session_id in sessions)}


async def topics_of_coordinator(work: UnitOfWork, centre_id: uuid.UUID, session_ids: Collection[uuid.UUID]) -> set[str]:
    """The centre, and those of the given sessions that are its own."""
    own = await work.session.scalars(select(Session.id).where(Session.id.in_(session_ids)))
    return {centre_topic(centre_id), *(session_topic(session_id) for session_id in own)}
