"""The web process and the worker are killed in the middle of opening, closing and tending a breakout."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import ClientError, ClientSession, ClientTimeout, CookieJar
from sqlalchemy import func, select, text
from yarl import URL

from config import clock
from config.settings import Settings
from rooms.breakout.rules.timing import BreakoutState
from rooms.breakout.service.plans import plan_groups
from rooms.breakout.service.rounds import Opening
from rooms.seating.records import Group, GroupSeat, Round
from rooms.supply.records import Room
from tests.faults.passing import keep_waking
from tests.support.callers import cookies_of_coordinator
from tests.support.cast import Cast
from tests.support.gathering import Gathering, MakeGathering
from tests.support.room_server import free_port
from tests.support.waiting import until
from tests.support.workers import running

TEND = "workers.breakout.tend_due"


@asynccontextmanager
async def web(settings: Settings, log: Path) -> AsyncIterator[tuple[Callable[[], None], int]]:
    """A web process: how to kill it, and its port."""
    port = free_port()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WEB_PORT", str(port))
        async with running("web", settings, log) as process, ClientSession() as http:

            async def answers() -> bool:
                try:
                    async with http.get(f"http://127.0.0.1:{port}/healthz") as response:
                        return response.status == 200
                except ClientError:
                    return False

            await until(answers, seconds=30)
            yield process.kill, port


async def press(meeting: Gathering, cookies: dict[str, str], port: int, button: str) -> int:
    """Press a button of the board; the answer's status, 0 for none."""
    base = URL(f"http://127.0.0.1:{port}")
    jar = CookieJar(unsafe=True)
    jar.update_cookies(cookies, base)
    async with ClientSession(base, cookie_jar=jar, timeout=ClientTimeout(total=60)) as http:
        async with http.get("/sign-in") as response:
            token = (await response.text()).partition('name="csrf_token" value="')[2].partition('"')[0]
        address = f"/sessions/{meeting.session.id}/breakout/{button}"
        try:
            async with http.post(address, data={"csrf_token": token}, allow_redirects=False) as response:
                return response.status
        except ClientError:
            return 0


async def waits_for_a_lock(meeting: Gathering) -> bool:
    """Whether some statement of the service waits for the lock that the test holds."""
    async with meeting.town.work() as work:
        waiting = text("select count(*) from pg_stat_activity where wait_event_type = 'Lock'")
        return bool(await work.session.scalar(waiting))


async def killed_in_the_middle(
    meeting: Gathering, record: type[Room] | type[Round], kill: Callable[[], None], pressing: Awaitable[int]
) -> None:
    """Press while rows that it will write are held; when it waits for them, kill the process."""
    async with meeting.town.work() as work:
        await work.session.execute(select(record).with_for_update())
        task = asyncio.ensure_future(pressing)
        await until(lambda: waits_for_a_lock(meeting), seconds=30)
        kill()
        assert await task == 0

    async def nobody_waits() -> bool:
        return not await waits_for_a_lock(meeting)

    await until(nobody_waits, seconds=30)


async def everything_is_right(meeting: Gathering) -> None:
    """Nobody sits twice in a round, no room has two groups in one, and no seat is nowhere."""
    async with meeting.town.work() as work:
        seats = (await work.session.execute(select(GroupSeat.round_id, GroupSeat.person_id))).all()
        rooms = (
            await work.session.execute(select(Group.round_id, Group.room_id).where(Group.room_id.is_not(None)))
        ).all()
    assert not [one for one, times in Counter(map(tuple, seats)).items() if times > 1]
    assert not [one for one, times in Counter(map(tuple, rooms)).items() if times > 1]
    assert None not in (await meeting.rooms_at(clock.now())).values()


async def test_opening_and_closing_survive_a_killed_web_process(
    gathering: MakeGathering, cast: Cast, settings: Settings, tmp_path: Path
) -> None:
    meeting = await gathering(12)
    await meeting.plan(clock.now(), rounds=2)
    async with meeting.town.work() as work:
        await plan_groups(work, meeting.session.id, keys=meeting.keys, now=clock.now())
    cookies = await cookies_of_coordinator(meeting.town.store, settings, cast.coordinator)
    async with web(settings, tmp_path / "opening.log") as (kill, port):
        await killed_in_the_middle(meeting, Room, kill, press(meeting, cookies, port, "open"))
    assert (await meeting.whole()).state(clock.now()) is BreakoutState.DRAFT
    assert set((await meeting.rooms_at(clock.now())).values()) == {meeting.big.id}
    await everything_is_right(meeting)
    async with web(settings, tmp_path / "closing.log") as (kill, port):
        assert await press(meeting, cookies, port, "open") == 303
        groups = await meeting.groups_at(clock.now())
        assert sum(map(len, groups.values())) == 12
        await killed_in_the_middle(meeting, Round, kill, press(meeting, cookies, port, "stop"))
    assert await meeting.groups_at(clock.now()) == groups
    await everything_is_right(meeting)
    async with web(settings, tmp_path / "again.log") as (_, port):
        assert await press(meeting, cookies, port, "stop") == 303
        assert await press(meeting, cookies, port, "stop") == 303
    assert set((await meeting.rooms_at(clock.now())).values()) == {meeting.big.id}


async def test_late_comers_are_placed_once_by_workers_that_die(
    gathering: MakeGathering, worker_settings: Settings, tmp_path: Path
) -> None:
    meeting = await gathering(15, rooms=4, absent=range(12, 15))
    await meeting.plan(clock.now())
    assert await meeting.open(clock.now()) is Opening.OPENED
    before = await meeting.rooms_at(clock.now())
    for person in meeting.people[12:]:
        await meeting.comes(person)

    async def placed() -> bool:
        async with meeting.town.work() as work:
            return bool(await work.session.scalar(select(func.count(GroupSeat.id)))) and all(
                room != meeting.big.id for room in (await meeting.rooms_at(clock.now())).values()
            )

    async with meeting.town.work() as work:
        # What placing writes to has to wait, in the middle of its transaction.
        await work.session.execute(text("lock table breakout_seat in share mode"))
        async with running("worker", worker_settings, tmp_path / "dies.log") as worker:
            waits = keep_waking(meeting.town.store, TEND, done=lambda: waits_for_a_lock(meeting))
            await until(waits, seconds=60, every=0.3)
            worker.kill()
            await worker.process.wait()
    async with running("worker", worker_settings, tmp_path / "lives.log"):
        await until(keep_waking(meeting.town.store, TEND, done=placed), seconds=90, every=0.3)
    after = await meeting.rooms_at(clock.now())
    assert {person: after[person] for person in before} == before
    await everything_is_right(meeting)
