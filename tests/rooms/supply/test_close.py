"""Rooms are deleted at the provider when their session is over, which throws out whoever is left."""

import uuid
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update

from rooms.schedule.records import Session
from rooms.seating.service.attendance import crowds
from rooms.store.scope import AllCentres
from rooms.store.unit_of_work import Store
from rooms.supply.records import Room
from rooms.supply.rules.demand import GRACE
from rooms.supply.rules.room_life import RoomState
from rooms.supply.service import close, provision
from rooms.supply.service.provision import CLAIM
from rooms.supply.service.use import take_into_use
from rooms.supply.service.want import want_rooms
from rooms.whereby.client import WherebyClient
from tests.support.cast import Cast
from tests.support.factories import make_session
from tests.support.provider import Provider, away

ALL = AllCentres("tests look at every centre")
SECOND = timedelta(seconds=1)


@pytest.fixture
async def session(
    store: Store, cast: Cast, whereby: WherebyClient, opened: provision.OpenWork, now: datetime
) -> Session:
    """A session with a room that is ready."""
    async with store.work(ALL) as work:
        session = await make_session(work, cast.klepp.id, now)
    async with store.work(ALL) as work:
        await want_rooms(work, "sammen", 1000, crowds, now)
    assert await provision.make_next_room(opened, whereby, now)
    return session


async def room_of(store: Store, session_id: uuid.UUID) -> Room:
    async with store.work(ALL) as work:
        return (await work.session.scalars(select(Room).where(Room.session_id == session_id))).one()


async def change(store: Store, session: Session, **values: datetime) -> None:
    async with store.work(ALL) as work:
        await work.session.execute(update(Session).where(Session.id == session.id).values(values))


async def close_all(store: Store, opened: provision.OpenWork, whereby: WherebyClient, now: datetime) -> None:
    async with store.work(ALL) as work:
        await close.retire_rooms(work, now)
    while await close.delete_next_room(opened, whereby, now):
        pass


async def test_a_room_stays_through_the_goodbyes_and_then_goes(
    store: Store, session: Session, provider: Provider, whereby: WherebyClient, opened: provision.OpenWork
) -> None:
    before = await room_of(store, session.id)
    async with store.work(ALL) as work:
        await take_into_use(work, [before.id], session.starts_at)
    await close_all(store, opened, whereby, session.ends_at + GRACE - SECOND)
    assert (await room_of(store, session.id)).state is RoomState.IN_USE
    await close_all(store, opened, whereby, session.ends_at + GRACE)
    after = await room_of(store, session.id)
    assert (after.state, after.url, after.host_url) == (RoomState.GONE, None, None)
    assert provider.deleted == [before.meeting_id]


@pytest.mark.parametrize("how", ["cancelled_at", "ended_at"])
async def test_a_session_that_was_called_off_or_ended_closes_at_once(
    store: Store,
    session: Session,
    provider: Provider,
    whereby: WherebyClient,
    opened: provision.OpenWork,
    now: datetime,
    how: str,
) -> None:
    await change(store, session, **{how: now})
    await close_all(store, opened, whereby, now)
    assert (await room_of(store, session.id)).state is RoomState.GONE
    assert len(provider.deleted) == 1


async def test_a_room_that_nobody_asked_for_needs_no_provider(
    store: Store, cast: Cast, provider: Provider, whereby: WherebyClient, opened: provision.OpenWork, now: datetime
) -> None:
    async with store.work(ALL) as work:
        session = await make_session(work, cast.klepp.id, now)
    async with store.work(ALL) as work:
        await want_rooms(work, "sammen", 1000, crowds, now)
    await change(store, session, cancelled_at=now)
    await close_all(store, opened, whereby, now)
    assert (await room_of(store, session.id)).state is RoomState.GONE
    assert provider.calls == []
    assert not await provision.make_next_room(opened, whereby, now)


async def test_a_room_whose_making_got_no_answer_is_found_and_deleted(
    store: Store,
    session: Session,
    provider: Provider,
    whereby: WherebyClient,
    opened: provision.OpenWork,
    now: datetime,
) -> None:
    """The worker died between the provider's answer and our record; then the session was called off."""
    made = (await room_of(store, session.id)).meeting_id
    async with store.work(ALL) as work:
        await work.session.execute(
            update(Room).values(
                state=RoomState.CREATING,
                meeting_id=None,
                url=None,
                host_url=None,
                asked_at=now,
                claimed_until=now + CLAIM,
            )
        )
    await change(store, session, cancelled_at=now)
    await close_all(store, opened, whereby, now)
    assert (await room_of(store, session.id)).state is RoomState.CREATING  # somebody may still be asking
    await close_all(store, opened, whereby, now + CLAIM)
    assert (await room_of(store, session.id)).state is RoomState.GONE
    assert provider.deleted == [made]


async def test_a_provider_that_is_away_is_asked_again(
    store: Store,
    session: Session,
    provider: Provider,
    whereby: WherebyClient,
    opened: provision.OpenWork,
    now: datetime,
) -> None:
    await change(store, session, cancelled_at=now)
    provider.fault = away
    await close_all(store, opened, whereby, now)
    assert (await room_of(store, session.id)).state is RoomState.RETIRING
    provider.fault = None
    await close_all(store, opened, whereby, now + CLAIM + timedelta(seconds=10))
    assert (await room_of(store, session.id)).state is RoomState.GONE


async def test_a_room_that_is_gone_at_the_provider_is_gone(
    store: Store, session: Session, whereby: WherebyClient, opened: provision.OpenWork, now: datetime
) -> None:
    await whereby.delete(str((await room_of(store, session.id)).meeting_id))
    await change(store, session, cancelled_at=now)
    await close_all(store, opened, whereby, now)
    assert (await room_of(store, session.id)).state is RoomState.GONE
