"""Signed events out, as Whereby sends them: kept until delivered, tried three times in all.

First in the order they happened; what is tried again comes later than what followed it.
`Whereby-Signature: t=<unix seconds>,v1=<hex>`, HMAC-SHA-256 over `<t>.<raw body>`. A 5xx answer or none within five
seconds is tried again twice; a 4xx is the receiver's last word.
"""

import asyncio
import hashlib
import hmac
import json
import random
import sqlite3
import time
import uuid
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

import structlog
from aiohttp import ClientError, ClientSession, ClientTimeout

from rooms.roomserver.meetings import Database, Meeting
from rooms.roomserver.room import Client

log = structlog.get_logger(__name__)

Event = dict[str, Any]

_TRIES = 3
#: Seconds before the second and the third try.
_PAUSES = (1.0, 4.0)
_TIMEOUT = ClientTimeout(total=5)
_AFTER_TROUBLE = 5.0
SUBDOMAIN = "embedded"


def signature(secret: str, body: bytes, seconds: int) -> str:
    """The header that proves the event's sender and time."""
    digest = hmac.new(secret.encode(), f"{seconds}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={seconds},v1={digest}"


def event(kind: str, now: datetime, data: Mapping[str, Any]) -> Event:
    """An event's envelope."""
    return {
        "id": str(uuid.uuid4()),
        "apiVersion": "1.0",
        "createdAt": now.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "type": kind,
        "data": dict(data),
    }


def room_data(meeting: Meeting) -> dict[str, Any]:
    """What every event of a room holds."""
    return {"meetingId": meeting.id, "roomName": f"/{meeting.name}", "subdomain": SUBDOMAIN}


def client_data(meeting: Meeting, client: Client, room_session_id: str | None) -> dict[str, Any]:
    """What an event about somebody holds besides."""
    return room_data(meeting) | {
        "displayName": client.name,
        "roomSessionId": room_session_id,
        "participantId": client.id,
        "metadata": client.metadata,
        "externalId": client.external_id,
        "roleName": client.role.value,
    }


class Outbox:
    """Events on their way to one receiver. Without a receiver they are dropped."""

    def __init__(self, database: Database, url: str | None, secret: str) -> None:
        self._database = database
        self._url = url
        self._secret = secret
        self._wake = asyncio.Event()

    async def put(self, events: Sequence[Event]) -> None:
        """Keep events for delivery, in this order."""
        if self._url is None or not events:
            return
        now = time.time()
        rows = [(told["id"], json.dumps(told), now) for told in events]
        await self._database.run_many("insert into event (id, body, due) values (?, ?, ?)", rows)
        self._wake.set()

    async def deliver(self) -> None:
        """Deliver for ever; events of an earlier life first. Cancel it to stop."""
        if self._url is None:
            return
        async with ClientSession(timeout=_TIMEOUT) as http:
            while True:
                try:
                    await self._deliver_due(http, self._url)
                except sqlite3.Error:
                    log.exception("events cannot be read or noted")
                    await asyncio.sleep(_AFTER_TROUBLE)

    async def _deliver_due(self, http: ClientSession, url: str) -> None:
        """Deliver what is due; when nothing is, wait until something will be."""
        self._wake.clear()
        rows = await self._database.run("select * from event order by due, rowid limit 20")
        now = time.time()
        due = [row for row in rows if row["due"] <= now]
        for row in due:
            await self._try(http, url, row["id"], row["body"], row["tries"] + 1)
        if not due:
            pause = max(0.05, rows[0]["due"] - now) if rows else None
            with suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), pause)

    async def _try(self, http: ClientSession, url: str, event_id: str, body: str, tries: int) -> None:
        raw = body.encode()
        headers = {
            "Content-Type": "application/json",
            "Whereby-Signature": signature(self._secret, raw, int(time.time())),
        }
        try:
            async with http.post(url, data=raw, headers=headers, allow_redirects=False) as response:
                again = response.status >= 500
        except (ClientError, TimeoutError, OSError):
            again = True
        if again and tries < _TRIES:
            due = time.time() + _PAUSES[tries - 1] * random.uniform(0.8, 1.2)  # noqa: S311 - jitter, no secret
            await self._database.run("update event set tries = ?, due = ? where id = ?", tries, due, event_id)
            return
        if again:
            log.warning("event not delivered", tries=tries)
        await self._database.run("delete from event where id = ?", event_id)
