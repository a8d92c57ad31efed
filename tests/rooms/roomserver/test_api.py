"""The meetings API over real HTTP: Whereby's statuses, fields, paging, points and error shapes."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.support.room_server import API_KEY, RoomServer, room_server
from tests.support.waiting import until

LATER = "2099-01-01T00:00:00.000Z"


@pytest.fixture
async def api(server: RoomServer) -> AsyncIterator[aiohttp.ClientSession]:
    """A caller with the key."""
    async with aiohttp.ClientSession(f"{server.url}/v1/", headers={"Authorization": f"Bearer {API_KEY}"}) as session:
        yield session


async def make(api: aiohttp.ClientSession, **fields: object) -> dict[str, Any]:
    async with api.post("meetings", json={"endDate": LATER, **fields}) as response:
        assert response.status == 201, await response.text()
        made: dict[str, Any] = await response.json()
        return made


async def test_a_meeting_needs_only_an_end(api: aiohttp.ClientSession, server: RoomServer) -> None:
    before = datetime.now(UTC)
    made = await make(api)
    assert re.fullmatch(r"\d{6,}", made["meetingId"])
    assert re.fullmatch(r"/[0-9a-f-]{36}", made["roomName"])
    assert made["roomUrl"] == server.url + made["roomName"]
    assert made["endDate"] == LATER
    assert made["startDate"].endswith("Z")
    assert abs(datetime.fromisoformat(made["startDate"]) - before) < timedelta(seconds=10)
    assert (made["capacity"], made["nominalCapacity"]) == (4, 4)
    assert not {"hostRoomUrl", "viewerRoomUrl"} & made.keys()


async def test_a_group_room_is_honest_about_its_size(api: aiohttp.ClientSession, server: RoomServer) -> None:
    made = await make(api, roomMode="group")
    assert (made["capacity"], made["nominalCapacity"]) == (6, 200)
    async with aiohttp.ClientSession() as http, http.get(f"{server.url}/health") as response:
        assert response.status == 200
        health = await response.json()
        assert (health["ok"], health["sfu"], health["group_capacity"]) == (True, False, 6)
        assert health["sfu_problem"]


@pytest.mark.parametrize(
    ("prefix", "pattern", "expected"),
    [
        ("klepp-", "uuid", r"/klepp-[0-9a-f-]{36}"),
        ("/klepp-", "uuid", r"/klepp-[0-9a-f-]{36}"),
        ("klepp", "human-short", r"/klepp[a-z0-9]{6}"),
        ("a" * 39, "uuid", r"/a{39}[0-9a-f-]{36}"),
        ("", "human-short", r"/[a-z0-9]{6}"),
    ],
)
async def test_names_follow_prefix_and_pattern(
    api: aiohttp.ClientSession, prefix: str, pattern: str, expected: str
) -> None:
    made = await make(api, roomNamePrefix=prefix, roomNamePattern=pattern)
    assert re.fullmatch(expected, made["roomName"])


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"endDate": None},
        {"endDate": "soon"},
        {"endDate": "2020-01-01T00:00:00Z"},
        {"endDate": "9999-12-31T23:59:59-12:00"},
        {"endDate": LATER, "roomMode": "huge"},
        {"endDate": LATER, "isLocked": "perhaps"},
        {"endDate": LATER, "roomNamePrefix": "Klepp"},
        {"endDate": LATER, "roomNamePrefix": "blåbær"},
        {"endDate": LATER, "roomNamePrefix": "a" * 40},
        {"endDate": LATER, "roomNamePrefix": "a/b"},
        {"endDate": LATER, "roomNamePattern": "animal"},
        {"endDate": LATER, "templateType": "party"},
        {"endDate": LATER, "fields": ["password"]},
        [],
        "text",
    ],
)
async def test_bad_input_is_told_by_its_field(api: aiohttp.ClientSession, body: object) -> None:
    async with api.post("meetings", json=body) as response:
        assert response.status == 400
        assert list(await response.json()) == ["error"]


async def test_a_body_that_is_no_json_is_bad_input(api: aiohttp.ClientSession) -> None:
    async with api.post("meetings", data=b"{endDate") as response:
        assert response.status == 400
        assert list(await response.json()) == ["error"]


async def test_a_zone_is_understood_and_a_missing_one_is_utc(api: aiohttp.ClientSession) -> None:
    assert (await make(api, endDate="2098-12-31T23:00:00-01:00"))["endDate"] == LATER
    assert (await make(api, endDate="2099-01-01T00:00:00"))["endDate"] == LATER


async def test_unknown_fields_are_ignored(api: aiohttp.ClientSession) -> None:
    await make(api, somethingNew={"a": 1}, recording={"type": "none"})


async def test_links_come_when_asked_for_and_are_the_same_later(api: aiohttp.ClientSession) -> None:
    made = await make(api, templateType="viewerMode", fields=["hostRoomUrl"])
    assert made["hostRoomUrl"].startswith(made["roomUrl"] + "?roomKey=")
    assert made["viewerRoomUrl"].startswith(made["roomUrl"] + "?roomKey=")
    assert made["hostRoomUrl"] != made["viewerRoomUrl"]
    for fields in (["hostRoomUrl,viewerRoomUrl"], ["hostRoomUrl", "viewerRoomUrl"]):
        params = [("fields", each) for each in fields]
        async with api.get(f"meetings/{made['meetingId']}", params=params) as response:
            assert response.status == 200
            assert await response.json() == made
    async with api.get(f"meetings/{made['meetingId']}") as response:
        assert not {"hostRoomUrl", "viewerRoomUrl"} & (await response.json()).keys()


async def test_deleting_is_idempotent_and_final(api: aiohttp.ClientSession, server: RoomServer) -> None:
    made = await make(api)
    for _ in range(2):
        async with api.delete(f"meetings/{made['meetingId']}") as response:
            assert response.status == 204
            assert await response.read() == b""
    async with api.get(f"meetings/{made['meetingId']}") as response:
        assert response.status == 404
        assert list(await response.json()) == ["error"]
    async with aiohttp.ClientSession() as http, http.get(made["roomUrl"]) as response:
        assert response.status == 404


async def test_a_list_is_paged_by_cursor_and_misses_nothing(tmp_path: Path) -> None:
    async with room_server(tmp_path) as own:
        made = [(await own.create())["meetingId"] for _ in range(7)]
        headers = {"Authorization": f"Bearer {API_KEY}"}
        async with aiohttp.ClientSession(f"{own.url}/v1/", headers=headers) as api:
            found: list[str] = []
            sizes = []
            cursor = None
            while True:
                params = {"limit": "3", "fields": "hostRoomUrl"} | ({"cursor": cursor} if cursor else {})
                async with api.get("meetings", params=params) as response:
                    assert response.status == 200
                    page = await response.json()
                assert page.keys() == {"results", "cursor"}
                assert all("roomKey=" in each["hostRoomUrl"] for each in page["results"])
                found += [each["meetingId"] for each in page["results"]]
                sizes.append(len(page["results"]))
                cursor = page["cursor"]
                if cursor is None:
                    break
                if len(sizes) == 1:  # what is deleted meanwhile moves nothing else out of sight
                    await own.delete(made[0])
            assert found == made
            assert sizes == [3, 3, 1]
            async with api.get("meetings") as response:
                assert [each["meetingId"] for each in (await response.json())["results"]] == made[1:]


@pytest.mark.parametrize(
    "params",
    [{"limit": "0"}, {"limit": "101"}, {"limit": "many"}, {"cursor": "æ"}, {"cursor": "LTE="}, {"cursor": "OTk5" * 9}],
)
async def test_a_list_refuses_nonsense(api: aiohttp.ClientSession, params: dict[str, str]) -> None:
    async with api.get("meetings", params=params) as response:
        assert response.status == 400
        assert list(await response.json()) == ["error"]


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Bearer wrong", f"Basic {API_KEY}", "Bearer \udcff"])
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
async def test_without_the_key_nothing_is_told(server: RoomServer, method: str, header: str | None) -> None:
    made = await server.create()
    address = f"{server.url}/v1/meetings" + ("" if method == "POST" else f"/{made['meetingId']}")
    headers = {"Authorization": header} if header is not None else {}
    async with aiohttp.ClientSession() as http, http.request(method, address, headers=headers) as response:
        assert response.status == 401
        assert list(await response.json()) == ["error"]
    async with aiohttp.ClientSession() as http, http.get(made["roomUrl"]) as response:
        assert response.status == 200


async def test_an_unknown_call_is_json_too(api: aiohttp.ClientSession) -> None:
    for method, path, status in (("GET", "nothing", 404), ("PATCH", "meetings/1", 405)):
        async with api.request(method, path) as response:
            assert response.status == status
            assert list(await response.json()) == ["error"]


async def test_a_minute_has_so_many_points_even_over_a_restart(tmp_path: Path) -> None:
    """Creates cost 3, deletes 2, reads 1; a refused call costs nothing and says how long to wait."""
    async with room_server(tmp_path, ROOM_SERVER_POINTS_PER_MINUTE="10") as own:
        await until(_early_in_the_minute, seconds=30)
        headers = {"Authorization": f"Bearer {API_KEY}"}
        async with aiohttp.ClientSession(f"{own.url}/v1/", headers=headers) as api:
            left = []
            for method, path in (("POST", "meetings"), ("GET", "meetings"), ("DELETE", "meetings/1")):
                async with api.request(method, path, json={"endDate": LATER}) as response:
                    assert response.headers["X-RateLimit-Limit"] == "10"
                    left.append(int(response.headers["X-RateLimit-Remaining"]))
            assert left == [7, 6, 4]
            await make(api)
            await own.stop(kill=True)
            await own.start()
            async with api.post("meetings", json={"endDate": LATER}) as response:
                assert response.status == 429
                body = await response.json()
                assert 0 < body["data"]["msLeft"] <= 60_000
                assert isinstance(body["error"], str)
                assert 0 <= int(response.headers["Retry-After"]) * 1000 - body["data"]["msLeft"] < 1000
                assert response.headers["X-RateLimit-Remaining"] == "1"
                reset = datetime.fromisoformat(response.headers["X-RateLimit-Reset"])
                assert reset.second == 0
                assert timedelta(0) < reset - datetime.now(UTC) <= timedelta(minutes=1)
            async with api.get("meetings") as response:
                assert response.status == 200
                assert response.headers["X-RateLimit-Remaining"] == "0"


async def _early_in_the_minute() -> bool:
    """So that the test does not see two minutes' budgets."""
    return datetime.now(UTC).second < 45


async def test_a_room_page_tells_browsers_whom_to_trust(server: RoomServer) -> None:
    made = await server.create()
    async with aiohttp.ClientSession() as http, http.get(made["roomUrl"] + "?lang=ar") as response:
        policy = response.headers["Content-Security-Policy"]
        text = await response.text()
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert f"frame-ancestors {server.environment['ROOM_SERVER_ALLOWED_ORIGINS']}" in policy.replace(",", " ")
    assert 'lang="ar" dir="rtl"' in text
    assert response.headers["Referrer-Policy"] == "no-referrer"
    async with aiohttp.ClientSession() as http, http.get(f"{server.url}/static/room.js") as response:
        assert response.content_type in {"text/javascript", "application/javascript"}
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Cache-Control"] == "no-cache"
