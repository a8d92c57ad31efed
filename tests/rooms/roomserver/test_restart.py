"""What a restart, kind or not, must not lose."""

from pathlib import Path

import aiohttp

from tests.support.room_server import API_KEY, room_server


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
