"""People follow to new rooms that have become ready; standing rooms are renewed."""

import uuid

from config import clock
from rooms.seating.service.renewal import rooms_to_renew
from rooms.seating.service.rotation import move_to_new_rooms, rotate_room, sessions_to_move
from rooms.store.scope import AllCentres
from workers.loop import Resources
from workers.task import due, each

_SCOPE = AllCentres("rotations of every centre's sessions")


@due
async def renew_due(resources: Resources) -> bool:
    """Give standing rooms the new addresses that their coordinators chose."""
    async with resources.store.work(_SCOPE) as work:
        room_ids = await rooms_to_renew(work, clock.now())

    async def renew(room_id: uuid.UUID) -> None:
        async with resources.store.work(_SCOPE) as work:
            await rotate_room(
                work, room_id, installation=resources.settings.installation, actor_id=None, now=clock.now()
            )

    await each(room_ids, renew)
    return False


@due
async def move_due(resources: Resources) -> bool:
    """Finish the rotations that waited for a room."""
    async with resources.store.work(_SCOPE) as work:
        session_ids = await sessions_to_move(work)

    async def move(session_id: uuid.UUID) -> None:
        async with resources.store.work(_SCOPE) as work:
            await move_to_new_rooms(work, session_id, clock.now())

    await each(session_ids, move)
    return False
