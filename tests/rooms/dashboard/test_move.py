"""Moving a session through the form."""

import re
from datetime import datetime, timedelta

import pytest

from config.clock import local
from rooms.schedule.records import Session
from rooms.store.scope import AllCentres
from rooms.store.unit_of_work import Store
from tests.rooms.dashboard.conftest import Post
from tests.support.callers import Client
from tests.support.cast import Cast
from tests.support.town import Town

ALL = AllCentres("tests look everywhere")
DAY = timedelta(days=1)


def form(now: datetime, **other: str) -> dict[str, str]:
    day = local(now).date() + 3 * DAY
    return {"day": day.isoformat(), "from": "18:30", "to": "20:00", "version": "1"} | other


async def stored(store: Store, session: Session) -> Session:
    async with store.work(ALL) as work:
        return await work.session.get_one(Session, session.id)


async def test_the_form_shows_the_times_of_now(kari: Client, klepp: Town, cast: Cast) -> None:
    session = await klepp.session(cast.amina, starts_in=DAY)
    text = await (await kari.get(f"/sessions/{session.id}/move")).text()
    values = dict(re.findall(r'<input[^>]*? name="(\w+)"[^>]*? value="([^"]*)"', text))
    start, end = local(session.starts_at), local(session.ends_at)
    assert values["day"] == start.date().isoformat()
    assert (values["from"], values["to"], values["version"]) == (f"{start:%H:%M}", f"{end:%H:%M}", "1")
    assert f'href="/sessions/{session.id}/move"' in await (await kari.get(f"/sessions/{session.id}")).text()


async def test_it_is_moved_as_asked(store: Store, post: Post, klepp: Town, cast: Cast, now: datetime) -> None:
    session = await klepp.session(cast.amina, starts_in=DAY)
    response = await post(f"/sessions/{session.id}/move", **form(now))
    assert (response.status, response.headers["Location"]) == (303, f"/sessions/{session.id}?done=moved")
    moved = await stored(store, session)
    start, end = local(moved.starts_at), local(moved.ends_at)
    assert start.date() == end.date() == local(now).date() + 3 * DAY
    assert (f"{start:%H:%M}", f"{end:%H:%M}") == ("18:30", "20:00")


async def test_an_end_after_midnight_is_the_next_day_s(
    store: Store, post: Post, klepp: Town, cast: Cast, now: datetime
) -> None:
    session = await klepp.session(cast.amina, starts_in=DAY)
    assert (await post(f"/sessions/{session.id}/move", **form(now, **{"from": "23:30", "to": "00:30"}))).status == 303
    moved = await stored(store, session)
    assert local(moved.ends_at).date() - local(moved.starts_at).date() == DAY
    assert moved.ends_at - moved.starts_at == timedelta(hours=1)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"day": ""}, "Day: Please choose a day."),
        ({"from": "noon"}, "Starts at: Please choose a time."),
        ({"to": ""}, "Ends at: Please choose a time."),
        ({"to": "18:35"}, "Ends at: A session lasts from ten minutes to eight hours."),
        ({"to": "18:30"}, "Ends at: A session lasts from ten minutes to eight hours."),
        ({"day": "2020-02-03"}, "Day: This time has passed."),
        ({"day": "2999-02-03"}, "Day: This day is more than a year away."),
        ({"day": "2027-03-28", "from": "02:30"}, "The clocks change that night, and this time does not exist."),
    ],
)
async def test_what_cannot_be_is_said_and_nothing_is_lost(
    store: Store, post: Post, klepp: Town, cast: Cast, now: datetime, wrong: dict[str, str], words: str
) -> None:
    session = await klepp.session(cast.amina, starts_in=DAY)
    typed = form(now) | wrong
    response = await post(f"/sessions/{session.id}/move", **typed)
    text = await response.text()
    assert response.status == 422
    assert words in text
    for name in {"day", "from", "to"} - wrong.keys():
        assert f'value="{typed[name]}"' in text
    assert (await stored(store, session)).starts_at == session.starts_at


async def test_somebody_else_s_change_is_not_overwritten(
    store: Store, post: Post, klepp: Town, cast: Cast, now: datetime
) -> None:
    session = await klepp.session(cast.amina, starts_in=DAY)
    await post(f"/sessions/{session.id}/move", **form(now))
    response = await post(f"/sessions/{session.id}/move", **form(now, to="21:00"))
    text = await response.text()
    assert response.status == 409
    assert "Somebody else changed the session meanwhile." in text
    assert 'name="version" value="2"' in text
    assert f"{local((await stored(store, session)).ends_at):%H:%M}" == "20:00"
    assert (await post(f"/sessions/{session.id}/move", **form(now, to="21:00", version="2"))).status == 303


@pytest.mark.parametrize("starts_in", [timedelta(minutes=-10), timedelta(hours=-3)])
async def test_what_has_begun_stays(
    kari: Client, post: Post, klepp: Town, cast: Cast, now: datetime, starts_in: timedelta
) -> None:
    session = await klepp.session(cast.amina, starts_in=starts_in)
    answer = await kari.get(f"/sessions/{session.id}/move", allow_redirects=False)
    assert (answer.status, answer.headers["Location"]) == (303, f"/sessions/{session.id}")
    response = await post(f"/sessions/{session.id}/move", **form(now))
    assert response.status == 422
    assert "cannot be moved any more" in await response.text()
