"""The digest that coordinators get on working mornings."""

from config import clock
from rooms.schedule.service.digest import write_digests
from rooms.store.scope import AllCentres
from workers.loop import Resources
from workers.task import due

_SCOPE = AllCentres("coordinators of every centre are told of their day")


@due
async def write_due(resources: Resources) -> bool:
    """Write those whose morning has come."""
    async with resources.store.work(_SCOPE) as work:
        await write_digests(work, clock.now())
    return False
