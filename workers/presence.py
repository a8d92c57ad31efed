"""The provider's events, worked off into who was where and when, and into alerts for whoever should not be there."""

import asyncio
import uuid

from config import clock
from rooms.seating.service.decisions import rooms_to_rotate, rotate_by_itself
from rooms.seating.service.events import work_off_events
from rooms.seating.service.strangers import Look, forget_names, look_for_strangers, rooms_to_look_at
from rooms.store.scope import AllCentres
from workers.loop import Resources
from workers.task import due, each

#: Looks a task; when there is more to do after them it is called again at once.
_MOST_LOOKS = 50
#: Seconds between two looks while a second browser stands in a room, and nothing else comes in.
_LOOK_AGAIN = 0.1
_SCOPE = AllCentres("the provider's events name no centre")


@due
async def provider_events_due(resources: Resources) -> bool:
    """Work off what has come in since the last look. Stays a second where somebody may turn out to be a stranger."""
    look = Look()
    for _ in range(_MOST_LOOKS):
        now = clock.now()
        async with resources.store.work(_SCOPE) as work:
            done = await work_off_events(work, now)
            look = await look_for_strangers(work, done.room_ids, look, now)
        if look.raised:
            await _rotate(resources)
        if not done.count:
            if not look.room_ids:
                return False
            await asyncio.sleep(_LOOK_AGAIN)
    return True


@due
async def strangers_due(resources: Resources) -> bool:
    """What a worker that died has left undone, and rooms that may move by themselves again."""
    async with resources.store.work(_SCOPE) as work:
        room_ids = await rooms_to_look_at(work, clock.now())
    look = Look(room_ids=room_ids)
    while look.room_ids:
        async with resources.store.work(_SCOPE) as work:
            look = await look_for_strangers(work, (), look, clock.now())
        await asyncio.sleep(_LOOK_AGAIN)
    await _rotate(resources)
    return False


@due
async def stranger_names_due(resources: Resources) -> bool:
    """Erase the names of strangers in sessions that are over."""
    async with resources.store.work(_SCOPE) as work:
        await forget_names(work, clock.now())
    return False


async def _rotate(resources: Resources) -> None:
    """New rooms where a circle wants them as soon as a stranger comes."""
    async with resources.store.work(_SCOPE) as work:
        found = await rooms_to_rotate(work, clock.now())

    async def rotate(room: tuple[uuid.UUID, uuid.UUID]) -> None:
        async with resources.store.work(_SCOPE) as work:
            await rotate_by_itself(work, *room, installation=resources.settings.installation, now=clock.now())

    await each(found, rotate)
