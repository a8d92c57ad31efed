"""The reminders of coming sessions, written when their time has come."""

import structlog

from config import clock
from rooms.schedule.service.reminders import write_due_reminders
from rooms.store.scope import AllCentres
from workers.loop import Resources
from workers.task import due

log = structlog.get_logger(__name__)

_SCOPE = AllCentres("sessions of every centre remind")


@due
async def write_due(resources: Resources) -> bool:
    """Write what is due; the same reminder is written once."""
    async with resources.store.work(_SCOPE) as work:
        count = await write_due_reminders(work, clock.now())
    if count:
        log.info("reminders written", count=count)
    return False
