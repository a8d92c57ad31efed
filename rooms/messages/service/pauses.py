"""A channel of which nobody is there rests: messages wait and keep their tries, and one is sent now and then to see."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert

from rooms.messages.records import ChannelPause
from rooms.messages.rules import Channel, rest
from rooms.store.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Standing:
    """The channels that rest, and those of which this worker, and no other, shall try one message."""

    resting: tuple[Channel, ...] = ()
    to_try: tuple[Channel, ...] = ()


#: When nobody knows of any pause.
ALL_OPEN = Standing()


async def standing(work: UnitOfWork, now: datetime, lease: timedelta) -> Standing:
    """How the channels stand. A try is this worker's for `lease`: when it dies, another one tries."""
    resting: list[Channel] = []
    to_try: list[Channel] = []
    for pause in await all_pauses(work):
        taken = await work.session.scalar(
            update(ChannelPause)
            .where(ChannelPause.channel == pause.channel, ChannelPause.until <= now)
            .values(until=now + lease)
            .returning(ChannelPause.channel)
            .execution_options(synchronize_session=False)
        )
        (resting if taken is None else to_try).append(pause.channel)
    return Standing(tuple(resting), tuple(to_try))


async def pause(work: UnitOfWork, channel: Channel, error: str, now: datetime) -> datetime:
    """Nobody was there: let the channel rest, longer each time in a row. Answers until when."""
    failures = 1 + (
        await work.session.scalar(select(ChannelPause.failures).where(ChannelPause.channel == channel)) or 0
    )
    until = now + rest(failures, random.random())  # noqa: S311 - spreads tries, guards nothing
    values = {"until": until, "failures": failures, "error": error}
    await work.session.execute(
        insert(ChannelPause)
        .values(channel=channel, since=now, **values)
        .on_conflict_do_update(index_elements=["channel"], set_=values)
    )
    return until


async def resume(work: UnitOfWork, channel: Channel) -> bool:
    """Somebody is there. True when the channel was resting."""
    ended = await work.session.scalar(
        delete(ChannelPause).where(ChannelPause.channel == channel).returning(ChannelPause.channel)
    )
    return ended is not None


async def all_pauses(work: UnitOfWork) -> Sequence[ChannelPause]:
    """The channels of which nobody was there, the longest away first."""
    return (await work.session.scalars(select(ChannelPause).order_by(ChannelPause.since))).all()
