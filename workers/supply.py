"""Rooms: wanted, made, retired, deleted, compared. Safe in any number of workers: rows are claimed one by one."""

import asyncio
from functools import partial

import structlog

from config import clock
from rooms.seating.service.attendance import crowds, somebody_in
from rooms.store.scope import AllCentres
from rooms.supply.service import close, provision
from rooms.supply.service.outlast import outlast_sessions
from rooms.supply.service.reconcile import reconcile
from rooms.supply.service.spares import keep_spares
from rooms.supply.service.want import want_rooms
from rooms.whereby.errors import ProviderError
from workers.loop import Resources
from workers.task import due

log = structlog.get_logger(__name__)

#: Calls to the provider at a time, and seconds after which no new one is begun.
_AT_ONCE = 4
_NO_NEW_AFTER = 8
_SCOPE = AllCentres("rooms are made for every centre's sessions")


@due
async def provision_due(resources: Resources) -> bool:
    """Write down the rooms that coming sessions want, and make them, the most urgent first."""
    settings = resources.settings
    async with resources.store.work(_SCOPE) as work:
        await want_rooms(work, settings.installation, settings.whereby_points_per_minute, crowds, clock.now())
        await outlast_sessions(work, settings.installation, clock.now())
        await keep_spares(work, settings.installation, clock.now())
    return await _several(resources, provision.make_next_room)


@due
async def close_due(resources: Resources) -> bool:
    """Retire the rooms of sessions that are over, and delete them at the provider."""
    async with resources.store.work(_SCOPE) as work:
        now = clock.now()
        await close.retire_rooms(work, now, occupied=somebody_in(now))
    return await _several(resources, close.delete_next_room)


@due
async def reconcile_due(resources: Resources) -> bool:
    """Compare the provider's rooms with ours, and mend what differs. A provider that is away is asked next time."""
    open_work = partial(resources.store.work, _SCOPE)
    try:
        await reconcile(open_work, resources.provider, resources.settings.installation, clock.now())
    except ProviderError as error:
        log.warning("rooms not compared", error=type(error).__name__)
    return False


async def _several(resources: Resources, step: provision.Step) -> bool:
    """Several at a time until there is nothing to do. True when there may be more than there was time for."""
    end = asyncio.get_running_loop().time() + _NO_NEW_AFTER
    open_work = partial(resources.store.work, _SCOPE)

    async def one_after_another() -> bool:
        while asyncio.get_running_loop().time() < end:
            if not await step(open_work, resources.provider, clock.now()):
                return False
        return True

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one_after_another()) for _ in range(_AT_ONCE)]
    return all(task.result() for task in tasks)
