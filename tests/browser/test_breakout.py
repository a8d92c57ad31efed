"""The heart of it, for real: nine people and a coordinator in the big room, into three groups, and back by the clock.

One loads their page anew, one sleeps for twenty seconds, one comes late; and nobody's worker runs when the round ends.
"""

import asyncio
import os
import re
import signal
import time
import uuid
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.async_api import Browser, Error, Frame, Page, expect
from pydantic import SecretStr
from sqlalchemy import select

from config import clock
from rooms.access.service.links import codes_of
from rooms.embedded import janus
from rooms.people.records.persons import Person
from rooms.schedule.rules.formats import Format
from rooms.schedule.service.sessions import PROVISION_DUE
from rooms.seating.records import Presence
from rooms.store.engine import make_engine
from rooms.store.redis import connect
from rooms.store.scope import AllCentres
from rooms.store.unit_of_work import Store
from rooms.store.wakeups import Wakeups, queue_client
from tests.browser.test_five_meet import sign_in
from tests.rooms.embedded.test_supervisor import free_port
from tests.rooms.embedded.test_whole_stack import started
from tests.support.browser import PHONE, chromium, look
from tests.support.factories import make_person, make_session
from tests.support.waiting import until

pytestmark = [pytest.mark.browser, pytest.mark.video, pytest.mark.crowd, pytest.mark.timeout(600)]

ALL = AllCentres("the test writes the session and looks at it")
#: Three of each mother tongue, a guide among them, so that groups by language are three of three. The tenth comes late.
LANGUAGES = ("so", "ti", "uk")
PEOPLE = [f"Person{number}" for number in range(10)]
EARLY, LATE = PEOPLE[:9], PEOPLE[9]
GROUPS = [{f"Person{number}" for number in range(first, 9, 3)} for first in range(3)]


#: Eleven browsers share this machine, and each hears and shows nine others.
TINY_CAMERA = """
const get = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
navigator.mediaDevices.getUserMedia = ({ audio, video }) => get({
  ...(audio ? { audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false } } : {}),
  ...(video ? { video: { width: 160, height: 90, frameRate: 2 } } : {}),
});
"""


class Stage:
    """The running service: its database, and what stands there."""

    def __init__(self, folder: Path, web: str) -> None:
        self._variables = dict(
            re.findall(r"^(?:export )?(\w+)='?([^'\n]*)", (folder / "environment").read_text(), re.MULTILINE)
        )
        self.web = web
        redis_url = SecretStr(self._variables["REDIS_URL"])
        self._engine = make_engine(SecretStr(self._variables["DATABASE_URL"]))
        self._redis = connect(redis_url)
        self.store = Store(self._engine, Wakeups(self._redis, queue_client(redis_url)))
        self.session_id = uuid.uuid4()
        self.links: dict[str, str] = {}

    async def prepare(self) -> None:
        """A gathering with nine people and the coordinator, and everybody's link."""
        now = clock.now()
        ring = dict(pair.split(":", 1) for pair in self._variables["SECRET_KEYS"].split(","))
        async with self.store.work(ALL) as work:
            kari = (await work.session.scalars(select(Person).where(Person.staff_role.is_not(None)))).first()
            assert kari is not None
            people = [
                make_person(
                    work,
                    kari.centre_id,
                    now,
                    name=name,
                    languages=[LANGUAGES[number % 3]],
                    ui_language="nb",
                    is_guide=number < 3,
                )
                for number, name in enumerate(PEOPLE)
            ]
            await work.session.flush()
            session = await make_session(
                work, kari.centre_id, now, invited=[*people, kari], starts_at=now - timedelta(minutes=1),
                ends_at=now + timedelta(hours=1), format=Format.GATHERING, title="Kveld i gruppene",
            )  # fmt: skip
            self.session_id = session.id
            codes = await codes_of(work, [kari.id, *(person.id for person in people)], ring, now)
            named = {"Kari": kari.id} | {person.name: person.id for person in people}
            self.links = {name: f"{self.web}/l/{codes[person_id]}" for name, person_id in named.items()}
            work.wake_worker(PROVISION_DUE)

    async def rooms_of(self) -> dict[str, set[str]]:
        """Who is in which room, as their pages say."""
        async with self.store.work(ALL) as work:
            rows = await work.session.execute(
                select(Presence.room_id, Person.name)
                .join(Person, Person.id == Presence.person_id)
                .where(Presence.left_at.is_(None), Presence.device_id.is_not(None))
            )
            found: dict[str, set[str]] = {}
            for room_id, name in rows:
                found.setdefault(str(room_id), set()).add(name)
            return found

    async def are_in(self, *groups: set[str]) -> None:
        """Wait until exactly these people are together, each group in a room of its own."""

        async def so() -> bool:
            return sorted(map(sorted, (await self.rooms_of()).values())) == sorted(map(sorted, groups))

        await until(so, seconds=120)

    async def close(self) -> None:
        await self._engine.dispose()
        await self._redis.aclose()


async def open_page(browser: Browser, link: str) -> Page:
    context = await browser.new_context(
        permissions=["camera", "microphone"], viewport={"width": PHONE["width"], "height": PHONE["height"]}
    )
    await context.add_init_script(TINY_CAMERA)
    page = await context.new_page()
    await page.goto(link)
    await page.locator("[data-do=join][data-camera=on]").click(timeout=60_000)
    return page


async def frame_of(page: Page) -> Frame | None:
    handle = await page.locator("iframe").first.element_handle(timeout=60_000)
    return await handle.content_frame() if handle is not None else None


async def decodes(page: Page, others: int, *, of: int | None = None) -> None:
    """The page decodes the moving pictures of so many others at least, of `of` who are there (else just those)."""
    before: dict[str, int] = {}

    async def seen() -> bool:
        try:
            frame = await frame_of(page)
            peers = await frame.evaluate("window.sammenRoom.stats()") if frame is not None else []
        except Error:  # the frame is just being replaced
            return False
        moving = [peer for peer in peers if peer["framesDecoded"] > before.get(peer["id"], peer["framesDecoded"])]
        before.update({peer["id"]: peer["framesDecoded"] for peer in peers if peer["id"] not in before})
        return len(moving) >= others and len(peers) == (of or others)

    await until(seen, seconds=120, every=1)


async def plan(desk: Page, board: str) -> None:
    """One round of four minutes, by mother tongue."""
    await desk.goto(f"{board}/agenda")
    await desk.locator("#mode").select_option("own_language")
    await desk.locator("#round_minutes").fill("4")
    await desk.locator("main form[method=post] button[type=submit]").first.click()
    await expect(desk.locator("#start")).to_be_visible()


async def shorten(desk: Page) -> None:
    """As short as it goes: a minute is left."""
    for _ in range(3):
        await desk.locator("#extend--1").dispatch_event("click")
        await expect(desk.locator(".ds-alert[data-color=success]")).to_be_visible()


async def test_into_groups_and_back(tmp_path: Path) -> None:
    if janus.find(None) is None:
        pytest.skip(f"no Janus on this machine, so no XL rooms: {janus.INSTALL}")
    ports = {name: str(free_port()) for name in ("WEB_PORT", "ROOM_SERVER_PORT", "SMTP_PORT", "MAILBOX_PORT")}
    async with (
        started(tmp_path / "var", ports) as up,
        chromium(more=["--use-fake-device-for-media-stream=fps=2"]) as browser,
    ):
        web = f"http://localhost:{ports['WEB_PORT']}"
        stage = Stage(tmp_path / "var", web)
        await stage.prepare()
        desk = await sign_in(browser, re.findall(rf"{web}/sign-in/\S+", up.said)[0])
        await plan(desk, f"{web}/sessions/{stage.session_id}/breakout")
        names = ["Kari", *EARLY]
        opened = await asyncio.gather(*(open_page(browser, stage.links[name]) for name in names))
        pages = dict(zip(names, opened, strict=True))
        await stage.are_in({"Kari", *EARLY})
        # Nine cameras at a time are shown in a big room, and one's own is among them.
        await asyncio.gather(*(decodes(page, 8, of=9) for page in pages.values()))

        await desk.locator("#start").dispatch_event("click")  # the machine is too busy to hold still for a mouse
        await stage.are_in({"Kari"}, *GROUPS)
        await asyncio.gather(*(decodes(pages[name], 2) for name in EARLY))
        await look(pages["Person4"], "turn-real")

        asleep, slept = pages["Person1"], time.monotonic()
        await asleep.context.set_offline(True)
        await pages["Person0"].reload()
        await pages["Person0"].locator("[data-do=join][data-camera=on]").click(timeout=60_000)
        pages[LATE] = await open_page(browser, stage.links[LATE])
        await until(lambda: slept_for(slept, 20), seconds=30)
        await asleep.context.set_offline(False)
        (with_late,) = [group | {LATE} for group in GROUPS if "Person0" in group]
        together = [with_late, *(group for group in GROUPS if "Person0" not in group)]
        await stage.are_in({"Kari"}, *together)
        await asyncio.gather(*(decodes(pages[name], len(group) - 1) for group in together for name in group))
        await look(desk, "breakout-real")

        workers = [pid for pid, command in up.descendants().items() if "rooms.cli worker" in command]
        assert workers
        for pid in workers:
            os.kill(pid, signal.SIGSTOP)
        await shorten(desk)
        await stage.are_in({"Kari", *PEOPLE})
        await asyncio.gather(*(decodes(page, 8, of=10) for page in pages.values()))
        for pid in workers:
            os.kill(pid, signal.SIGCONT)
        await stage.close()


async def slept_for(since: float, seconds: float) -> bool:
    return time.monotonic() - since >= seconds
