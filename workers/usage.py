"""Usage: tell coordinators before a month's budget runs out; fetch the provider's own figures when somebody looks."""

from config import clock
from rooms.store.scope import AllCentres
from rooms.usage.service.budget import centres_to_warn, warn
from rooms.usage.service.insights import read_insights
from workers.loop import Resources
from workers.task import due

_SCOPE = AllCentres("budgets of every centre")
#: Seconds for reading the provider's figures, before others get their turn.
_NO_NEW_AFTER = 20


@due
async def warnings_due(resources: Resources) -> bool:
    """Look at each budget of which nobody was warned this month."""
    async with resources.store.work(_SCOPE) as work:
        centres = await centres_to_warn(work, clock.now())
    for centre_id in centres:
        async with resources.store.work(_SCOPE) as work:
            await warn(work, centre_id, clock.now())
    return False


@due
async def insights_due(resources: Resources) -> bool:
    """Read the provider's figures if somebody asked for them."""
    return await read_insights(
        resources.redis, resources.provider, resources.settings.installation, seconds=_NO_NEW_AFTER
    )
