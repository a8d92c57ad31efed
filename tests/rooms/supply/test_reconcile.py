"""The provider's rooms and ours, compared on a real provider: orphans go, what is lost is replaced."""

import uuid
from datetime import timedelta

import pytest
from aiohttp import web
from sqlalchemy import select, update

from rooms.people.records.persons import Person
from rooms.schedule.records import Session
from rooms.seating.records import Seat
from rooms.seating.service.attendance import crowds
from rooms.seating.service.rotation import move_to_new_rooms, rotate_room
from rooms.store.scope import AllCentres
from rooms.supply.records import Room, SpareRoom
from rooms.supply.rules.room_life import RoomError, RoomState
from rooms.supply.service import provision
from rooms.supply.service.reconcile import Differences, reconcile
from rooms.supply.service.want import want_rooms
from rooms.whereby.client import WherebyClient
from rooms.whereby.errors import ProviderError
from rooms.whereby.protocol import NewMeeting, RoomMode, room_prefix
from tests.support.provider import Handler, Provider, away
from tests.support.town import Town

ALL = AllCentres("tests look at every centre")
MINUTE = timedelta(minutes=1)


async def a_session_with_its_room(
    town: Town, whereby: WherebyClient, opened: provision.OpenWork, *people: Person
) -> tuple[Session, Room]:
    session = await town.session(*people, starts_in=5 * MINUTE)
    async with town.work() as work:
        await want_rooms(work, "sammen", 1000, crowds, town.now)
    while await provision.make_next_room(opened, whereby, town.now):
        pass
    async with town.work() as work:
        return session, (await work.session.scalars(select(Room).where(Room.session_id == session.id))).one()


async def a_room_at_the_provider(town: Town, whereby: WherebyClient, prefix: str) -> str:
    meeting = await whereby.create(
        NewMeeting(end_date=town.now + timedelta(hours=3), mode=RoomMode.GROUP, prefix=prefix)
    )
    return meeting.meeting_id


async def test_orphans_go_and_nothing_else(town: Town, whereby: WherebyClient, opened: provision.OpenWork) -> None:
    _session, room = await a_session_with_its_room(town, whereby, opened)
    orphan = await a_room_at_the_provider(town, whereby, room_prefix("sammen", uuid.uuid4()))
    twin = await a_room_at_the_provider(town, whereby, room.prefix)
    others = {
        await a_room_at_the_provider(town, whereby, prefix)
        for prefix in (room_prefix("annet", uuid.uuid4()), "sammen-mote-")
    }
    assert await reconcile(opened, whereby, "sammen", town.now + MINUTE) == Differences(
        listed=5, orphans=2, deleted=2, lost=0
    )
    left = {meeting.meeting_id async for meeting in whereby.list_meetings()}
    assert left == {room.meeting_id, *others}
    assert {orphan, twin}.isdisjoint(left)
    assert await reconcile(opened, whereby, "sammen", town.now + MINUTE) == Differences(3, 0, 0, 0)


async def test_a_lost_room_is_replaced_and_its_people_follow(
    town: Town, whereby: WherebyClient, opened: provision.OpenWork
) -> None:
    person = await town.person()
    session, room = await a_session_with_its_room(town, whereby, opened, person)
    await town.stay(await town.seat(person, room), room)
    await whereby.delete(str(room.meeting_id))
    found = await reconcile(opened, whereby, "sammen", town.now + MINUTE)
    assert found.lost == 1
    while await provision.make_next_room(opened, whereby, town.now + MINUTE):
        pass
    async with town.work() as work:
        await move_to_new_rooms(work, session.id, town.now + MINUTE)
    async with town.work() as work:
        old, new = (
            await work.session.scalars(select(Room).where(Room.session_id == session.id).order_by(Room.generation))
        ).all()
        seat = (await work.session.scalars(select(Seat))).one()
    assert (old.state, old.last_error, old.url) == (RoomState.GONE, RoomError.LOST, None)
    assert (new.state, new.number) == (RoomState.IN_USE, old.number)
    assert seat.room_id == new.id
    assert (await whereby.get(str(new.meeting_id))).room_url == new.url


async def test_a_room_lost_while_its_rotation_waits_is_not_replaced_once_more(
    town: Town, whereby: WherebyClient, opened: provision.OpenWork
) -> None:
    person = await town.person()
    session, room = await a_session_with_its_room(town, whereby, opened, person)
    async with town.work() as work:
        await rotate_room(work, room.id, installation="sammen", actor_id=None, now=town.now)
    await whereby.delete(str(room.meeting_id))
    assert (await reconcile(opened, whereby, "sammen", town.now + MINUTE)).lost == 1
    async with town.work() as work:
        rooms = await work.session.scalars(select(Room).where(Room.session_id == session.id).order_by(Room.generation))
        assert [room.state for room in rooms] == [RoomState.GONE, RoomState.WANTED]


async def test_a_room_takes_as_many_as_the_provider_says_now(
    town: Town, whereby: WherebyClient, opened: provision.OpenWork
) -> None:
    _session, room = await a_session_with_its_room(town, whereby, opened)
    said = (await whereby.get(str(room.meeting_id))).capacity
    async with town.work() as work:
        await work.session.execute(update(Room).values(capacity=1))
    await reconcile(opened, whereby, "sammen", town.now + MINUTE)
    async with town.work() as work:
        assert (await work.session.scalars(select(Room.capacity))).all() == [said]


async def test_a_lost_spare_room_is_forgotten(town: Town, whereby: WherebyClient, opened: provision.OpenWork) -> None:
    spare = await town.spare(changed_at=town.now - MINUTE)
    assert (await reconcile(opened, whereby, "sammen", town.now)).lost == 1
    async with town.work() as work:
        assert await work.session.get(SpareRoom, spare.id) is None


async def test_a_room_that_the_list_forgot_is_not_lost(
    town: Town, provider: Provider, whereby: WherebyClient, opened: provision.OpenWork
) -> None:
    """The list is read page by page while rooms come and go; the room itself is asked for before it is given up."""

    async def empty_list(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path == "/v1/meetings" and request.method == "GET":
            return web.json_response({"results": [], "cursor": None})
        return await handler(request)

    _session, _room = await a_session_with_its_room(town, whereby, opened)
    provider.fault = empty_list
    assert await reconcile(opened, whereby, "sammen", town.now + MINUTE) == Differences(0, 0, 0, 0)


async def test_a_provider_that_is_away_loses_nothing(
    town: Town, provider: Provider, whereby: WherebyClient, opened: provision.OpenWork
) -> None:
    _session, room = await a_session_with_its_room(town, whereby, opened)
    provider.fault = away
    with pytest.raises(ProviderError):
        await reconcile(opened, whereby, "sammen", town.now + MINUTE)
    async with town.work() as work:
        assert (await work.session.get_one(Room, room.id)).state is RoomState.READY
