"""A load that costs little itself: raw HTTP/1.1 over kept connections, in a process of its own.

    python -m tests.bench.load PORT CONNECTIONS SECONDS RATE [until-lost] < paths

Instead of paths to GET: a JSON list of whole requests. `until-lost`: the server may go away, and that ends the load.
RATE 0: each connection asks again as soon as it is answered (saturation). Otherwise so many requests a second start by
the clock, whether the earlier ones are answered or not; latency counts from when a request was due, so that a slow
server cannot make itself look fast by slowing the questions down. Writes one JSON object.
"""

import asyncio
import json
import sys
import time
from collections import deque
from contextlib import suppress
from typing import Any

import uvloop


class Connection(asyncio.Protocol):
    """One browser: asks, reads the whole answer, and is free again."""

    def __init__(self, load: "Load") -> None:
        self._load = load
        self._transport: Any = None
        self._received = bytearray()
        self._whole = 0
        self._due = 0.0
        self._number = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._load.free(self)

    def ask(self, number: int, request: bytes, due: float) -> None:
        self._number, self._due = number, due
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._received += data
        if not self._whole:
            head_end = self._received.find(b"\r\n\r\n")
            if head_end < 0:
                return
            head = bytes(self._received[:head_end]).lower()
            length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0] or 0)  # 204 has none
            self._whole = head_end + 4 + length
        if len(self._received) >= self._whole:
            good = self._received.startswith((b"HTTP/1.1 200", b"HTTP/1.1 204"))
            self._load.answered(self._number, time.perf_counter() - self._due, good=good, size=self._whole)
            self._received.clear()
            self._whole = 0
            self._load.free(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._load.lost(exc)


class Load:
    """The requests in turn, until the time is over."""

    def __init__(self, requests: list[bytes], seconds: float, rate: float, *, until_lost: bool) -> None:
        self._requests = requests
        self._until_lost = until_lost
        self._lost = asyncio.Event()
        self._next = 0
        self._rate = rate
        self._started = time.perf_counter()
        self._ends = self._started + seconds
        self._idle: deque[Connection] = deque()
        self._late: deque[float] = deque()
        self.latencies: list[float] = []
        #: Numbers of the requests that were answered well, from 1.
        self.good: list[int] = []
        self.wrong = 0
        self.bytes = 0

    def _ask(self, connection: Connection, due: float) -> None:
        self._next += 1
        connection.ask(self._next, self._requests[self._next % len(self._requests)], due)

    def free(self, connection: Connection) -> None:
        now = time.perf_counter()
        if now >= self._ends:
            return
        if not self._rate:
            self._ask(connection, now)
        elif self._late:
            self._ask(connection, self._late.popleft())
        else:
            self._idle.append(connection)

    def answered(self, number: int, seconds: float, *, good: bool, size: int) -> None:
        self.latencies.append(seconds)
        if good:
            self.good.append(number)
        self.wrong += not good
        self.bytes += size

    def lost(self, error: Exception | None) -> None:
        if self._until_lost:
            self._ends = 0
            self._lost.set()
        elif time.perf_counter() < self._ends:
            raise SystemExit(f"the server closed a connection: {error}")

    async def run(self) -> None:
        if not self._rate:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._lost.wait(), self._ends - time.perf_counter())
            return
        asked = 0
        while (now := time.perf_counter()) < self._ends:
            due = self._started + asked / self._rate
            if due > now:
                await asyncio.sleep(due - now)
                continue
            asked += 1
            if self._idle:
                self._ask(self._idle.popleft(), due)
            else:
                self._late.append(due)
        self.wrong += len(self._late)


def _requests(text: str) -> list[bytes]:
    if text.startswith("["):
        return [request.encode() for request in json.loads(text)]
    return [f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAccept: text/html\r\n\r\n".encode() for path in text.split()]


async def _main(port: int, connections: int, seconds: float, rate: float, *, until_lost: bool) -> None:
    load = Load(_requests(sys.stdin.read()), seconds, rate, until_lost=until_lost)
    loop = asyncio.get_running_loop()
    for _ in range(connections):
        await loop.create_connection(lambda: Connection(load), "127.0.0.1", port)
    busy = time.process_time()
    started = time.perf_counter()
    await load.run()
    passed = time.perf_counter() - started
    ranked = sorted(load.latencies)
    json.dump(
        {
            "rate": len(ranked) / passed,
            "p50": ranked[len(ranked) // 2] * 1000,
            "p99": ranked[int(len(ranked) * 0.99)] * 1000,
            "wrong": load.wrong,
            "answered": load.good if until_lost else len(load.good),
            "bytes": load.bytes // max(1, len(ranked)),
            "busy": (time.process_time() - busy) / passed,
        },
        sys.stdout,
    )


if __name__ == "__main__":
    port, connections, seconds, rate = (float(given) for given in sys.argv[1:5])
    uvloop.run(_main(int(port), int(connections), seconds, rate, until_lost=sys.argv[5:] == ["until-lost"]))
