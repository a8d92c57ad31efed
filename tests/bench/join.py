"""How fast a personal link opens on one web process, beside a bare aiohttp handler in the same run.

    python -m tests.bench.join

The whole path: code → database → session → page, for two thousand different links, on a private PostgreSQL and Redis.
Server and load are processes of their own. Bar (exit code 1 below it): a twentieth of the bare handler's rate, and 99
of 100 answers within 60 ms at half the load that saturates the process. Only ratios within one run mean anything.
"""

import asyncio
import json
import os
import socket
import statistics
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import uvloop
from aiohttp import ClientError, ClientSession, web
from pydantic import SecretStr

from config import clock
from config.settings import DEMO_SECRET
from rooms.access.service.links import codes_of
from rooms.embedded import postgres as private_postgres
from rooms.embedded import redis as private_redis
from rooms.store.engine import make_engine
from rooms.store.migrate import upgrade
from rooms.store.redis import connect
from rooms.store.scope import AllCentres
from rooms.store.unit_of_work import Store
from rooms.store.wakeups import Wakeups, queue_client
from rooms.wiring import METADATA
from tests.support.factories import make_centre, make_person, make_session
from tests.support.waiting import until

ROOT = Path(__file__).resolve().parents[2]
PEOPLE, A_SESSION = 2_000, 5
CONNECTIONS, SECONDS, ROUNDS = 32, 5, 3
LEAST_SHARE, MOST_P99 = 1 / 20, 60.0

Figures = dict[str, Any]


async def main() -> int:
    """Measure, print the table, and say whether the bar is reached."""
    async with private_postgres.throwaway() as database, private_redis.throwaway() as redis:
        port, bare_port = free_port(), free_port()
        environment = os.environ | settings_of(database, redis, port)
        await asyncio.to_thread(upgrade, SecretStr(database), METADATA)
        codes = await _seed(SecretStr(database), SecretStr(redis))
        links = [f"/l/{code}" for code in codes]
        async with (
            served([sys.executable, "-m", "rooms.cli", "web"], port, "/healthz", environment),
            served([sys.executable, "-m", "tests.bench.join", "bare", str(bare_port)], bare_port, "/", environment),
        ):
            await _load(bare_port, ["/"], seconds=2)
            await _load(port, links, seconds=2)
            bare, opened = [], []
            for _ in range(ROUNDS):  # in turns, so that a slow minute of the machine meets both
                bare.append(await _load(bare_port, ["/"]))
                opened.append(await _load(port, links))
            full = _median(opened)
            half = [await _load(port, links, rate=full["rate"] / 2) for _ in range(ROUNDS)]
    return _report(_median(bare), full, _median(half))


def _report(bare: Figures, full: Figures, half: Figures) -> int:
    rows = [("bare handler", bare), ("personal link, saturated", full), ("personal link, half of that", half)]
    print(f"{'':30}{'req/s':>9}{'p50 ms':>9}{'p99 ms':>9}{'bytes':>9}{'wrong':>7}{'load cpu':>10}")
    for name, row in rows:
        print(
            f"{name:30}{row['rate']:9.0f}{row['p50']:9.1f}{row['p99']:9.1f}{row['bytes']:9}{row['wrong']:7}"
            f"{row['busy']:10.0%}"
        )
    share = full["rate"] / bare["rate"]
    good = share >= LEAST_SHARE and half["p99"] < MOST_P99 and not (full["wrong"] or half["wrong"])
    print(f"1/{1 / share:.1f} of the bare rate (bar 1/{1 / LEAST_SHARE:.0f}); ", end="")
    print(f"p99 {half['p99']:.1f} ms at half load (bar {MOST_P99:.0f} ms): {'reached' if good else 'NOT reached'}")
    return 0 if good else 1


def _median(rounds: list[Figures]) -> Figures:
    return {name: statistics.median(one[name] for one in rounds) for name in rounds[0]} | {
        "wrong": sum(one["wrong"] for one in rounds)
    }


async def _load(port: int, paths: list[str], *, rate: float = 0, seconds: int = SECONDS) -> Figures:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.bench.load", str(port), str(CONNECTIONS), str(seconds), str(rate)),
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    answer, _ = await process.communicate("\n".join(paths).encode())
    if process.returncode:
        raise SystemExit("the load failed")
    figures: Figures = json.loads(answer)
    return figures


async def _seed(database: SecretStr, redis_url: SecretStr) -> list[str]:
    """People of one centre, each invited to a session that opens soon. Answers with their codes."""
    engine, redis, now = make_engine(database), connect(redis_url), clock.now()
    store = Store(engine, Wakeups(redis, queue_client(redis_url)))
    async with store.work(AllCentres("the bench makes its centre")) as work:
        centre = make_centre(work, now)
        await work.session.flush()
        people = [make_person(work, centre.id, now) for _ in range(PEOPLE)]
        await work.session.flush()
        for first in range(0, PEOPLE, A_SESSION):
            await make_session(work, centre.id, now, invited=people[first : first + A_SESSION])
        keys = {"bench": DEMO_SECRET}
        codes = await codes_of(work, [person.id for person in people], keys, now)
    await engine.dispose()
    await redis.aclose()
    return list(codes.values())


def settings_of(database: str, redis: str, port: int) -> dict[str, str]:
    """What a web process needs to know."""
    return {
        "DATABASE_URL": database,
        "REDIS_URL": redis,
        "SMTP_URL": "smtp://127.0.0.1:9",
        "WHEREBY_API_URL": "http://127.0.0.1:9/v1",
        "WHEREBY_API_KEY": DEMO_SECRET,
        "WHEREBY_WEBHOOK_SECRET": DEMO_SECRET,
        "ROOM_HOSTS": "localhost:8081",
        "SECRET_KEYS": f"bench:{DEMO_SECRET}",
        "PUBLIC_URL": f"http://localhost:{port}",
        "WEB_PORT": str(port),
        "LOG_LEVEL": "WARNING",
    }


@asynccontextmanager
async def served(
    command: list[str], port: int, path: str, environment: dict[str, str]
) -> AsyncIterator[asyncio.subprocess.Process]:
    """A server as a process of its own, once it answers."""
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, env=environment)

    async def answers() -> bool:
        try:
            async with ClientSession() as session, session.get(f"http://127.0.0.1:{port}{path}") as response:
                return response.status == 200
        except (ClientError, OSError):
            return False

    try:
        await until(answers, seconds=30)
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


def free_port() -> int:
    """A port that nobody listens at now."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def _bare(port: int) -> None:
    """The least that aiohttp can do, on the same event loop."""

    async def hello(_request: web.Request) -> web.Response:
        return web.Response(text="hello")

    app = web.Application()
    app.router.add_get("/", hello)
    uvloop.install()
    web.run_app(app, host="127.0.0.1", port=port, print=None, access_log=None)


if __name__ == "__main__":
    if sys.argv[1:2] == ["bare"]:
        _bare(int(sys.argv[2]))
    else:
        sys.exit(asyncio.run(main()))
