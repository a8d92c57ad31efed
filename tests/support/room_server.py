"""The embedded room server as a process of its own, as it runs in earnest."""

import asyncio
import os
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from tests.support.waiting import until

API_KEY = "a-key-for-tests-0123456789-0123456789"
WEBHOOK_SECRET = "a-webhook-secret-for-tests-0123456789"


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class RoomServer:
    """A running room server. `url` is what rooms' addresses begin with."""

    url: str
    data: Path
    environment: dict[str, str]
    process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Start it and wait until it answers."""
        self.process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "rooms.roomserver", env={**os.environ, **self.environment}
        )

        async def answers() -> bool:
            try:
                async with aiohttp.ClientSession() as http, http.get(f"{self.url}/health") as response:
                    return response.status == 200
            except aiohttp.ClientError:
                return False

        await until(answers, seconds=20)

    async def stop(self, *, kill: bool = False) -> None:
        """Stop it, kindly or not."""
        if self.process is None or self.process.returncode is not None:
            return
        if kill:
            self.process.kill()
        else:
            self.process.terminate()
        await self.process.wait()

    async def create(self, **fields: object) -> dict[str, Any]:
        """Make a room by the API."""
        body = {"endDate": "2099-01-01T00:00:00Z", "fields": ["hostRoomUrl"], **fields}
        async with (
            aiohttp.ClientSession(headers={"Authorization": f"Bearer {API_KEY}"}) as http,
            http.post(f"{self.url}/v1/meetings", json=body) as response,
        ):
            assert response.status == 201, await response.text()
            made: dict[str, Any] = await response.json()
            return made

    async def delete(self, meeting_id: str) -> None:
        """Delete a room by the API."""
        async with (
            aiohttp.ClientSession(headers={"Authorization": f"Bearer {API_KEY}"}) as http,
            http.delete(f"{self.url}/v1/meetings/{meeting_id}") as response,
        ):
            assert response.status == 204


@asynccontextmanager
async def room_server(folder: Path, **environment: str) -> AsyncIterator[RoomServer]:
    """Start one in a folder, and stop it in the end. `environment` overrides settings."""
    port = free_port()
    url = f"http://localhost:{port}"
    server = RoomServer(
        url,
        folder,
        {
            "ROOM_SERVER_PORT": str(port),
            "ROOM_SERVER_URL": url,
            "ROOM_SERVER_API_KEYS": API_KEY,
            "ROOM_SERVER_WEBHOOK_SECRET": WEBHOOK_SECRET,
            "ROOM_SERVER_ALLOWED_ORIGINS": url,
            "ROOM_SERVER_DATA": str(folder),
            "ROOM_SERVER_POINTS_PER_MINUTE": "10000",
            "LOG_LEVEL": "WARNING",
        }
        | environment,
    )
    await server.start()
    try:
        yield server
    finally:
        await server.stop()
