"""What the page asks and tells, without a browser: who gets a room's address, and what is kept."""

import re
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

from aiohttp import CookieJar
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy import select, update

from rooms.access.records import Device
from rooms.access.service.devices import waiting_devices
from rooms.people.records.persons import Person
from rooms.schedule.records import Invitation, Session
from rooms.schedule.rules.formats import DeviceCheck
from rooms.seating.records import Presence, Seat
from rooms.seating.service.rotation import rotate_session
from tests.conftest import Client
from tests.support.town import Town

MINUTE = timedelta(minutes=1)


class Phone:
    """One browser with a person's page open, doing what the page's script does."""

    def __init__(self, client: Client, page: str) -> None:
        self._client = client
        tokens = {name: re.search(f'data-{name}="([^"]+)"', page) for name in ("csrf", "link")}
        assert all(tokens.values())
        csrf, link = (found[1] for found in tokens.values() if found)
        self.headers = {"X-CSRF-Token": csrf, "X-Link": link, "Accept": "application/json"}

    async def now(self, **devices: str) -> dict[str, Any]:
        """GET /me/now."""
        async with self._client.get("/me/now", params=devices, headers=self.headers) as answer:
            assert answer.status == 200
            found: dict[str, Any] = await answer.json()
            return found

    async def post(self, path: str, **body: Any) -> tuple[int, dict[str, Any]]:
        """POST something; status and answer."""
        async with self._client.post(path, json=body, headers=self.headers) as answer:
            return answer.status, await answer.json()


async def open_on(client: Client, town: Town, person: Person) -> Phone:
    """Open the person's link on the client's browser."""
    return Phone(client, await (await client.get(await town.link(person))).text())


@asynccontextmanager
async def another_browser(client: Client) -> AsyncIterator[Client]:
    """A second browser of the same application, which goes on running afterwards."""
    browser = TestClient(cast("TestServer", client.server), cookie_jar=CookieJar(unsafe=True))
    try:
        yield browser
    finally:
        await browser.session.close()


async def invitation_of(town: Town, person: Person) -> Invitation:
    async with town.work() as work:
        return (await work.session.scalars(select(Invitation).where(Invitation.person_id == person.id))).one()


async def test_the_address_comes_with_a_seat_and_not_before(client: Client, town: Town) -> None:
    person = await town.person(name="Amina Ali", ui_language="ar")
    session = await town.session(person, starts_in=5 * MINUTE)
    room = await town.room(session)
    phone = await open_on(client, town, person)
    before = await phone.now()
    assert before["state"] == "open"
    assert str(room.url) not in str(before)
    status, inside = await phone.post("/me/enter?camera=on&microphone=off")
    assert (status, inside["state"]) == (200, "room")
    address = urlsplit(inside["room"]["address"])
    assert f"{address.scheme}://{address.netloc}{address.path}" == room.url
    query = {name: values[0] for name, values in parse_qs(address.query).items()}
    assert (query["displayName"], query["video"], query["audio"], query["lang"]) == ("Amina", "on", "off", "ar")
    assert query["externalId"] == inside["room"]["seat"]
    assert (await phone.now())["room"]["id"] == str(room.id)


async def test_no_address_once_the_session_is_over_or_cancelled(client: Client, town: Town) -> None:
    person = await town.person()
    session = await town.session(person, starts_in=5 * MINUTE)
    room = await town.room(session)
    phone = await open_on(client, town, person)
    await phone.post("/me/enter")
    for change in ({"ended_at": town.now}, {"ended_at": None, "cancelled_at": town.now}):
        async with town.work() as work:
            stored = await work.session.get(Session, session.id)
            assert stored is not None
            for name, value in change.items():
                setattr(stored, name, value)
        assert str(room.url) not in str(await phone.now())
        assert str(room.url) not in str(await phone.post("/me/enter"))


async def test_a_room_on_a_foreign_host_is_never_shown(client: Client, town: Town) -> None:
    person = await town.person()
    await town.room(await town.session(person, starts_in=5 * MINUTE), host="evil.example")
    phone = await open_on(client, town, person)
    status, answer = await phone.post("/me/enter")
    assert status == 500
    assert "evil.example" not in str(answer)


async def test_a_second_browser_asks_and_is_let_in_when_the_first_has_gone(client: Client, town: Town) -> None:
    person = await town.person()
    await town.room(await town.session(person, starts_in=5 * MINUTE))
    phone = await open_on(client, town, person)
    inside = (await phone.post("/me/enter"))[1]
    joined = {"event": "joined", "seat": inside["room"]["seat"], "room": inside["room"]["id"]}
    stay = (await phone.post("/me/here", **joined))[1]["stay"]
    async with another_browser(client) as browser:
        pc = await open_on(browser, town, person)
        assert (await pc.now())["state"] == "other_device"
        waiting = (await pc.post("/me/enter"))[1]
        assert waiting["state"] == "other_device"
        assert "room" not in waiting
        async with town.work() as work:
            assert len(await waiting_devices(work, [person.id], town.now)) == 1
        assert (await phone.now())["state"] == "room"
        await phone.post("/me/here", event="gone", stay=stay)
        assert (await pc.post("/me/enter"))[1]["state"] == "room"


async def test_a_second_browser_does_not_slip_in_when_everybody_moves(client: Client, town: Town) -> None:
    """The provider says goodbye in the old room before the first browser has come to the new one."""
    person = await town.person()
    session = await town.session(person, starts_in=5 * MINUTE)
    room, other = await town.room(session), await town.room(session, number=2)
    phone = await open_on(client, town, person)
    inside = (await phone.post("/me/enter"))[1]["room"]
    await phone.post("/me/here", event="joined", seat=inside["seat"], room=inside["id"])
    async with another_browser(client) as browser:
        pc = await open_on(browser, town, person)
        assert (await pc.post("/me/enter"))[1]["state"] == "other_device"

        async def goodbye_and_turned_away() -> None:
            async with town.work() as work:
                await work.session.execute(update(Presence).values(left_at=Presence.last_seen_at))
            assert (await pc.now())["state"] == "other_device"
            assert (await pc.post("/me/enter"))[1]["state"] == "other_device"

        new_ids = set()
        await town.spare()
        async with town.work() as work:
            await rotate_session(work, session.id, installation="sammen", actor_id=None, now=town.now)
        await goodbye_and_turned_away()
        new_ids.add((await phone.now())["room"]["id"])
        async with town.work() as work:
            await work.session.execute(update(Seat).values(room_id=other.id))
        await goodbye_and_turned_away()
        new_ids.add((await phone.post("/me/enter"))[1]["room"]["id"])
        assert len(new_ids) == 2
        assert str(room.id) not in new_ids
        # Whoever pressed *Leave* has gone, wherever their browser was last.
        await phone.post("/me/leave")
        assert (await pc.post("/me/enter"))[1]["state"] == "room"


async def test_the_page_of_another_persons_link_gets_nothing(client: Client, town: Town) -> None:
    first, second = await town.person(), await town.person()
    page = await open_on(client, town, first)
    await open_on(client, town, second)
    for path in ("/me/opened", "/me/enter", "/me/leave", "/me/here"):
        assert (await page.post(path, event="here", stay=str(uuid.uuid4())))[0] == 409


async def test_somebody_elses_seat_or_stay_cannot_be_spoken_for(client: Client, town: Town) -> None:
    person, other = await town.person(), await town.person()
    session = await town.session(person, other, starts_in=5 * MINUTE)
    room = await town.room(session)
    seat = await town.seat(other, room)
    stay = await town.stay(seat, room)
    phone = await open_on(client, town, person)
    answer = await phone.post("/me/here", event="joined", seat=str(seat.id), room=str(room.id))
    assert answer == (200, {"stay": None})
    await phone.post("/me/here", event="gone", stay=str(stay.id))
    async with town.work() as work:
        stored = await work.session.get(Presence, stay.id)
    assert stored is not None
    assert stored.left_at is None


async def test_the_first_sign_of_life_and_the_last_check_are_kept(client: Client, town: Town) -> None:
    person = await town.person()
    await town.session(person, starts_in=30 * MINUTE)
    phone = await open_on(client, town, person)
    assert (await phone.now())["opened"] is False
    await phone.post("/me/opened")
    first = (await invitation_of(town, person)).opened_at
    await phone.post("/me/opened")
    for found in ("camera_blocked", "camera_off"):
        assert (await phone.post("/me/device-check", found=found))[0] == 200
    invitation = await invitation_of(town, person)
    assert first is not None
    assert (invitation.opened_at, invitation.device_check) == (first, DeviceCheck.CAMERA_OFF)
    assert (await phone.now())["checked"] == "camera_off"


async def test_what_is_no_answer_is_refused(client: Client, town: Town) -> None:
    phone = await open_on(client, town, await town.person())
    for path, body in (
        ("/me/device-check", {"found": "broken"}),
        ("/me/device-check", {"found": ["passed"]}),
        ("/me/here", {"event": "flown"}),
        ("/me/here", {"event": "joined", "seat": 7, "room": None}),
    ):
        assert (await phone.post(path, **body))[0] == 400
    async with client.post("/me/here", data=b"\xff", headers=phone.headers) as answer:
        assert answer.status == 400
    without_token = {name: value for name, value in phone.headers.items() if name != "X-CSRF-Token"}
    async with client.post("/me/enter", json={}, headers=without_token) as answer:
        assert answer.status == 403


async def test_cookies_of_two_browsers_do_not_mix(client: Client, town: Town) -> None:
    """Entering needs the device's own cookie: a stolen session cookie alone leads nowhere."""
    person = await town.person()
    await town.room(await town.session(person, starts_in=5 * MINUTE))
    phone = await open_on(client, town, person)
    client.session.cookie_jar.clear(lambda cookie: cookie.key == "device")
    assert (await phone.post("/me/enter"))[0] == 403
    async with town.work() as work:
        assert list(await work.session.scalars(select(Device))) == []
