"""Breakouts that are open, or open by themselves, are looked after."""

import structlog

from config import clock
from rooms.breakout.service.tend import STEPS, sessions_to_tend
from rooms.store.scope import AllCentres
from workers.loop import Resources
from workers.task import due

log = structlog.get_logger(__name__)

_SCOPE = AllCentres("breakouts of every centre's sessions")


@due
async def tend_due(resources: Resources) -> bool:
    """Look after each breakout by itself: one that fails holds up no other."""
    async with resources.store.work(_SCOPE) as work:
        session_ids = await sessions_to_tend(work, clock.now())
    for session_id in session_ids:
        try:
            for step in STEPS:
                async with resources.store.work(_SCOPE) as work:
                    await step(work, session_id, keys=resources.settings.key_ring, now=clock.now())
        except Exception as error:
            log.exception("breakout not tended", error=type(error).__name__)
    return False
