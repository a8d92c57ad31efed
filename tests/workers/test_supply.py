"""The tasks around rooms: all that is due, or as much as there is time for."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update

from rooms.schedule.records import Session
from rooms.store.scope import AllCentres
from rooms.store.unit_of_work import Store
from rooms.supply.records import Room
from rooms.supply.rules.pool import FEWEST_SPARES
from rooms.supply.rules.room_life import RoomState
from tests.support.cast import Cast
from tests.support.factories import make_person, make_session
from tests.support.provider import Provider
from workers import supply
from workers.loop import Resources
from workers.supply import close_due, provision_due

ALL = AllCentres("tests look at every centre")


async def a_practice_of_thirty(store: Store, cast: Cast, now: datetime) -> None:
    async with store.work(ALL) as work:
        people = [make_person(work, cast.klepp.id, now) for _ in range(30)]
        await work.session.flush()
        await make_session(work, cast.klepp.id, now, invited=people)


async def states(store: Store) -> list[RoomState]:
    async with store.work(ALL) as work:
        return list(await work.session.scalars(select(Room.state)))


async def test_rooms_come_and_go_with_their_session(
    resources: Resources, store: Store, cast: Cast, provider: Provider, now: datetime
) -> None:
    await a_practice_of_thirty(store, cast, now)
    assert await provision_due(resources) is False
    assert await states(store) == [RoomState.READY] * 6
    assert await close_due(resources) is False
    assert await states(store) == [RoomState.READY] * 6
    async with store.work(ALL) as work:
        long_ago = now - timedelta(hours=1)
        await work.session.execute(update(Session).values(starts_at=long_ago - timedelta(hours=1), ends_at=long_ago))
    assert await close_due(resources) is False
    assert await states(store) == [RoomState.GONE] * 6
    assert len(provider.deleted) == 6
    # Six for the session, and as many spare ones as it could have needed at once.
    assert len(provider.made) == 6 + FEWEST_SPARES
    assert await provision_due(resources) is False
    assert len(provider.made) == 6 + FEWEST_SPARES


async def test_what_there_was_no_time_for_is_said(
    resources: Resources, store: Store, cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    await a_practice_of_thirty(store, cast, now)
    monkeypatch.setattr(supply, "_NO_NEW_AFTER", 0)
    assert await provision_due(resources) is True
    assert set(await states(store)) == {RoomState.WANTED}
