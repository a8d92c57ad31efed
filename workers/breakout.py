"""Breakouts that are open, or open by themselves, are looked after."""

import uuid

from config import clock
from rooms.breakout.service.tend import STEPS, sessions_to_tend
from rooms.store.scope import AllCentres
from workers.loop import Resources
from workers.task import due, each

_SCOPE = AllCentres("breakouts of every centre's sessions")


@due
async def tend_due(resources: Resources) -> bool:
    """Look after each breakout by itself: one that fails holds up no other."""
    async with resources.store.work(_SCOPE) as work:
        session_ids = await sessions_to_tend(work, clock.now())

    async def tend(session_id: uuid.UUID) -> None:
        for step in STEPS:
            async with resources.store.work(_SCOPE) as work:
                await step(work, session_id, keys=resources.settings.key_ring, now=clock.now())

    await each(session_ids, tend)
    return False
