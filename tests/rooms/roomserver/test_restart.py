"""What a restart, kind or not, must not lose."""

import asyncio
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.rooms.roomserver.talking import talking
from tests.support.browser import chromium
from tests.support.room_server import API_KEY, room_server
from tests.support.waiting import until


async def test_rooms_and_their_keys_survive_a_kill(tmp_path: Path) -> None:
    async with room_server(tmp_path) as server:
        kept = await server.create(roomMode="group", isLocked=True)
        gone = await server.create()
        await server.delete(gone["meetingId"])
        await server.stop(kill=True)
        await server.start()
        headers = {"Authorization": f"Bearer {API_KEY}"}
        async with aiohttp.ClientSession(headers=headers) as http:
            address = f"{server.url}/v1/meetings/{kept['meetingId']}?fields=hostRoomUrl"
            async with http.get(address) as response:
                assert await response.json() == kept
            async with http.get(f"{server.url}/v1/meetings/{gone['meetingId']}") as response:
                assert response.status == 404
            async with http.get(kept["hostRoomUrl"]) as response:
                assert response.status == 200


async def test_a_kind_stop_hangs_up_on_everybody_and_is_quick(tmp_path: Path) -> None:
    async with room_server(tmp_path) as server:
        room = await server.create()
        async with talking(server, room) as amina:
            await amina.hear("welcome")
            async with asyncio.timeout(5):
                stopping = asyncio.create_task(server.stop())
                assert await amina.is_hung_up_on()
                await stopping


@pytest.mark.browser
async def test_people_find_each_other_again_after_a_kill(tmp_path: Path) -> None:
    async with room_server(tmp_path) as server, chromium() as browser:
        room = await server.create()
        pages = []
        for name in ("Amina", "Yusuf"):
            context = await browser.new_context(permissions=["camera", "microphone"])
            page = await context.new_page()
            await page.goto(f"{room['roomUrl']}?displayName={name}&precallReview=off&lowData=on")
            pages.append(page)

        async def decoding() -> dict[str, int]:
            """Frames that each has decoded of each other; empty until both see one another."""
            found: list[list[dict[str, Any]]] = [await page.evaluate("window.sammenRoom.stats()") for page in pages]
            if not all(len(peers) == 1 and peers[0]["framesDecoded"] > 0 for peers in found):
                return {}
            return {peers[0]["id"]: peers[0]["framesDecoded"] for peers in found}

        before = await until(decoding, seconds=90)
        await server.stop(kill=True)
        await server.start()

        async def with_new_ids() -> bool:
            now = await decoding()
            return bool(now) and not before.keys() & now.keys()

        await until(with_new_ids, seconds=120)
