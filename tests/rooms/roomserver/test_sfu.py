"""XL rooms in real browsers on a real Janus: many see and hear each other, and whatever breaks heals or ends."""

import asyncio
import signal
from collections.abc import AsyncIterator
from typing import Any, Self

import pytest
from playwright.async_api import Browser

from rooms.embedded import janus
from rooms.roomserver.sfu.janus_link import JanusRefused, Link
from tests.rooms.roomserver.talking import Talker, talking
from tests.rooms.roomserver.xl import enter, health, janus_or_skip, leave, receives, server_with, stats, tiles
from tests.support.browser import chromium
from tests.support.room_server import RoomServer
from tests.support.waiting import until

pytestmark = [pytest.mark.browser, pytest.mark.video]


@pytest.fixture(scope="module")
async def running_janus() -> AsyncIterator[janus.Running]:
    async with janus_or_skip() as running:
        yield running


@pytest.fixture(scope="module")
async def xl(running_janus: janus.Running, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RoomServer]:
    """A room server with Janus."""
    async with server_with(running_janus, tmp_path_factory.mktemp("xl")) as server:
        yield server


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium(more=["--autoplay-policy=no-user-gesture-required"]) as running:
        yield running


class Inside:
    """Janus, asked from inside by whoever knows its secrets."""

    def __init__(self, running: janus.Running) -> None:
        self._running = running
        self.link = Link(
            running.janus.variables["ROOM_SERVER_JANUS_URL"],
            running.janus.api_secret,
            began=self._attach,
            lost=lambda _: None,
            told=lambda _: None,
        )
        self._task: asyncio.Task[None] | None = None
        self._began = asyncio.Event()
        self.handle = 0

    async def _attach(self) -> None:
        self.handle = await self.link.attach()
        self._began.set()

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self.link.run())
        async with asyncio.timeout(10):
            await self._began.wait()
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._task is not None
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def ask(self, **body: Any) -> dict[str, Any]:
        answer: dict[str, Any] = (await self.link.message(self.handle, body))["data"]
        return answer

    async def exists(self, room: str) -> bool:
        """Whether there is this room."""
        return bool((await self.ask(request="exists", room=room))["exists"])

    async def rooms(self) -> list[dict[str, Any]]:
        """Private ones too."""
        found: list[dict[str, Any]] = (await self.ask(request="list", admin_key=self._running.janus.admin_key))["list"]
        return found


async def test_four_people_and_one_who_only_watches_see_and_hear_each_other(browser: Browser, xl: RoomServer) -> None:
    room = await xl.create(roomMode="group")
    assert room["capacity"] == 200
    told = await health(xl)
    assert (told["sfu"], told["group_capacity"], told["sfu_problem"]) == (True, 200, None)
    names = {f"Person {number}" for number in range(4)}
    people = await asyncio.gather(*(enter(browser, room["roomUrl"], name) for name in sorted(names)))
    quiet = await enter(browser, room["roomUrl"], "Quiet", audio="off", video="off")
    await asyncio.gather(
        *(receives(page, names - {name}) for page, name in zip(people, sorted(names), strict=True)),
        receives(quiet, names),
    )
    await leave(quiet)
    await tiles(people[0], 4, seconds=10)  # who closes the page is gone at once
    await leave(*people)


async def test_deleting_a_meeting_throws_everybody_out_of_janus_too(
    browser: Browser, xl: RoomServer, running_janus: janus.Running
) -> None:
    room = await xl.create(roomMode="group")
    pages = [await enter(browser, room["roomUrl"], name) for name in ("Amina", "Yusuf")]
    await receives(pages[0], {"Yusuf"})
    async with Inside(running_janus) as inside:
        [inner] = [each for each in await inside.rooms() if each["num_participants"] == 2]
        await xl.delete(room["meetingId"])
        for page in pages:
            await page.get_by_role("heading", name="Dette rommet er stengt").wait_for()

        async def is_gone() -> bool:
            return not await inside.exists(inner["room"])

        await until(is_gone)
    await leave(*pages)


async def hear_until(talker: Talker, kind: str) -> dict[str, Any]:
    """The next message of this kind; what comes before it is let go."""
    async with asyncio.timeout(10):
        while True:
            message: dict[str, Any] = await talker.socket.receive_json()
            if message["t"] == kind:
                return message


async def test_a_ticket_works_once_and_only_for_whom_it_was_made(xl: RoomServer, running_janus: janus.Running) -> None:
    room = await xl.create(roomMode="group")
    async with Inside(running_janus) as inside:
        others = {each["room"] for each in await inside.rooms()}
    async with talking(xl, room) as amina, talking(xl, room) as yusuf, Inside(running_janus) as inside:
        ticket = (await hear_until(amina, "ticket"))["ticket"]
        other = (await hear_until(yusuf, "ticket"))["ticket"]
        [inner] = {each["room"] for each in await inside.rooms()} - others

        async def people() -> int:
            return len((await inside.ask(request="listparticipants", room=inner))["participants"])

        # Somebody else's, and one that was never made: nothing happens, and one's own still works.
        await amina.say("connect", ticket=other)
        await amina.say("connect", ticket="x" * 32)
        await amina.say("publish", description={"type": "offer", "sdp": "v=0"})
        await amina.say("ping")
        await hear_until(amina, "pong")
        assert await people() == 0
        await amina.say("connect", ticket=ticket)
        await hear_until(amina, "connected")
        assert await people() == 1
        # Used, it opens nothing: neither by the page's way nor straight at Janus.
        await amina.say("connect", ticket=ticket)
        await amina.say("ping")
        await hear_until(amina, "pong")
        assert await people() == 1
        for token in (ticket, "x" * 32, None):
            join = {"request": "join", "ptype": "publisher", "room": inner, "id": "stranger"}
            with pytest.raises(JanusRefused) as refused:
                await inside.ask(**join, **({"token": token} if token else {}))
            assert refused.value.code == 433
        with pytest.raises(JanusRefused):
            await inside.ask(request="join", ptype="subscriber", room=inner, streams=[{"feed": "anybody"}])
        with pytest.raises(JanusRefused):
            await inside.ask(request="destroy", room=inner, secret="guessed")
        with pytest.raises(JanusRefused):
            await inside.ask(request="create", room="mine")


async def test_when_janus_is_killed_people_are_together_again_by_themselves(
    browser: Browser, running_janus: janus.Running, xl: RoomServer
) -> None:
    room = await xl.create(roomMode="group")
    pages = [await enter(browser, room["roomUrl"], name) for name in ("Amina", "Yusuf")]
    await asyncio.gather(receives(pages[0], {"Yusuf"}), receives(pages[1], {"Amina"}))
    ids = {each["id"] for page in pages for each in (await stats(page)).values()}
    running_janus.child.process.send_signal(signal.SIGKILL)
    for page in pages:
        await page.get_by_text("Forbindelsen ble brutt").wait_for()
    assert (await health(xl))["sfu"], "a short absence is no reason to make small rooms"
    again = await janus.start(running_janus.janus, log=running_janus.child.log)
    try:
        for page in pages:
            await page.get_by_text("Forbindelsen ble brutt").wait_for(state="hidden")
        await asyncio.gather(receives(pages[0], {"Yusuf"}), receives(pages[1], {"Amina"}))
        assert {each["id"] for page in pages for each in (await stats(page)).values()} == ids
        await leave(*pages)
    finally:
        await again.stop()
