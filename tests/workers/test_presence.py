"""The provider's events are worked off, all that wait."""

from datetime import datetime

from sqlalchemy import func, select

from rooms.seating.records import ProviderEvent
from rooms.seating.service.events import Taken, keep
from rooms.store.scope import AllCentres
from rooms.store.unit_of_work import Store
from workers.loop import Resources
from workers.presence import provider_events_due

ALL = AllCentres("the provider's events name no centre")


async def test_all_events_that_wait_are_worked_off(resources: Resources, store: Store, now: datetime) -> None:
    """More than one batch of them."""
    async with store.work(ALL) as work:
        await keep(work, [Taken(f"event-{number}", "room.client.joined", "{}", now) for number in range(450)])

    async def waiting() -> int | None:
        async with store.work(ALL) as work:
            return await work.session.scalar(
                select(func.count()).select_from(ProviderEvent).where(ProviderEvent.outcome.is_(None))
            )

    assert await waiting() == 450
    assert await provider_events_due(resources) is False
    assert await waiting() == 0
