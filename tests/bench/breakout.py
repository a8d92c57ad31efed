"""From the click on *start* to the moment when the last connected page has its new seat, beside a bare fan-out.

    python -m tests.bench.breakout [50 500 5000]

Real PostgreSQL and Redis, two web processes, raw WebSocket clients that only note when a frame came. The groups are
planned ahead; the click takes them as they are. Bare: the same sockets in number at two processes that pass on what
Redis publishes, a message of the same size. Bar (exit code 1 above it): three times the bare fan-out, plus the
planner's time, which is none here. The planner itself is measured by `tests.bench.breakout_planner`. Only ratios within
one run mean anything.
"""

import asyncio
import os
import secrets
import sys
import time
import uuid
from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from typing import Any

from aiohttp import ClientSession, CookieJar
from pydantic import SecretStr
from sqlalchemy import insert
from yarl import URL

from config import clock
from config.settings import DEMO_SECRET
from rooms.access.records import Device, Link
from rooms.access.rules.devices import device_id_of
from rooms.access.rules.tokens import Audience, claim, write_token
from rooms.access.service.sign_in import make_terminal_sign_in, use
from rooms.access.views.identity import DEVICE, TOKENS
from rooms.breakout.service.plans import Agenda, plan_groups, save_agenda
from rooms.breakout.service.whole import read
from rooms.embedded import postgres as private_postgres
from rooms.embedded import redis as private_redis
from rooms.people.records.persons import Person
from rooms.people.rules.roles import StaffRole
from rooms.schedule.records import Invitation
from rooms.schedule.rules.formats import Format
from rooms.seating.records import Presence, Seat
from rooms.seating.rules.reasons import SeatReason
from rooms.store.engine import make_engine
from rooms.store.migrate import upgrade
from rooms.store.redis import connect
from rooms.store.scope import AllCentres
from rooms.store.unit_of_work import Store
from rooms.store.wakeups import Wakeups, queue_client
from rooms.supply.records import Room
from rooms.supply.rules.room_life import RoomState, Size
from rooms.wiring import METADATA
from tests.bench.fan_out import ROUNDS, Took, all_told, bare_fan_out, connected, handshake, masked
from tests.bench.join import free_port, served, settings_of
from tests.support.factories import make_centre, make_person, make_session

KEYS = {"bench": DEMO_SECRET}
ALL = AllCentres("the benchmark writes everything")
MOST_TIMES = 3.0
WEB = [sys.executable, "-m", "rooms.cli", "web"]


class Session:
    """A gathering of so many people, all of them in its big rooms, with a page and a stay each."""

    def __init__(self, store: Store, now: datetime) -> None:
        self._store, self._now = store, now
        self.cookies: list[str] = []
        self.stays: list[uuid.UUID] = []
        self.id = uuid.uuid4()
        self.coordinator: dict[str, str] = {}

    async def make(self, count: int) -> None:
        """Write it down."""
        now = self._now
        async with self._store.work(ALL) as work:
            centre = make_centre(work, now)
            await work.session.flush()
            kari = make_person(
                work, centre.id, now, staff_role=StaffRole.COORDINATOR, email=f"{centre.id}@post.example"
            )
            session = await make_session(
                work, centre.id, now, starts_at=now - timedelta(minutes=5), ends_at=now + timedelta(hours=4),
                format=Format.GATHERING,
            )  # fmt: skip
            await work.session.flush()
            self.id = session.id
        common = {"centre_id": centre.id}
        big, small = -(-count // 50), count // 3 + 2
        rooms = [
            self._room(centre.id, number, Size.XL if number <= big else Size.SMALL)
            for number in range(1, big + small + 1)
        ]
        languages = ["so", "ti", "ar", "uk", "pl", "fa"]
        people, links, devices, invitations, seats, stays = [], [], [], [], [], []
        for number in range(count):
            person, link, seat, stay = (uuid.uuid4() for _ in range(4))
            token = secrets.token_urlsafe(24)
            device = device_id_of(link, token)
            people.append(common | {
                "id": person, "name": f"Person {number}", "languages": [languages[number % 6]], "ui_language": "nb",
                "norwegian_level": number % 5 + 1, "is_guide": number % 4 == 0, "version": 1, "created_at": now,
            })  # fmt: skip
            links.append(common | {
                "id": link, "person_id": person, "key_name": "bench", "code_hash": secrets.token_bytes(32),
                "made_at": now,
            })  # fmt: skip
            devices.append(common | {
                "id": device, "link_id": link, "person_id": person, "token_hash": secrets.token_bytes(32),
                "first_seen_at": now, "last_seen_at": now,
            })  # fmt: skip
            invitations.append(common | {
                "id": uuid.uuid4(), "session_id": self.id, "person_id": person, "invited_at": now,
            })  # fmt: skip
            room = rooms[number // 50]["id"]
            seats.append(common | {
                "id": seat, "session_id": self.id, "person_id": person, "room_id": room, "version": 1,
                "reason": SeatReason.ARRIVED, "changed_at": now,
            })  # fmt: skip
            stays.append(common | {
                "id": stay, "seat_id": seat, "room_id": room, "person_id": person, "device_id": device,
                "joined_at": now, "last_seen_at": now,
            })  # fmt: skip
            claims = claim(
                Audience.PARTICIPANT, person_id=person, centre_id=centre.id, proof_id=link, language="nb", now=now,
                device_id=device,
            )  # fmt: skip
            self.cookies.append(f"{TOKENS[Audience.PARTICIPANT]}={write_token(claims, KEYS)}; {DEVICE}={token}")
            self.stays.append(stay)
        async with self._store.work(ALL) as work:
            for record, rows in (
                (Person, people), (Link, links), (Device, devices), (Invitation, invitations), (Room, rooms),
                (Seat, seats), (Presence, stays),
            ):  # fmt: skip
                for begin in range(0, len(rows), 1000):
                    await work.session.execute(insert(record), rows[begin : begin + 1000])
            path = await make_terminal_sign_in(work, kari.id, KEYS, now)
        async with self._store.work(ALL) as work:
            code = path.rpartition("/")[2]
            outcome = await use(work, code, browser=None, typed="", keys=KEYS, now=now)
        assert outcome.staff is not None
        claims = claim(
            Audience.COORDINATOR, person_id=kari.id, centre_id=centre.id, proof_id=outcome.staff.sign_in_id,
            language="nb", now=now,
        )  # fmt: skip
        self.coordinator = {TOKENS[Audience.COORDINATOR]: write_token(claims, KEYS)}

    def _room(self, centre_id: uuid.UUID, number: int, size: Size) -> dict[str, Any]:
        room_id = uuid.uuid4()
        return {
            "id": room_id, "centre_id": centre_id, "session_id": self.id, "number": number, "generation": 1,
            "size": size, "state": RoomState.READY, "prefix": room_id.hex, "meeting_id": room_id.hex,
            "url": f"http://localhost:8081/{room_id.hex}", "end_date": self._now + timedelta(hours=6), "attempts": 0,
            "next_try_at": self._now, "changed_at": self._now,
        }  # fmt: skip

    async def plan(self) -> float:
        """Plan groups for everybody; how many seconds that took."""
        began = time.perf_counter()
        async with self._store.work(ALL) as work:
            await save_agenda(work, self.id, Agenda(round_minutes=60), version=None, now=clock.now())
        async with self._store.work(ALL) as work:
            await plan_groups(work, self.id, keys=KEYS, now=clock.now())
        return time.perf_counter() - began

    async def groups(self) -> int:
        """How many groups there are, for the print-out."""
        async with self._store.work(ALL) as work:
            whole = await read(work, self.id)
        return len(whole.groups[whole.rounds[0].id])


async def seats(count: int, database: str, redis_url: str) -> tuple[Took, Took, int, float]:
    """Opening and closing at their best of some rounds, a frame's size, and what planning took."""
    ports = [free_port(), free_port()]
    engine = make_engine(SecretStr(database))
    redis = connect(SecretStr(redis_url))
    store = Store(engine, Wakeups(redis, queue_client(SecretStr(redis_url))))
    session = Session(store, clock.now())
    await session.make(count)
    planning = await session.plan()
    print(f"  {await session.groups()} groups, planned in {planning:.2f} s", flush=True)
    best: dict[str, Took] = {}
    size = 0
    async with AsyncExitStack() as stack:
        for port in ports:
            environment = os.environ | settings_of(database, redis_url, port)
            await stack.enter_async_context(served(WEB, port, "/healthz", environment))
        sockets = [
            (
                ports[number % 2],
                handshake("/live", ports[number % 2], cookie),
                masked(f'{{"type":"here","stay":"{stay}"}}'),
            )
            for number, (cookie, stay) in enumerate(zip(session.cookies, session.stays, strict=True))
        ]
        pages = await connected(sockets, b'"seat"')
        base = URL(f"http://127.0.0.1:{ports[0]}")
        jar = CookieJar(unsafe=True)
        jar.update_cookies(session.coordinator, base)
        http = await stack.enter_async_context(ClientSession(base, cookie_jar=jar))
        token = (await (await http.get("/sign-in")).text()).partition('name="csrf_token" value="')[2].partition('"')[0]

        async def press(button: str) -> None:
            address = f"/sessions/{session.id}/breakout/{button}"
            async with http.post(address, data={"csrf_token": token}, allow_redirects=False) as answer:
                if "done=breakout-" not in answer.headers.get("Location", ""):
                    raise SystemExit(f"{button}: {answer.status} {answer.headers.get('Location')}")

        async def click(button: str) -> None:
            for page in pages:
                page.again(b'"seat"')
            began = time.perf_counter()
            pressing = asyncio.create_task(press(button))
            took = await all_told(pages, began)
            await pressing
            if button not in best or took.last < best[button].last:
                best[button] = took

        for number in range(ROUNDS):
            if number:
                await session.plan()
            await click("open")
            size = max(page.size for page in pages)
            await click("stop")  # a minute's notice
            await click("stop")  # at once
        for page in pages:
            page.transport.abort()
    await engine.dispose()
    await redis.aclose()
    return best["open"], best["stop"], size, planning


async def main(counts: Sequence[int]) -> int:
    """Measure, print, and say whether the bar is reached."""
    good = True
    for count in counts:
        print(f"{count} pages", flush=True)
        async with private_postgres.throwaway() as database, private_redis.throwaway() as redis_url:
            await asyncio.to_thread(upgrade, SecretStr(database), METADATA)
            opened, stopped, size, _planning = await seats(count, database, redis_url)
            plain = await bare_fan_out(count, redis_url, size)
        times = opened.last / plain.last
        good &= times <= MOST_TIMES
        print(f"  bare ({size} bytes): {plain}")
        print(f"  start: {opened}  = {times:.1f} × bare (bar {MOST_TIMES:.0f})")
        print(f"  back:  {stopped}  = {stopped.last / plain.last:.1f} × bare", flush=True)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(asyncio.run(main([int(one) for one in sys.argv[1:]] or [50, 500, 5000])))
