"""Who has met whom is written down when a session is over."""

import structlog

from config import clock
from rooms.breakout.service.history import note_meetings, sessions_to_note
from rooms.store.scope import AllCentres
from workers.loop import Resources
from workers.task import due

log = structlog.get_logger(__name__)

_SCOPE = AllCentres("sessions of every centre")


@due
async def meetings_due(resources: Resources) -> bool:
    """Note each session by itself: one that fails holds up no other."""
    async with resources.store.work(_SCOPE) as work:
        session_ids = await sessions_to_note(work, clock.now())
    for session_id in session_ids:
        try:
            async with resources.store.work(_SCOPE) as work:
                await note_meetings(work, session_id, resources.settings.key_ring, clock.now())
        except Exception as error:
            log.exception("meetings not noted", error=type(error).__name__)
    return False
