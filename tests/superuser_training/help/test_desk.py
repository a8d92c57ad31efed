"""The "get them in" desk: whoever is stuck is offered to guides, and the first of them gets it."""

import asyncio
import re
from datetime import datetime, timedelta

from aiohttp.test_utils import TestServer
from sqlalchemy import select

from config.settings import Settings
from rooms.people.records.persons import Person
from rooms.schedule.rules.formats import DeviceCheck
from rooms.store.scope import AllCentres, OneCentre
from rooms.store.unit_of_work import Store
from superuser_training.help.records import HelpCall
from superuser_training.help.rules import DESK_PAUSES_FOR
from superuser_training.help.rules.waves import ALL_WAVES
from superuser_training.help.service.calls import take
from superuser_training.help.service.desk import offer
from superuser_training.help.service.ringing import calls_for
from tests.support.callers import Client, another_browser, be, cookies_of_participant, csrf_token
from tests.support.cast import Cast
from tests.support.lively import checked
from tests.support.queries import counted
from tests.support.town import Town

ALL = AllCentres("tests look everywhere")
MINUTE = timedelta(minutes=1)


async def all_calls(store: Store) -> list[HelpCall]:
    async with store.work(ALL) as work:
        return list(await work.session.scalars(select(HelpCall).order_by(HelpCall.asked_at)))


async def desk(store: Store, now: datetime) -> int:
    async with store.work(ALL) as work:
        return await offer(work, now)


async def rings_for(store: Store, cast: Cast, guide: Person, now: datetime) -> list[str]:
    async with store.work(OneCentre(cast.klepp.id)) as work:
        return [one.name for one in await calls_for(work, guide.id, cast.klepp.id, now)]


async def test_whoever_is_stuck_is_offered_once_and_to_those_who_are_near(
    store: Store, cast: Cast, klepp: Town, now: datetime
) -> None:
    far = await klepp.person(is_guide=True)
    session = await klepp.session(cast.amina, cast.guide, starts_in=timedelta(0))
    await checked(klepp, session, cast.amina, DeviceCheck.CAMERA_BLOCKED)
    assert await desk(store, now + 2 * MINUTE) == 0, "most get in by themselves"
    later = now + 4 * MINUTE
    assert await desk(store, later) == 2, "the guide has not come either"
    assert await desk(store, later + MINUTE) == 0
    assert await rings_for(store, cast, cast.guide, later) == ["Amina"], "nobody is asked to help themselves"
    assert await rings_for(store, cast, far, later) != ["Amina", "Samira"]
    assert sorted(await rings_for(store, cast, far, later + ALL_WAVES)) == ["Amina", "Samira"]
    assert {call.session_id for call in await all_calls(store)} == {session.id}
    async with store.work(OneCentre(cast.kvam.id)) as work:
        assert await calls_for(work, cast.kvam_participant.id, cast.kvam.id, later + ALL_WAVES) == []


async def test_whoever_gets_in_is_called_for_no_longer_and_whoever_was_helped_not_at_once(
    store: Store, cast: Cast, klepp: Town, now: datetime
) -> None:
    session = await klepp.session(cast.amina, starts_in=timedelta(0))
    room = await klepp.room(session)
    later = now + 10 * MINUTE
    await desk(store, later)
    (call,) = await all_calls(store)
    async with store.work(OneCentre(cast.klepp.id)) as work:
        assert await take(work, call.id, actor_id=cast.guide.id, now=later)
    assert await desk(store, later + MINUTE) == 0
    again = later + DESK_PAUSES_FOR + MINUTE
    assert await desk(store, again) == 1
    await klepp.stay(await klepp.seat(cast.amina, room), room)
    assert await desk(store, again + timedelta(seconds=10)) == 0
    assert [call.answered_by for call in await all_calls(store)] == [cast.guide.id, None]
    assert all(call.answered_at is not None for call in await all_calls(store))


async def test_of_many_who_take_it_at_once_one_gets_it(store: Store, cast: Cast, klepp: Town, now: datetime) -> None:
    guides = [await klepp.person(is_guide=True) for _ in range(6)]
    await klepp.session(cast.amina, starts_in=timedelta(0))
    await desk(store, now + 5 * MINUTE)
    (call,) = await all_calls(store)

    async def press(guide: Person) -> bool:
        async with store.work(OneCentre(cast.klepp.id)) as work:
            return await take(work, call.id, actor_id=guide.id, now=now + 5 * MINUTE)

    got = await asyncio.gather(*(press(guide) for guide in guides))
    assert sum(got) == 1
    (call,) = await all_calls(store)
    assert call.answered_by == guides[got.index(True)].id


async def test_a_guide_takes_it_on_their_own_page(
    server: TestServer, store: Store, settings: Settings, klepp: Town, cast: Cast, kari: Client
) -> None:
    session = await klepp.session(cast.amina, cast.guide, starts_in=-timedelta(minutes=15))
    await checked(klepp, session, cast.amina, DeviceCheck.MICROPHONE_BLOCKED)
    await desk(store, klepp.now + 5 * MINUTE)
    board = await (await kari.get(f"/sessions/{session.id}")).text()
    assert "Cannot get in" in board
    assert re.search(r"Still outside: 2.*1 × The browser blocks the microphone", board, re.DOTALL)
    async with another_browser(server) as guide, another_browser(server) as participant:
        be(guide, await cookies_of_participant(store, settings, cast.guide) | {"language": "en"})
        be(participant, await cookies_of_participant(store, settings, cast.yusuf) | {"language": "en"})
        page = await (await guide.get("/help/calls")).text()
        assert "The browser blocks the microphone" in page
        assert str(cast.amina.phone) not in page
        (call,) = [call for call in await all_calls(store) if call.person_id == cast.amina.id]
        address, token = f"/help/calls/{call.id}/take", {"csrf_token": await csrf_token(participant)}
        assert "Amina" not in await (await participant.post(address, data=token)).text()
        assert (await all_calls(store))[0].answered_at is None
        assert "Amina" not in await (await participant.get("/help/calls")).text()
        token = {"csrf_token": await csrf_token(guide, "/help/calls")}
        answer = await (await guide.post(address, data=token)).text()
        assert "You are helping" in answer
        assert "Amina" in answer


async def test_a_few_queries_however_many_call(store: Store, cast: Cast, klepp: Town, now: datetime) -> None:
    async def queries() -> int:
        async with store.work(OneCentre(cast.klepp.id)) as work:
            with counted() as found:
                await calls_for(work, cast.guide.id, cast.klepp.id, now + 10 * MINUTE)
        return len(found)

    await klepp.session(cast.amina, starts_in=timedelta(0))
    await desk(store, now + 5 * MINUTE)
    few = await queries()
    await klepp.session(*[await klepp.person() for _ in range(9)], starts_in=timedelta(0))
    for _ in range(5):
        await klepp.person(is_guide=True)
    await desk(store, now + 6 * MINUTE)
    assert await queries() == few
