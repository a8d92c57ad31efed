"""Rooms: wanted, made, retired, deleted. Safe in any number of workers at once: rows are claimed one by one."""

import asyncio
from functools import partial

from config import clock
from rooms.store.scope import AllCentres
from rooms.supply.service import close, provision
from workers.loop import Resources
from workers.task import due

#: Calls to the provider at a time, and seconds after which no new one is begun (beat asks again).
_AT_ONCE = 4
_NO_NEW_AFTER = 30
_SCOPE = AllCentres("rooms are made for every centre's sessions")


@due
async def provision_due(resources: Resources) -> None:
    """Write down the rooms that coming sessions want, and make them, the most urgent first."""
    async with resources.store.work(_SCOPE) as work:
        await provision.want_rooms(work, resources.settings.installation, clock.now())
    await _several(resources, provision.make_next_room)


@due
async def close_due(resources: Resources) -> None:
    """Retire the rooms of sessions that are over, and delete them at the provider."""
    async with resources.store.work(_SCOPE) as work:
        await close.retire_rooms(work, clock.now())
    await _several(resources, close.delete_next_room)


async def _several(resources: Resources, step: provision.Step) -> None:
    end = asyncio.get_running_loop().time() + _NO_NEW_AFTER
    open_work = partial(resources.store.work, _SCOPE)

    async def one_after_another() -> None:
        while asyncio.get_running_loop().time() < end and await step(open_work, resources.provider, clock.now()):
            pass

    await asyncio.gather(*(one_after_another() for _ in range(_AT_ONCE)))
