"""A load that costs little itself: raw HTTP/1.1 over kept connections, in a process of its own.

    python -m tests.bench.load PORT CONNECTIONS SECONDS RATE < paths

RATE 0: each connection asks again as soon as it is answered (saturation). Otherwise so many requests a second start by
the clock, whether the earlier ones are answered or not; latency counts from when a request was due, so that a slow
server cannot make itself look fast by slowing the questions down. Writes one JSON object.
"""

import asyncio
import json
import sys
import time
from collections import deque
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

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._load.free(self)

    def ask(self, request: bytes, due: float) -> None:
        self._due = due
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._received += data
        if not self._whole:
            head_end = self._received.find(b"\r\n\r\n")
            if head_end < 0:
                return
            head = bytes(self._received[:head_end]).lower()
            length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0])
            self._whole = head_end + 4 + length
        if len(self._received) >= self._whole:
            good = self._received.startswith(b"HTTP/1.1 200")
            self._load.answered(time.perf_counter() - self._due, good=good, size=self._whole)
            self._received.clear()
            self._whole = 0
            self._load.free(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._load.lost(exc)


class Load:
    """Requests for the paths in turn, until the time is over."""

    def __init__(self, paths: list[str], seconds: float, rate: float) -> None:
        self._requests = [
            f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAccept: text/html\r\n\r\n".encode() for path in paths
        ]
        self._next = 0
        self._rate = rate
        self._started = time.perf_counter()
        self._ends = self._started + seconds
        self._idle: deque[Connection] = deque()
        self._late: deque[float] = deque()
        self.latencies: list[float] = []
        self.wrong = 0
        self.bytes = 0

    def _request(self) -> bytes:
        self._next += 1
        return self._requests[self._next % len(self._requests)]

    def free(self, connection: Connection) -> None:
        now = time.perf_counter()
        if now >= self._ends:
            return
        if not self._rate:
            connection.ask(self._request(), now)
        elif self._late:
            connection.ask(self._request(), self._late.popleft())
        else:
            self._idle.append(connection)

    def answered(self, seconds: float, *, good: bool, size: int) -> None:
        self.latencies.append(seconds)
        self.wrong += not good
        self.bytes += size

    def lost(self, error: Exception | None) -> None:
        if time.perf_counter() < self._ends:
            raise SystemExit(f"the server closed a connection: {error}")

    async def run(self) -> None:
        if not self._rate:
            await asyncio.sleep(self._ends - time.perf_counter())
            return
        asked = 0
        while (now := time.perf_counter()) < self._ends:
            due = self._started + asked / self._rate
            if due > now:
                await asyncio.sleep(due - now)
                continue
            asked += 1
            if self._idle:
                self._idle.popleft().ask(self._request(), due)
            else:
                self._late.append(due)
        self.wrong += len(self._late)


async def _main(port: int, connections: int, seconds: float, rate: float, paths: list[str]) -> None:
    load = Load(paths, seconds, rate)
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
            "bytes": load.bytes // max(1, len(ranked)),
            "busy": (time.process_time() - busy) / passed,
        },
        sys.stdout,
    )


if __name__ == "__main__":
    uvloop.run(
        _main(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), float(sys.argv[4]), sys.stdin.read().split())
    )
