"""Seven thousand rooms for ten o'clock: points spent beside points needed, and whether every room is ready in time.

    python -m tests.bench.provision

460 centres plan 2 000 sessions that all start on the hour. Two workers make their rooms on a private PostgreSQL and
Redis, at a room server whose budget of 1000 points a minute is real; only the clock is not: ten minutes pass in one.
Bar (exit code 1 below it): at most 1.02 of the points that the rooms themselves cost, no 429, every room ready before
its session opens, and less than two seconds for one look of the planner at all sessions. Then the plan of 100 points is
asked, the evening before and two hours before, which sessions it could not serve.
"""

import asyncio
import random
import sys
import time
import uuid
from collections import Counter
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from aiohttp import web
from pydantic import SecretStr
from sqlalchemy import delete, func, insert, select

from config import clock, logging
from config.settings import DEMO_SECRET, Settings
from rooms.embedded import postgres as private_postgres
from rooms.embedded import redis as private_redis
from rooms.people.records.persons import Person
from rooms.schedule.records import Invitation, Session
from rooms.schedule.rules.formats import Format
from rooms.seating.service.attendance import crowds
from rooms.store.migrate import upgrade
from rooms.store.scope import AllCentres
from rooms.supply.records import Room, Shortage, SpareRoom
from rooms.supply.rules.demand import AHEAD
from rooms.supply.rules.pool import POINTS_A_ROOM
from rooms.supply.rules.room_life import RoomState
from rooms.supply.service.want import want_rooms
from rooms.whereby import budget
from rooms.wiring import METADATA
from tests.support.factories import make_centre
from tests.support.provider import Fault, Handler, Provider, provider_with_faults
from workers.loop import Resources, open_resources
from workers.supply import provision_due

CENTRES, SESSIONS, POINTS, SMALL_PLAN = 460, 2_000, 1000, 100
#: How many times faster than ours the simulated clock goes.
FASTER = 10
MOST_POINTS, MOST_PLANNING = 1.02, 2.0
START = datetime(2026, 11, 24, 9, tzinfo=UTC)
ALL = AllCentres("the bench plans for all centres")


class Clock:
    """Stands still until it is told to run; then ten minutes pass in one."""

    def __init__(self, moment: datetime) -> None:
        self.moment, self.since = moment, 0.0

    def __call__(self) -> datetime:
        passed = (time.monotonic() - self.since) * FASTER if self.since else 0.0
        return self.moment + timedelta(seconds=passed)

    def run_from(self, moment: datetime) -> None:
        """Be at this moment, and go on from there."""
        self.moment, self.since = moment, time.monotonic()


async def main() -> int:
    """Measure, print the figures, and say whether the bars are reached."""
    logging.set_up("ERROR", "bench")
    simulated = Clock(START - timedelta(hours=13))
    clock.now = simulated
    budget._WINDOW_MS //= FASTER  # its minute is Redis's, which is ours
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        provider = await stack.enter_async_context(provider_with_faults(folder, points=POINTS))
        settings = _settings(
            await stack.enter_async_context(private_postgres.throwaway()),
            await stack.enter_async_context(private_redis.throwaway()),
            provider,
        )
        await asyncio.to_thread(upgrade, settings.database_url, METADATA)
        workers = [await open_resources(settings, stack) for _ in range(2)]
        await _seed(workers[0], simulated())
        in_time = [await _small_plan(workers[0], ahead) for ahead in (timedelta(hours=11), timedelta(hours=2))]
        planning = await _planning(workers[0])
        good = await _make_all(workers, provider, simulated)
    print(f"one look of the planner at {SESSIONS} sessions: {planning:.2f} s (bar {MOST_PLANNING:.0f} s)")
    for line in in_time:
        print(line)
    good = good and planning < MOST_PLANNING
    print("reached" if good else "NOT reached")
    return 0 if good else 1


def _settings(database: str, redis: str, provider: Provider) -> Settings:
    return Settings(
        database_url=SecretStr(database),
        redis_url=SecretStr(redis),
        smtp_url=SecretStr("smtp://127.0.0.1:9"),
        whereby_api_url=provider.url,
        whereby_api_key=SecretStr(DEMO_SECRET),
        whereby_webhook_secret=SecretStr(DEMO_SECRET),
        whereby_points_per_minute=POINTS,
        room_hosts=("localhost:8081",),
        secret_keys=SecretStr(f"bench:{DEMO_SECRET}"),
        public_url="http://localhost:8080",
    )


async def _seed(worker: Resources, now: datetime) -> None:
    """Practices of 11 to 20 people each: three or four rooms, seven thousand in all."""
    chance = random.Random(1)
    async with worker.store.work(ALL) as work:
        centres = [make_centre(work, now) for _ in range(CENTRES)]
        await work.session.flush()
        people = {centre.id: [uuid.uuid4() for _ in range(60)] for centre in centres}
        await work.session.execute(
            insert(Person),
            [
                {"id": person, "centre_id": centre, "name": "Person", "ui_language": "nb", "languages": [],
                 "is_guide": False, "created_at": now, "version": 1}
                for centre, persons in people.items()
                for person in persons
            ],
        )  # fmt: skip
        sessions, invitations = [], []
        for number in range(SESSIONS):
            centre_id, session_id = centres[number % CENTRES].id, uuid.uuid4()
            sessions.append(
                {"id": session_id, "centre_id": centre_id, "title": "Språktrening", "format": Format.PRACTICE,
                 "starts_at": START, "ends_at": START + timedelta(hours=1), "opens_before_minutes": 10,
                 "created_at": now, "version": 1, "breakout_rooms": 0}
            )  # fmt: skip
            invitations += [
                {"id": uuid.uuid4(), "centre_id": centre_id, "session_id": session_id, "person_id": person_id,
                 "invited_at": now}
                for person_id in chance.sample(people[centre_id], chance.randint(11, 20))
            ]  # fmt: skip
        await work.session.execute(insert(Session), sessions)
        await work.session.execute(insert(Invitation), invitations)


async def _small_plan(worker: Resources, ahead: timedelta) -> str:
    """What the small plan says so long before the hour, when nothing has been made yet. Leaves no trace."""
    async with worker.store.work(ALL) as work:
        await want_rooms(work, "sammen", SMALL_PLAN, crowds, START - ahead)
        late = (await work.session.scalars(select(Shortage))).all()
        await work.session.execute(delete(Room))
        await work.session.execute(delete(Shortage))
    hours = ahead.total_seconds() / 3600
    if not late:
        return f"{SMALL_PLAN} points a minute, planned {hours:.0f} h ahead: every session can be served"
    too_late = (max(one.complete_at for one in late) - START).total_seconds() / 3600
    return (
        f"{SMALL_PLAN} points a minute, planned {hours:.0f} h ahead: said then that {len(late)} sessions will lack "
        f"{sum(one.missing for one in late)} rooms; the last is there {too_late:.1f} h late"
    )


async def _planning(worker: Resources) -> float:
    """Seconds for one look, before anything is made and while nothing is due: the best of three."""
    took = []
    for _ in range(3):
        began = time.perf_counter()
        async with worker.store.work(ALL) as work:
            await want_rooms(work, "sammen", POINTS, crowds, START - timedelta(hours=4))
        took.append(time.perf_counter() - began)
    return min(took)


async def _make_all(workers: list[Resources], provider: Provider, simulated: Clock) -> bool:
    opens_at = START - timedelta(minutes=10)
    provider.calls.clear()
    answers: Counter[int] = Counter()
    provider.fault = _counting(answers)
    begins = opens_at - AHEAD - timedelta(minutes=30)
    simulated.run_from(begins)

    async def worker(resources: Resources) -> None:
        while simulated() < opens_at:
            if not await provision_due(resources) and await _all_ready(resources):
                return
            await asyncio.sleep(10 / FASTER)  # as beat comes again

    await asyncio.gather(*(worker(each) for each in workers))
    done = simulated()
    async with workers[0].store.work(ALL) as work:
        made, ready = (
            await work.session.execute(
                select(func.count(), func.count().filter(Room.state == RoomState.READY, Room.changed_at <= opens_at))
            )
        ).one()
        first, last = (await work.session.execute(select(func.min(Room.changed_at), func.max(Room.changed_at)))).one()
        spares = await work.session.scalar(select(func.count(SpareRoom.id))) or 0
    spent = sum(POINTS_A_ROOM if method == "POST" else 1 for method, _ in provider.calls)
    needed = made * POINTS_A_ROOM
    print(f"{made} rooms for {SESSIONS} sessions of {CENTRES} centres, {spares} spare ones, {POINTS} points a minute")
    print(
        f"ready in time: {ready} of {made}; the first {_minutes(opens_at - first)}, the last "
        f"{_minutes(opens_at - last)} before the doors open; looked until {_minutes(opens_at - done)} before"
    )
    print(f"points spent / needed: {spent} / {needed} = {spent / needed:.3f} (bar {MOST_POINTS}); 429s: {answers[429]}")
    return ready == made and not answers[429] and spent / needed <= MOST_POINTS


def _counting(answers: Counter[int]) -> Fault:
    async def fault(request: web.Request, handler: Handler) -> web.StreamResponse:
        response = await handler(request)
        answers[response.status] += 1
        return response

    return fault


async def _all_ready(worker: Resources) -> bool:
    async with worker.store.work(ALL) as work:
        rooms = await work.session.scalar(select(func.count(Room.id)))
        ready = await work.session.scalar(select(func.count(Room.id)).where(Room.state == RoomState.READY))
        sessions = await work.session.scalar(select(func.count(Room.session_id.distinct())))
        spares = await work.session.scalar(select(func.count()).where(SpareRoom.state == RoomState.READY))
    return bool(rooms) and rooms == ready and sessions == SESSIONS and bool(spares)


def _minutes(span: timedelta) -> str:
    return f"{span.total_seconds() / 60:.0f} min"


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
