"""The "get them in" desk, and the next waves of calls for help."""

from config import clock
from rooms.store.scope import AllCentres
from superuser_training.help.service.desk import offer
from workers.loop import Resources
from workers.task import due

_SCOPE = AllCentres("whoever is stuck, in any centre")


@due
async def desk_due(resources: Resources) -> bool:
    """Offer to guides whoever stands outside an open room for too long."""
    async with resources.store.work(_SCOPE) as work:
        await offer(work, clock.now())
    return False
