"""What the provider answers, as its documentation shows it."""

import uuid
from datetime import UTC, datetime
from typing import Any

import httpx

from rooms.whereby.protocol import NewMeeting, RoomMode, room_prefix

ROOM = uuid.UUID("0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d")
PREFIX = room_prefix("sammen", ROOM)
NEW = NewMeeting(end_date=datetime(2026, 12, 1, 19, 0, tzinfo=UTC), mode=RoomMode.GROUP, prefix=PREFIX)


def meeting(number: int = 1, prefix: str = PREFIX, **more: Any) -> dict[str, Any]:
    """A room as the provider describes it."""
    address = f"https://centre.whereby.com/{prefix}{number}"
    return {
        "meetingId": str(number),
        "roomName": f"/{prefix}{number}",
        "roomUrl": address,
        "hostRoomUrl": f"{address}?roomKey=secret{number}",
        "startDate": "2026-12-01T16:00:00.000Z",
        "endDate": "2026-12-01T19:00:00Z",
        **more,
    }


def page(*meetings: dict[str, Any], cursor: str | None = None) -> dict[str, Any]:
    """A page of the list."""
    return {"results": list(meetings), "cursor": cursor}


OK, MADE, GONE = httpx.Response(200, json=meeting()), httpx.Response(201, json=meeting()), httpx.Response(204)
DOWN = httpx.Response(503, html="<h1>Bad gateway</h1>")
Side = httpx.Response | type[Exception]


def too_fast(milliseconds: int) -> httpx.Response:
    """429, with its own way to say how long."""
    return httpx.Response(429, json={"error": "Too many requests", "data": {"msLeft": milliseconds}})
