"""What has to be forgotten."""

from config import clock
from rooms.breakout.service.history import forget_old, forget_people
from rooms.people.service.guests import erase_guests
from rooms.people.service.import_list import forget_lists
from rooms.store.scope import AllCentres
from workers.loop import Resources
from workers.task import due

_SCOPE = AllCentres("guests, meetings and uploaded lists of every centre")


@due
async def erase_due(resources: Resources) -> bool:
    """Forget guests whose visit is long over, with whom they met; and who met whom more than a year ago; and lists."""
    async with resources.store.work(_SCOPE) as work:
        await forget_people(work, await erase_guests(work, clock.now()), resources.settings.key_ring)
        await forget_old(work, clock.now())
        await forget_lists(work, clock.now())
    return False
