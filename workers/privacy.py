"""What has to be forgotten."""

from config import clock
from rooms.people.service.guests import erase_guests
from rooms.store.scope import AllCentres
from workers.loop import Resources
from workers.task import due

_SCOPE = AllCentres("guests of every centre")


@due
async def erase_due(resources: Resources) -> bool:
    """Forget guests whose visit is long over."""
    async with resources.store.work(_SCOPE) as work:
        await erase_guests(work, clock.now())
    return False
