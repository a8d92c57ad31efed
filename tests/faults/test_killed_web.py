"""Kill the web process under a load of webhooks: what it has answered is kept."""

import asyncio
import json
from pathlib import Path

import pytest
from aiohttp import ClientError, ClientSession, ClientTimeout
from sqlalchemy import select

from config import clock
from config.settings import DEMO_SECRET, Settings
from rooms.roomserver.webhooks import event, signature
from rooms.seating.records import ProviderEvent
from rooms.store.scope import AllCentres
from rooms.store.unit_of_work import Store
from tests.support.room_server import free_port
from tests.support.waiting import until
from tests.support.workers import running

EVENTS, ENOUGH = 2_000, 300


async def test_no_answered_event_is_lost(
    store: Store, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = free_port()
    monkeypatch.setenv("WEB_PORT", str(port))
    answered: list[str] = []
    enough = asyncio.Event()
    async with (
        running("web", settings, tmp_path / "web.log") as web,
        ClientSession(f"http://127.0.0.1:{port}", timeout=ClientTimeout(total=20)) as http,
    ):

        async def answers() -> bool:
            try:
                async with http.get("/healthz") as response:
                    return response.status == 200
            except ClientError:
                return False

        await until(answers, seconds=30)

        async def send() -> None:
            told = event("room.client.joined", clock.now(), {"meetingId": "nobody's"})
            body = json.dumps(told).encode()
            headers = {"Whereby-Signature": signature(DEMO_SECRET, body, int(clock.now().timestamp()))}
            async with http.post("/provider-events", data=body, headers=headers) as response:
                if response.status == 204:
                    answered.append(told["id"])
                    if len(answered) >= ENOUGH:
                        enough.set()

        sending = [asyncio.create_task(send()) for _ in range(EVENTS)]
        async with asyncio.timeout(20):
            await enough.wait()
        web.kill()
        await asyncio.gather(*sending, return_exceptions=True)
    async with store.work(AllCentres("tests look everywhere")) as work:
        kept = set(await work.session.scalars(select(ProviderEvent.event_id)))
    assert ENOUGH <= len(answered) < EVENTS
    assert set(answered) <= kept
