"""People with links, sessions with rooms, and browsers that open them."""

import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer, unused_port
from playwright.async_api import Browser, Page

from config.settings import DEMO_SECRET, RoomServerSettings, Settings
from rooms.access.service.links import codes_of
from rooms.app import make_app
from rooms.people.records.persons import Person
from rooms.roomserver.app import make_app as make_room_server
from rooms.schedule.records import Session
from rooms.seating.records import Presence, Seat
from rooms.seating.rules.reasons import SeatReason
from rooms.store.scope import AllCentres
from rooms.store.unit_of_work import Store, UnitOfWork
from rooms.supply.records import Room
from rooms.supply.rules.room_life import RoomState, Size
from tests.conftest import Client
from tests.support.browser import chromium
from tests.support.factories import make_centre, make_person, make_session


class Town:
    """Writes what the pages' tests need, and knows everybody's link."""

    def __init__(self, store: Store, settings: Settings, now: datetime, centre_id: uuid.UUID) -> None:
        self.store, self.settings, self.now, self.centre_id = store, settings, now, centre_id

    @asynccontextmanager
    async def work(self) -> AsyncIterator[UnitOfWork]:
        """A unit of work that sees everything."""
        async with self.store.work(AllCentres("tests write and look everywhere")) as work:
            yield work

    async def link(self, person: Person) -> str:
        """The path of a person's link, as messages carry it."""
        async with self.work() as work:
            return f"/l/{(await codes_of(work, [person.id], self.settings.key_ring, self.now))[person.id]}"

    async def person(self, **facts: Any) -> Person:
        """One more participant."""
        async with self.work() as work:
            return make_person(work, self.centre_id, self.now, **facts)

    async def session(
        self, *invited: Person, starts_in: timedelta, lasts: timedelta = timedelta(hours=1), **facts: Any
    ) -> Session:
        """A session that starts in so long (or started so long ago)."""
        async with self.work() as work:
            return await make_session(
                work,
                self.centre_id,
                self.now,
                invited=invited,
                starts_at=self.now + starts_in,
                ends_at=self.now + starts_in + lasts,
                **facts,
            )

    async def room(self, session: Session, *, number: int = 1, host: str = "localhost:8081", **facts: Any) -> Room:
        """A room that stands ready."""
        async with self.work() as work:
            name = f"sammen-{uuid.uuid4().hex}"
            room = Room(
                **{
                    "id": uuid.uuid4(),
                    "centre_id": session.centre_id,
                    "session_id": session.id,
                    "number": number,
                    "size": Size.SMALL,
                    "state": RoomState.READY,
                    "prefix": name,
                    "meeting_id": name,
                    "url": f"http://{host}/{name}",
                    "end_date": session.ends_at + timedelta(hours=1),
                    "next_try_at": self.now,
                    "changed_at": self.now,
                }
                | facts
            )
            work.session.add(room)
            return room

    async def seat(self, person: Person, room: Room, *, reason: SeatReason = SeatReason.ARRIVED) -> Seat:
        """A person's seat in a room (or, when they left, the seat that they had), given a while ago."""
        async with self.work() as work:
            seat = Seat(
                id=uuid.uuid4(),
                centre_id=room.centre_id,
                session_id=room.session_id,
                person_id=person.id,
                room_id=None if reason is SeatReason.LEFT else room.id,
                reason=reason,
                changed_at=self.now - timedelta(minutes=30),
            )
            work.session.add(seat)
            return seat

    async def stay(self, seat: Seat, room: Room, *, device_id: uuid.UUID | None = None) -> Presence:
        """Somebody is in the room right now; without a device only the provider says so."""
        async with self.work() as work:
            stay = Presence(
                id=uuid.uuid4(),
                centre_id=seat.centre_id,
                seat_id=seat.id,
                room_id=room.id,
                person_id=seat.person_id,
                device_id=device_id,
                joined_at=self.now,
                last_seen_at=self.now,
            )
            work.session.add(stay)
            return stay

    async def fill(self, room: Room, people: int) -> None:
        """So many others sit in a room."""
        for _ in range(people):
            await self.stay(await self.seat(await self.person(), room), room)


@pytest.fixture
async def town(store: Store, settings: Settings, now: datetime) -> Town:
    """One centre, and nothing planned in it."""
    async with store.work(AllCentres("tests make the centre")) as work:
        centre = make_centre(work, now, name="Frivilligsentralen i Klepp", email="post@klepp.example")
    return Town(store, settings, now, centre.id)


@pytest.fixture(scope="session")
async def devices() -> AsyncIterator[Browser]:
    """Chromium with a fake camera and microphone."""
    async with chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
async def no_devices() -> AsyncIterator[Browser]:
    """Chromium on a machine without camera and microphone."""
    async with chromium(fake_devices=False) as browser:
        yield browser


@asynccontextmanager
async def open_page(
    browser: Browser, client: Client, path: str, *, allow: bool = True, **options: Any
) -> AsyncIterator[Page]:
    """A page of a browser of its own, with or without the permission to use camera and microphone.

    Fails when the page's script breaks or the content security policy refuses something.
    """
    context = await browser.new_context(base_url=str(client.make_url("/")), **options)
    if allow:
        await context.grant_permissions(["camera", "microphone"])
    page = await context.new_page()
    broken: list[str] = []
    page.on("pageerror", lambda error: broken.append(str(error)))
    page.on("console", lambda message: broken.append(message.text) if "Content Security" in message.text else None)
    try:
        await page.goto(path)
        yield page
        assert broken == []
    finally:
        await context.close()


class Site:
    """The web and the room server together, on addresses of their own, as a browser meets them."""

    def __init__(self, client: Client, rooms: Client, key: str) -> None:
        self.client, self._rooms, self._key = client, rooms, key

    async def meeting(self) -> dict[str, Any]:
        """A new room at the provider: `meeting_id` and `url` of a `Room`."""
        answer = await self._rooms.post(
            "/v1/meetings",
            json={"endDate": "2099-01-01T00:00:00Z", "roomMode": "group"},
            headers={"Authorization": f"Bearer {self._key}"},
        )
        made = await answer.json()
        return {"meeting_id": made["meetingId"], "url": made["roomUrl"]}

    async def delete(self, meeting_id: str) -> None:
        """Throw everybody out of a room."""
        await self._rooms.delete(f"/v1/meetings/{meeting_id}", headers={"Authorization": f"Bearer {self._key}"})


@pytest.fixture
async def site(settings: Settings, store: Store, tmp_path: Path) -> AsyncIterator[Site]:
    """Both servers, and webhooks from the one to the other."""
    ours, theirs = unused_port(), unused_port()
    room_settings = RoomServerSettings.model_validate(
        {
            "room_server_url": f"http://localhost:{theirs}",
            "room_server_api_keys": DEMO_SECRET,
            "room_server_webhook_url": f"http://127.0.0.1:{ours}/provider-events",
            "room_server_webhook_secret": DEMO_SECRET,
            "room_server_allowed_origins": f"http://127.0.0.1:{ours}",
            "room_server_data": tmp_path,
        }
    )
    web_settings = settings.model_copy(
        update={"public_url": f"http://127.0.0.1:{ours}", "room_hosts": (f"localhost:{theirs}",)}
    )
    async with (
        TestClient(TestServer(make_app(web_settings), port=ours)) as client,
        TestClient(TestServer(make_room_server(room_settings), port=theirs)) as rooms,
    ):
        yield Site(client, rooms, DEMO_SECRET)
