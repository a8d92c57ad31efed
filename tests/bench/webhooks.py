"""How many of the provider's events one web process takes a second, beside a bare aiohttp handler in the same run.

    python -m tests.bench.webhooks

Each event is another one, signed, and in the database before it is answered. Then the process is killed under load, and
every event that it had answered must be there. Bar (exit code 1 below it): a twentieth of the bare handler's rate, and
none lost. Only ratios within one run mean anything.
"""

import asyncio
import json
import os
import statistics
import sys
import uuid
from dataclasses import dataclass
from typing import Any

import asyncpg
import uvloop
from aiohttp import web
from pydantic import SecretStr

from config import clock
from config.settings import DEMO_SECRET
from rooms.embedded import postgres as private_postgres
from rooms.embedded import redis as private_redis
from rooms.roomserver.webhooks import event, signature
from rooms.store.migrate import upgrade
from rooms.wiring import METADATA
from tests.bench.join import ROOT, free_port, served, settings_of
from tests.support.waiting import until

CONNECTIONS, SECONDS, ROUNDS = 64, 5, 3
#: More than a process takes in a round, so that none comes twice.
EVENTS = 60_000
LEAST_SHARE = 1 / 20
WEB = [sys.executable, "-m", "rooms.cli", "web"]


@dataclass(frozen=True)
class Round:
    """What the load said of one round."""

    rate: float
    p50: float
    p99: float
    wrong: int
    #: Events in the database for each that was answered well: 1, and a little more for those in flight at the end.
    kept: float


async def main() -> int:
    """Measure, kill, print, and say whether the bar is reached."""
    async with private_postgres.throwaway() as database, private_redis.throwaway() as redis:
        port, bare_port = free_port(), free_port()
        environment = os.environ | settings_of(database, redis, port)
        await asyncio.to_thread(upgrade, SecretStr(database), METADATA)
        bare_command = [sys.executable, "-m", "tests.bench.webhooks", "bare", str(bare_port)]
        bare, taken = [], []
        async with (
            served(WEB, port, "/healthz", environment),
            served(bare_command, bare_port, "/", environment),
        ):
            await _round(bare_port, seconds=2)
            await _round(port, seconds=2)
            for _ in range(ROUNDS):  # in turns, so that a slow minute of the machine meets both
                bare.append(await _round(bare_port))
                taken.append(await _round(port, database=database))
        answered, lost = await _killed(database, port, environment)
    return _report(bare, taken, answered, lost)


def _report(bare: list[Round], taken: list[Round], answered: int, lost: int) -> int:
    print(f"{'':22}{'req/s':>9}{'p50 ms':>9}{'p99 ms':>9}{'wrong':>7}")
    for name, rounds in (("bare handler", bare), ("webhook, committed", taken)):
        rate, p50, p99 = (statistics.median(getattr(one, what) for one in rounds) for what in ("rate", "p50", "p99"))
        print(f"{name:22}{rate:9.0f}{p50:9.1f}{p99:9.1f}{sum(one.wrong for one in rounds):7}")
    share = statistics.median(one.rate for one in taken) / statistics.median(one.rate for one in bare)
    all_kept = all(1 <= one.kept < 1.05 for one in taken)
    good = share >= LEAST_SHARE and all_kept and not lost and not sum(one.wrong for one in (*bare, *taken))
    print(f"killed under load after {answered} answers: {lost} of these events lost")
    print(f"1/{1 / share:.1f} of the bare rate (bar 1/{1 / LEAST_SHARE:.0f}): {'reached' if good else 'NOT reached'}")
    return 0 if good else 1


async def _round(port: int, *, seconds: int = SECONDS, database: str | None = None) -> Round:
    before = await _count(database) if database else 0
    _ids, requests = _events()
    found = await _finished(await _load(port, requests, seconds=seconds))
    kept = (await _count(database) - before) / found["answered"] if database else 1.0
    if database and found["answered"] >= EVENTS:
        raise SystemExit("too few events: some came twice")
    return Round(found["rate"], found["p50"], found["p99"], found["wrong"], kept)


async def _killed(database: str, port: int, environment: dict[str, str]) -> tuple[int, int]:
    """SIGKILL under load: how many events were answered, and how many of these are not in the database."""
    ids, requests = _events()
    async with served(WEB, port, "/healthz", environment) as process:
        before = await _count(database)
        load = await _load(port, requests, seconds=60, until_lost=True)

        async def thousands_came_in() -> bool:
            return await _count(database) > before + 5_000

        await until(thousands_came_in, seconds=30)
        process.kill()
        found = await _finished(load)
    answered = [ids[number % EVENTS] for number in found["answered"]]
    connection = await asyncpg.connect(database)
    kept = await connection.fetchval("select count(*) from provider_event where event_id = any($1::text[])", answered)
    await connection.close()
    return len(answered), len(answered) - kept


def _events() -> tuple[list[str], list[str]]:
    """So many different events of a room that nobody knows: their ids, and the requests that bring them."""
    now, ids, requests = clock.now(), [], []
    data: dict[str, Any] = {
        "meetingId": "109512137",
        "roomName": "/sammen-bench",
        "displayName": "Åse Bjørg",
        "participantId": "d6a3c1",
        "roomSessionId": str(uuid.uuid4()),
        "metadata": None,
        "externalId": str(uuid.uuid4()),
        "roleName": "visitor",
        "numClients": 4,
    }
    for _ in range(EVENTS):
        told = event("room.client.joined", now, data)
        body = json.dumps(told)
        signed = signature(DEMO_SECRET, body.encode(), int(now.timestamp()))
        ids.append(told["id"])
        requests.append(
            f"POST /provider-events HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            f"Whereby-Signature: {signed}\r\nContent-Length: {len(body)}\r\n\r\n{body}"
        )
    return ids, requests


async def _load(
    port: int, requests: list[str], *, seconds: int, until_lost: bool = False
) -> asyncio.subprocess.Process:
    command = [sys.executable, "-m", "tests.bench.load", str(port), str(CONNECTIONS), str(seconds), "0"]
    process = await asyncio.create_subprocess_exec(
        *(*command, "until-lost") if until_lost else command,
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=2**24,
    )
    assert process.stdin is not None
    process.stdin.write(json.dumps(requests).encode())
    await process.stdin.drain()
    process.stdin.close()
    return process


async def _finished(load: asyncio.subprocess.Process) -> dict[str, Any]:
    assert load.stdout is not None
    answer = await load.stdout.read()
    if await load.wait():
        raise SystemExit("the load failed")
    found: dict[str, Any] = json.loads(answer)
    return found


async def _count(database: str) -> int:
    connection = await asyncpg.connect(database)
    try:
        found: int = await connection.fetchval("select count(*) from provider_event")
        return found
    finally:
        await connection.close()


def _bare(port: int) -> None:
    """The least that aiohttp can do with a posted body, on the same event loop."""

    async def take(request: web.Request) -> web.Response:
        await request.read()
        return web.Response(status=204)

    async def hello(_request: web.Request) -> web.Response:
        return web.Response(text="hello")

    app = web.Application()
    app.router.add_get("/", hello)
    app.router.add_post("/provider-events", take)
    uvloop.install()
    web.run_app(app, host="127.0.0.1", port=port, print=None, access_log=None)


if __name__ == "__main__":
    if sys.argv[1:2] == ["bare"]:
        _bare(int(sys.argv[2]))
    else:
        sys.exit(asyncio.run(main()))
