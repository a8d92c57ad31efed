"""People follow to new rooms that have become ready; standing rooms are renewed."""

from config import clock
from rooms.seating.service.renewal import renew_standing_rooms
from rooms.seating.service.rotation import move_to_new_rooms
from rooms.store.scope import AllCentres
from workers.loop import Resources
from workers.task import due

_SCOPE = AllCentres("rotations of every centre's sessions")


@due
async def renew_due(resources: Resources) -> bool:
    """Give standing rooms the new addresses that their coordinators chose."""
    async with resources.store.work(_SCOPE) as work:
        await renew_standing_rooms(work, resources.settings.installation, clock.now())
    return False


@due
async def move_due(resources: Resources) -> bool:
    """Finish the rotations that waited for a room."""
    async with resources.store.work(_SCOPE) as work:
        await move_to_new_rooms(work, clock.now())
    return False
