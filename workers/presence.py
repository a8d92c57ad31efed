"""The provider's events, worked off into who was where and when."""

from config import clock
from rooms.seating.service.events import work_off_events
from rooms.store.scope import AllCentres
from workers.loop import Resources
from workers.task import due

#: Batches a look; what is left then waits a few seconds for the next.
_MOST_BATCHES = 50


@due
async def provider_events_due(resources: Resources) -> bool:
    """Work off what has come in since the last look."""
    for _ in range(_MOST_BATCHES):
        async with resources.store.work(AllCentres("the provider's events name no centre")) as work:
            if not await work_off_events(work, clock.now()):
                return False
    return True
