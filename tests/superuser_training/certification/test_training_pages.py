"""From nobody to certified: the guide's own pages, and the coordinator who is the witness."""

import re
from collections.abc import AsyncIterator

import pytest
from aiohttp.test_utils import TestServer
from sqlalchemy import select

from config.settings import Settings
from rooms.store.scope import AllCentres
from rooms.store.unit_of_work import Store
from superuser_training.guides.records import GuideHours, LogLine
from superuser_training.guides.rules import PLEDGE_VERSION, LogKind
from superuser_training.modules.library import content, curriculum
from superuser_training.modules.rules import Content, Module
from tests.support.callers import (
    Client,
    another_browser,
    be,
    cookies_of_coordinator,
    cookies_of_participant,
    csrf_token,
)
from tests.support.cast import Cast

ALL = AllCentres("tests look everywhere")
HERE = "/me/training"


@pytest.fixture
async def amina(server: TestServer, store: Store, settings: Settings, cast: Cast) -> AsyncIterator[Client]:
    """The browser in which Amina opened her link, in English."""
    async with another_browser(server) as client:
        be(client, await cookies_of_participant(store, settings, cast.amina) | {"language": "en"})
        yield client


@pytest.fixture
async def kari(server: TestServer, store: Store, settings: Settings, cast: Cast) -> AsyncIterator[Client]:
    """The coordinator's browser, in English."""
    async with another_browser(server) as client:
        be(client, await cookies_of_coordinator(store, settings, cast.coordinator) | {"language": "en"})
        yield client


async def send(client: Client, path: str, form_on: str, **fields: str) -> tuple[int, str]:
    """Post a form with the token of the page on which it stands."""
    data = {"csrf_token": await csrf_token(client, form_on), **fields}
    async with client.post(path, data=data, allow_redirects=False) as response:
        return response.status, await response.text()


async def text_of(client: Client, path: str) -> str:
    async with client.get(path) as response:
        assert response.status == 200
        return await response.text()


async def lines(store: Store) -> list[LogLine]:
    async with store.work(ALL) as work:
        return list(await work.session.scalars(select(LogLine).order_by(LogLine.at)))


def right(module: Content) -> dict[str, str]:
    return {f"answer-{number}": str(question.right) for number, question in enumerate(module.questions)}


async def test_from_nobody_to_certified(amina: Client, kari: Client, store: Store, cast: Cast) -> None:
    guide_page, log = f"/guides/{cast.amina.id}", f"/guides/{cast.amina.id}/log"
    assert "Not begun" in await text_of(kari, guide_page)
    assert (await send(amina, f"{HERE}/pledge", HERE, agree="yes"))[0] == 303
    for module in curriculum("en"):
        path = f"{HERE}/{module.module.value}"
        assert "The module is passed" in (await send(amina, path, path, **right(module)))[1]
    text = await text_of(amina, HERE)
    assert "In training" in text
    assert "Had a one-to-one training" in text
    for kind in (LogKind.GROUP_TRAINING, LogKind.ONE_TO_ONE_TRAINING, LogKind.GUIDING_OBSERVED):
        assert "Certified" not in await text_of(amina, HERE)
        assert (await send(kari, log, guide_page, kind=kind.value))[0] == 303
    assert "Certified" in await text_of(amina, HERE)
    assert "Certified" in await text_of(kari, "/guides")
    assert (await send(kari, log, guide_page, kind="exercise_done", subject="devices/1"))[0] == 303
    assert content(Module.DEVICES, "en").exercises[0] in (await text_of(kari, guide_page)).partition("What has")[2]
    assert (await send(kari, log, guide_page, kind="revoked"))[0] == 303
    assert "Certificate taken back" in await text_of(kari, "/guides")
    text = await text_of(amina, HERE)
    assert "Sign and begin" in text
    assert "Certified" not in text

    written = await lines(store)
    assert written[0].version == PLEDGE_VERSION
    passed = {line.subject: line for line in written if line.kind is LogKind.MODULE_PASSED}
    assert {name: line.version for name, line in passed.items()} == {
        one.module.value: one.version for one in curriculum("en")
    }
    assert {line.written_by for line in passed.values()} == {cast.amina.id}
    witnessed = {line.written_by for line in written if line.kind not in {LogKind.PLEDGED, LogKind.MODULE_PASSED}}
    assert witnessed == {cast.coordinator.id}


async def test_a_check_with_a_mistake_says_why_and_passes_nobody(amina: Client, store: Store) -> None:
    module = content(Module.SAFETY, "en")
    path = f"{HERE}/{module.module.value}"
    await send(amina, path, HERE, **right(module))
    assert await lines(store) == []  # not before the pledge
    await send(amina, f"{HERE}/pledge", HERE)
    assert await lines(store) == []  # not without ticking it
    await send(amina, f"{HERE}/pledge", HERE, agree="yes")
    await send(amina, f"{HERE}/pledge", HERE, agree="yes")
    text = await text_of(amina, path)
    assert not any(question.why in text for question in module.questions)
    for answers in ({**right(module), "answer-1": "2"}, {"answer-0": "²"}, {"answer-1": "-1"}, {}):
        status, text = await send(amina, path, path, **answers)
        assert status == 200
        assert "Not right:" in text
        assert module.questions[1].why in text
    assert [line.kind for line in await lines(store)] == [LogKind.PLEDGED]


async def test_a_break_is_one_tap_and_a_second_tap_does_no_harm(amina: Client, kari: Client, store: Store) -> None:
    await send(amina, f"{HERE}/pause", HERE, wanted="pause")
    assert await lines(store) == []  # nobody takes a break from what they have not begun
    await send(amina, f"{HERE}/pledge", HERE, agree="yes")
    for _twice in range(2):
        await send(amina, f"{HERE}/pause", HERE, wanted="pause")
    assert "Takes a break" in await text_of(kari, "/guides")
    await send(amina, f"{HERE}/pause", HERE, wanted="resume")
    assert "Takes a break" not in await text_of(kari, "/guides")
    assert [line.kind for line in await lines(store)] == [LogKind.PLEDGED, LogKind.PAUSED, LogKind.RESUMED]


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "module_passed", "subject": "safety"},
        {"kind": "pledged"},
        {"kind": "exercise_done"},
        {"kind": "exercise_done", "subject": "devices/9"},
        {"kind": "group_training", "subject": "devices/1"},
        {},
    ],
)
async def test_a_coordinator_writes_only_what_can_be_witnessed(
    kari: Client, store: Store, cast: Cast, fields: dict[str, str]
) -> None:
    page = f"/guides/{cast.amina.id}"
    assert (await send(kari, f"{page}/log", page, **fields))[0] == 422
    assert await lines(store) == []


async def test_no_such_module(amina: Client) -> None:
    async with amina.get(f"{HERE}/cooking") as response:
        assert response.status == 404


async def test_hours_are_kept_and_seen_by_the_coordinator(
    amina: Client, kari: Client, store: Store, cast: Cast
) -> None:
    hours = "/me/hours"
    async with amina.get(hours, allow_redirects=False) as response:
        assert response.headers["Location"] == HERE  # the pledge first
    await send(amina, f"{HERE}/pledge", HERE, agree="yes")
    plan = {"from-2": "18:00", "until-2": "20:00", "away-from": "2027-07-01", "away-until": "2027-07-31", "ways": "sms"}
    assert (await send(amina, hours, hours, **plan))[0] == 303
    for mistake in ({"from-3": "18:00"}, {"until-2": "17:00"}, {"away-until": "2027-06-01"}, {"away-from": "soon"}):
        status, text = await send(amina, hours, hours, **plan | mistake)
        assert (status, "Not saved." in text) == (422, True)
        assert f'value="{next(iter(mistake.values()))}"' in text  # what was typed is still there
    async with store.work(ALL) as work:
        row = (await work.session.scalars(select(GuideHours))).one()
        assert (row.weekly, str(row.away_from), str(row.away_until)) == (["2 18:00-20:00"], "2027-07-01", "2027-07-31")
        assert (row.by_page, row.by_sms, row.by_email) == (False, True, False)
    assert (await send(amina, f"{hours}/duty", hours, wanted="on"))[0] == 303
    assert "On duty until" in await text_of(amina, hours)
    assert "Can be asked now" in await text_of(kari, "/guides")
    (asked,) = re.findall(r'id="hours".*?</section>', await text_of(kari, f"/guides/{cast.amina.id}"), re.DOTALL)
    assert re.findall(r"<li>(?:<[^>]+>)*([^<:]+)", asked) == ["Tuesday", "Away", "SMS"]
    await send(amina, f"{HERE}/pause", HERE, wanted="pause")
    assert "Can be asked now" not in await text_of(kari, "/guides")
    await send(amina, f"{hours}/duty", hours, wanted="off")
    assert "Not on duty" in await text_of(amina, hours)
