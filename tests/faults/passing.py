"""What time and beat do, at once."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

from sqlalchemy import update

from config import clock
from rooms.messages.records import Message
from rooms.messages.rules import MessageState
from rooms.messages.service.outbox import LEASE
from rooms.store.scope import AllCentres
from rooms.store.unit_of_work import Store
from rooms.supply.records import Room, SpareRoom
from rooms.supply.service.provision import CLAIM

ALL = AllCentres("tests look at every centre")


async def a_minute_passes(store: Store) -> None:
    """What a dead worker held is free: its claims end by the clock, within a minute."""
    assert max(LEASE, CLAIM) <= timedelta(minutes=1)
    async with store.work(ALL) as work:
        past = clock.now() - timedelta(seconds=1)
        await work.session.execute(
            update(Message).where(Message.state == MessageState.SENDING).values(next_try_at=past)
        )
        for record in (Room, SpareRoom):
            await work.session.execute(
                update(record).where(record.claimed_until.is_not(None)).values(claimed_until=past, next_try_at=past)
            )


def keep_waking(store: Store, *tasks: str, done: Callable[[], Awaitable[bool]]) -> Callable[[], Awaitable[bool]]:
    """As beat does: say it again until it is done."""

    async def ask() -> bool:
        if await done():
            return True
        async with store.work(ALL) as work:
            work.wake_worker(*tasks)
        return False

    return ask
