"""Calendar feeds: whoever has the address sees what is planned and changed, and nothing of anybody else."""

import re
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from aiohttp.test_utils import TestServer
from sqlalchemy import select, update

from rooms.audit.records import AuditEntry
from rooms.audit.rules import Event
from rooms.people.records.circles import Circle
from rooms.people.records.persons import Person
from rooms.people.service.circles import CircleFacts, keep_circle
from rooms.schedule.records import Session
from rooms.schedule.service.move import move_session
from rooms.schedule.service.sessions import cancel_session
from rooms.store.scope import AllCentres
from tests.rooms.dashboard.conftest import Post
from tests.support.calendars import Component, read_calendar
from tests.support.callers import Client, another_browser
from tests.support.cast import Cast
from tests.support.town import Town

ALL = AllCentres("tests look at every centre")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


async def address_of(post: Post, path: str) -> str:
    """The feed's address as a coordinator sees it."""
    response = await post(path)
    assert response.status == 200
    found = re.search(r'id="feed" value="([^"]+)"', await response.text())
    assert found is not None
    return urlsplit(found[1]).path


async def read(client: Client, address: str) -> Component:
    response = await client.get(address)
    assert (response.status, response.content_type) == (200, "text/calendar")
    assert "private" in response.headers["Cache-Control"]
    return read_calendar(await response.text())


async def circle_with(town: Town, cast: Cast, *people: Person) -> Circle:
    async with town.work() as work:
        return await keep_circle(
            work,
            CircleFacts("Kvinnegruppa", is_closed=True, on_stranger=None, person_ids=[person.id for person in people]),
            circle_id=None,
            version=0,
            centre_id=town.centre_id,
            actor_id=cast.coordinator.id,
            now=town.now,
        )


async def test_a_person_s_feed_holds_their_sessions_and_their_link(
    post: Post, server: TestServer, klepp: Town, cast: Cast
) -> None:
    mine = await klepp.session(cast.amina, cast.yusuf, starts_in=DAY, title="Språktrening, nivå 2")
    await klepp.session(cast.yusuf, starts_in=DAY, title="Noe annet")
    address = await address_of(post, f"/people/{cast.amina.id}/link")
    async with another_browser(server) as anybody:
        calendar = await read(anybody, address)
        text = await (await anybody.get(address)).text()
    (event,) = calendar.all("VEVENT")
    assert event.line("SUMMARY").text == "Språktrening, nivå 2"
    assert event.line("UID").value == f"{mine.id}@localhost"
    assert event.line("STATUS").value == "CONFIRMED"
    assert event.line("URL").value.endswith(await klepp.link(cast.amina))
    assert event.line("DTSTART").parameters["TZID"] == "Europe/Oslo"
    assert cast.yusuf.name not in text


async def test_what_changes_follows_and_what_is_cancelled_is_told_for_a_week(
    post: Post, server: TestServer, klepp: Town, cast: Cast
) -> None:
    session = await klepp.session(cast.amina, starts_in=DAY)
    address = await address_of(post, f"/people/{cast.amina.id}/link")
    async with another_browser(server) as anybody:
        (before,) = (await read(anybody, address)).all("VEVENT")
        tag = (await anybody.get(address)).headers["ETag"]
        assert (await anybody.get(address, headers={"If-None-Match": tag})).status == 304
        async with klepp.work() as work:
            await move_session(
                work, session.id, session.starts_at + HOUR, session.ends_at + HOUR,
                version=session.version, actor_id=cast.coordinator.id, now=klepp.now,
            )  # fmt: skip
        assert (await anybody.get(address, headers={"If-None-Match": tag})).status == 200
        (moved,) = (await read(anybody, address)).all("VEVENT")
        assert moved.line("UID").value == before.line("UID").value
        assert int(moved.line("SEQUENCE").value) > int(before.line("SEQUENCE").value)
        assert moved.line("DTSTART").value > before.line("DTSTART").value
        async with klepp.work() as work:
            await cancel_session(work, session.id, actor_id=cast.coordinator.id, now=klepp.now)
        (cancelled,) = (await read(anybody, address)).all("VEVENT")
        assert cancelled.line("STATUS").value == "CANCELLED"
        assert int(cancelled.line("SEQUENCE").value) > int(moved.line("SEQUENCE").value)
        async with klepp.work() as work:
            await work.session.execute(update(Session).values(cancelled_at=klepp.now - timedelta(days=8)))
        assert (await read(anybody, address)).all("VEVENT") == []


@pytest.mark.parametrize(
    ("starts_at", "wall", "offset"),
    [
        (datetime(2027, 3, 27, 17, tzinfo=UTC), "20270327T180000", "+0100"),
        (datetime(2027, 3, 28, 16, tzinfo=UTC), "20270328T180000", "+0200"),
        (datetime(2027, 10, 30, 16, tzinfo=UTC), "20271030T180000", "+0200"),
        (datetime(2027, 10, 31, 17, tzinfo=UTC), "20271031T180000", "+0100"),
    ],
)
async def test_six_o_clock_stays_six_o_clock_when_the_clocks_change(
    post: Post, server: TestServer, klepp: Town, cast: Cast, starts_at: datetime, wall: str, offset: str
) -> None:
    await klepp.session(cast.amina, starts_in=starts_at - klepp.now)
    address = await address_of(post, f"/people/{cast.amina.id}/link")
    async with another_browser(server) as anybody:
        calendar = await read(anybody, address)
    (event,) = calendar.all("VEVENT")
    assert event.line("DTSTART").value == wall
    (zone,) = calendar.all("VTIMEZONE")
    before = [each for each in zone.parts if each.line("DTSTART").value <= wall]
    assert max(before, key=lambda each: each.line("DTSTART").value).line("TZOFFSETTO").value == offset


async def test_a_circle_s_feed_names_nobody_and_opens_nothing(
    post: Post, server: TestServer, klepp: Town, cast: Cast
) -> None:
    circle = await circle_with(klepp, cast, cast.amina)
    await klepp.session(cast.amina, starts_in=DAY, circle_id=circle.id, title="Kvinnekveld")
    await klepp.session(cast.amina, starts_in=DAY, title="Noe annet")
    address = await address_of(post, f"/circles/{circle.id}/feed")
    async with another_browser(server) as anybody:
        calendar = await read(anybody, address)
        text = await (await anybody.get(address)).text()
    (event,) = calendar.all("VEVENT")
    assert event.line("SUMMARY").text == "Kvinnekveld"
    assert "/l/" not in text
    assert cast.amina.name not in text


async def test_a_new_address_ends_the_old_one(post: Post, server: TestServer, klepp: Town, cast: Cast) -> None:
    circle = await circle_with(klepp, cast, cast.amina)
    old = await address_of(post, f"/circles/{circle.id}/feed")
    assert await address_of(post, f"/circles/{circle.id}/feed") == old
    new = await address_of(post, f"/circles/{circle.id}/new-feed")
    of_amina = await address_of(post, f"/people/{cast.amina.id}/link")
    of_amina_now = await address_of(post, f"/people/{cast.amina.id}/new-link")
    of_yusuf = await address_of(post, f"/people/{cast.yusuf.id}/link")
    async with klepp.work() as work:
        await work.session.execute(update(Person).where(Person.id == cast.yusuf.id).values(left_at=klepp.now))
        events = list(await work.session.scalars(select(AuditEntry.event)))
    assert events.count(Event.FEED_SHOWN) == 5
    assert events.count(Event.FEED_REPLACED) == 1
    async with another_browser(server) as anybody:
        for address, status in ((old, 404), (new, 200), (of_amina, 404), (of_amina_now, 200), (of_yusuf, 404)):
            assert (await anybody.get(address)).status == status
        for wrong in ("/calendar/x.ics", "/calendar/0123456789abcdef.ics", new.replace(".ics", "")):
            assert (await anybody.get(wrong)).status == 404


async def test_guessing_is_slowed_down(server: TestServer, cast: Cast) -> None:
    async with another_browser(server) as anybody:
        found = [(await anybody.get("/calendar/0123456789abcdef.ics")).status for _ in range(61)]
    assert set(found[:60]) == {404}
    assert found[60] == 429
