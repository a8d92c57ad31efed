"""Browsers that are somebody: cookies as the real doors write them."""

import secrets
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import CookieJar, web
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy import select

from config import clock
from config.settings import Settings
from rooms.access.records import Link
from rooms.access.rules.devices import device_id_of
from rooms.access.rules.tokens import Audience, claim, write_token
from rooms.access.service.links import codes_of
from rooms.access.service.sign_in import make_terminal_sign_in, use
from rooms.access.views.identity import DEVICE, TOKENS
from rooms.people.records.persons import Person
from rooms.store.scope import AllCentres
from rooms.store.unit_of_work import Store

Client = TestClient[web.Request, web.Application]
_TESTS = AllCentres("tests sign in whom they like")


async def cookies_of_coordinator(store: Store, settings: Settings, person: Person) -> dict[str, str]:
    """The cookies of a coordinator who has just signed in."""
    keys, now = settings.key_ring, clock.now()
    async with store.work(_TESTS) as work:
        path = await make_terminal_sign_in(work, person.id, keys, now)
    async with store.work(_TESTS) as work:
        outcome = await use(work, path.rpartition("/")[2], browser=None, typed="", keys=keys, now=now)
    assert outcome.staff is not None
    claims = claim(
        Audience.COORDINATOR,
        person_id=person.id,
        centre_id=person.centre_id,
        proof_id=outcome.staff.sign_in_id,
        language=person.ui_language,
        now=now,
    )
    return {TOKENS[Audience.COORDINATOR]: write_token(claims, keys)}


async def cookies_of_participant(store: Store, settings: Settings, person: Person) -> dict[str, str]:
    """The cookies of a participant who has opened their personal link in a new browser."""
    keys, now = settings.key_ring, clock.now()
    await code_of(store, settings, person)
    async with store.work(_TESTS) as work:
        link_id: uuid.UUID = (
            await work.session.scalars(select(Link.id).where(Link.person_id == person.id, Link.replaced_at.is_(None)))
        ).one()
    device = secrets.token_urlsafe(24)
    claims = claim(
        Audience.PARTICIPANT,
        person_id=person.id,
        centre_id=person.centre_id,
        proof_id=link_id,
        language=person.ui_language,
        now=now,
        device_id=device_id_of(link_id, device),
    )
    return {TOKENS[Audience.PARTICIPANT]: write_token(claims, keys), DEVICE: device}


async def code_of(store: Store, settings: Settings, person: Person) -> str:
    """The code of a person's link (`/l/{code}`), which is made when there is none."""
    async with store.work(_TESTS) as work:
        return (await codes_of(work, [person.id], settings.key_ring, clock.now()))[person.id]


@asynccontextmanager
async def another_browser(server: TestServer) -> AsyncIterator[Client]:
    """One more browser at a server that goes on when this one is closed."""
    client: Client = TestClient(server, cookie_jar=CookieJar(unsafe=True))
    try:
        yield client
    finally:
        await client.session.close()


def be(client: Client, cookies: dict[str, str]) -> None:
    """Have a test client carry these cookies from now on."""
    client.session.cookie_jar.update_cookies(cookies, client.make_url("/"))


async def csrf_token(client: Client, page: str = "/sign-in") -> str:
    """A CSRF token for this client's next forms, out of a page that has a form."""
    text = await (await client.get(page)).text()
    return text.partition('name="csrf_token" value="')[2].partition('"')[0]
