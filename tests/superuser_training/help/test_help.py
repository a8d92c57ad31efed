"""Asking for help, and answering, through the real application."""

import asyncio
import re
from datetime import datetime, timedelta

from redis.asyncio import Redis
from sqlalchemy import select

from rooms.access.records import Device
from rooms.access.rules.devices import WAITS_FOR
from rooms.audit.records import AuditEntry
from rooms.audit.rules import Event
from rooms.schedule.rules.formats import DeviceCheck
from rooms.store.redis import LIVE_CHANNEL
from rooms.store.scope import AllCentres, OneCentre
from rooms.store.unit_of_work import Store
from rooms.store.wakeups import centre_topic
from superuser_training.help.records import HelpCall
from superuser_training.help.rules import ASKS_ANEW_AFTER
from superuser_training.help.service import calls
from superuser_training.help.service.queue import who_waits
from tests.support.callers import Client, csrf_token
from tests.support.cast import Cast
from tests.support.lively import calls as has_called
from tests.support.lively import checked, stands_outside
from tests.support.queries import counted
from tests.support.town import Town
from tests.support.wakeups import hear

ALL = AllCentres("tests look everywhere")


async def all_calls(store: Store) -> list[HelpCall]:
    async with store.work(ALL) as work:
        return list(await work.session.scalars(select(HelpCall)))


async def ask(client: Client) -> tuple[int, dict[str, str]]:
    response = await client.post("/help", json={}, headers={"X-CSRF-Token": await csrf_token(client)})
    return response.status, await response.json() if response.status == 200 else {}


async def test_a_participant_is_told_who_was_told(
    amina: Client, store: Store, cast: Cast, klepp: Town, redis: Redis
) -> None:
    session = await klepp.session(cast.amina, starts_in=timedelta(minutes=5))
    async with redis.pubsub() as pages:
        await pages.subscribe(LIVE_CHANNEL)
        status, answer = await ask(amina)
        await hear(pages, centre_topic(cast.klepp.id))
    assert (status, answer) == (200, {"told": cast.klepp.name, "phone": cast.klepp.phone})
    (call,) = await all_calls(store)
    assert (call.person_id, call.session_id, call.answered_at) == (cast.amina.id, session.id, None)


async def test_pressing_help_again_and_again_is_one_call(amina: Client, store: Store) -> None:
    assert [(await ask(amina))[0] for _ in range(3)] == [200, 200, 200]
    assert len(await all_calls(store)) == 1


async def test_pressing_twice_in_the_same_moment_is_one_call(store: Store, cast: Cast, now: datetime) -> None:
    async def press() -> bool:
        async with store.work(OneCentre(cast.klepp.id)) as work:
            return await calls.ask(work, cast.amina.id, centre_id=cast.klepp.id, session_id=None, now=now)

    assert sorted(await asyncio.gather(press(), press(), press())) == [False, False, True]
    assert len(await all_calls(store)) == 1


async def test_asking_after_a_long_time_asks_anew(store: Store, cast: Cast, klepp: Town, now: datetime) -> None:
    session = await klepp.session(cast.amina, starts_in=timedelta(minutes=5))

    async def press(minutes: float, of: object = None) -> bool:
        async with store.work(OneCentre(cast.klepp.id)) as work:
            moment = now + timedelta(minutes=minutes)
            return await calls.ask(
                work, cast.amina.id, centre_id=cast.klepp.id, session_id=session.id if of else None, now=moment
            )

    late = ASKS_ANEW_AFTER.total_seconds() / 60 + 1
    assert [await press(0), await press(1), await press(late), await press(late + 1, session)] == [
        True,
        False,
        True,
        True,
    ]
    (call,) = await all_calls(store)
    assert (call.asked_at, call.session_id) == (now + timedelta(minutes=late + 1), session.id)


async def test_a_replaced_link_cannot_ask(amina: Client, store: Store, cast: Cast, now: datetime) -> None:
    from rooms.access.service.links import replace

    async with store.work(ALL) as work:
        await replace(work, cast.amina.id, {"test": "x" * 40}, actor_id=None, now=now)
    assert (await ask(amina))[0] == 404
    assert await all_calls(store) == []


async def test_who_waits_in_the_order_of_need(store: Store, cast: Cast, klepp: Town, now: datetime) -> None:
    later = await klepp.session(cast.yusuf, starts_in=timedelta(hours=5))
    running = await klepp.session(cast.amina, cast.guide, starts_in=-timedelta(minutes=5))
    await checked(klepp, running, cast.guide, DeviceCheck.CAMERA_BLOCKED)
    await has_called(klepp, later, cast.yusuf, 60)
    await has_called(klepp, running, cast.guide, 2)
    await stands_outside(klepp, cast.amina, 4)
    async with store.work(OneCentre(cast.klepp.id)) as work:
        with counted() as queries:
            found = await who_waits(work, now)
        assert [(one.name, one.minutes(now)) for one in found] == [("Amina", 4), ("Samira", 2), ("Yusuf", 60)]
        assert found[1].device_check is DeviceCheck.CAMERA_BLOCKED
        assert len(queries) == 2
        of_session = await who_waits(work, now, session_id=running.id)
        assert [one.name for one in of_session] == ["Amina", "Samira"]
        assert await who_waits(work, now + WAITS_FOR, session_id=running.id) == [of_session[1]]  # its page is silent
    async with store.work(OneCentre(cast.kvam.id)) as work:
        assert await who_waits(work, now) == []


async def press(client: Client, address: str) -> tuple[int, str]:
    response = await client.post(address, data={"csrf_token": await csrf_token(client)}, allow_redirects=False)
    return response.status, response.headers.get("Location", "")


async def test_a_coordinator_takes_the_call(kari: Client, store: Store, cast: Cast, klepp: Town) -> None:
    session = await klepp.session(cast.amina, starts_in=timedelta(minutes=5))
    call = await has_called(klepp, session, cast.amina, 3)
    page = await (await kari.get("/help/queue")).text()
    assert "Asks for help" in page
    assert re.search(r">\s*3 min", page)
    assert await press(kari, f"/help/{call.id}/answer?session={session.id}") == (
        303,
        f"/sessions/{session.id}?done=answered",
    )
    assert await press(kari, f"/help/{call.id}/answer") == (303, "/today?done=answered")  # harmless twice
    (answered,) = await all_calls(store)
    assert answered.answered_by == cast.coordinator.id
    async with store.work(ALL) as work:
        events = await work.session.scalars(select(AuditEntry.event).where(AuditEntry.event == Event.HELP_ANSWERED))
        assert len(events.all()) == 1
    assert "Nobody waits for you." in await (await kari.get("/help/queue")).text()


async def test_a_stranger_cannot_take_it(nils: Client, store: Store, cast: Cast, klepp: Town) -> None:
    call = await has_called(klepp, None, cast.amina, 3)
    assert "Amina" not in await (await nils.get("/help/queue")).text()
    assert (await press(nils, f"/help/{call.id}/answer"))[0] == 404
    (untouched,) = await all_calls(store)
    assert untouched.answered_at is None


async def test_a_second_device_is_let_in_from_the_queue(
    kari: Client, nils: Client, store: Store, cast: Cast, klepp: Town, now: datetime
) -> None:
    device = await stands_outside(klepp, cast.amina, 1)
    assert "Wants in with another device" in await (await kari.get("/help/queue")).text()
    assert (await press(nils, f"/devices/{device.id}/let-in"))[0] == 404
    assert await press(kari, f"/devices/{device.id}/let-in") == (303, "/today?done=let-in")
    async with store.work(ALL) as work:
        found = await work.session.get_one(Device, device.id)
        assert found.asked_at is None
        assert found.let_in_at is not None
        assert found.let_in_at >= now
    assert "Nobody waits for you." in await (await kari.get("/help/queue")).text()
