"""The days of standing rooms, laid out ahead."""

from config import clock
from rooms.schedule.service.standing import lay_out_days
from rooms.store.scope import AllCentres
from workers.loop import Resources
from workers.task import due

_SCOPE = AllCentres("standing rooms of every centre")


@due
async def lay_out_due(resources: Resources) -> bool:
    """Lay out the days that have come near enough."""
    async with resources.store.work(_SCOPE) as work:
        await lay_out_days(work, clock.now())
    return False
