"""People follow to new rooms that have become ready."""

from config import clock
from rooms.seating.service.rotation import move_to_new_rooms
from rooms.store.scope import AllCentres
from workers.loop import Resources
from workers.task import due

_SCOPE = AllCentres("rotations of every centre's sessions")


@due
async def move_due(resources: Resources) -> bool:
    """Finish the rotations that waited for a room."""
    async with resources.store.work(_SCOPE) as work:
        await move_to_new_rooms(work, clock.now())
    return False
