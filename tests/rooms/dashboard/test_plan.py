"""Planning a session through the form."""

import re
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from config.clock import local
from rooms.messages.records import Message
from rooms.schedule.records import Invitation, Session
from rooms.schedule.rules.formats import Format
from rooms.store.scope import AllCentres
from rooms.store.unit_of_work import Store
from tests.rooms.dashboard.conftest import Post
from tests.support.callers import Client
from tests.support.cast import Cast
from tests.support.lively import circle_of
from tests.support.town import Town

ALL = AllCentres("tests look everywhere")
FORM = {
    "title": "Kaffe og prat",
    "format": "practice",
    "day": "",
    "time": "18:30",
    "minutes": "90",
    "opens_before": "15",
}


def form(now: datetime, **other: str | list[str]) -> dict[str, str | list[str]]:
    day = local(now).date() + timedelta(days=2)
    return {**FORM, "day": day.isoformat(), "plan": str(uuid.uuid4())} | other


async def sessions(store: Store) -> list[Session]:
    async with store.work(ALL) as work:
        return list(await work.session.scalars(select(Session)))


async def test_the_blank_form_is_what_most_sessions_are(kari: Client, now: datetime) -> None:
    text = await (await kari.get("/sessions/new")).text()
    values = dict(re.findall(r'<input[^>]*? name="(\w+)"[^>]*? value="([^"]*)"', text))
    start = datetime.fromisoformat(f"{values['day']}T{values['time']}").replace(tzinfo=local(now).tzinfo)
    assert timedelta(0) < start - now <= timedelta(minutes=66)
    assert (start.minute, values["minutes"], values["opens_before"]) == (0, "60", "10")
    assert re.search(r'<option value="practice"\s+selected', text)


async def test_what_was_asked_for_is_planned(store: Store, post: Post, cast: Cast, klepp: Town, now: datetime) -> None:
    circle = await circle_of(klepp, "Kvinnegruppa", cast.amina, cast.guide)
    people = [str(cast.yusuf.id), str(cast.amina.id), str(cast.kvam_participant.id), "no id"]
    response = await post("/sessions/new", **form(now, person=people, circle=str(circle.id)))
    (session,) = await sessions(store)
    assert response.status == 303
    assert response.headers["Location"] == f"/sessions/{session.id}?done=planned"
    start = local(session.starts_at)
    assert (session.title, session.format, session.circle_id) == ("Kaffe og prat", Format.PRACTICE, circle.id)
    assert (f"{start:%H:%M}", session.opens_before_minutes) == ("18:30", 15)
    assert session.ends_at - session.starts_at == timedelta(minutes=90)
    assert session.created_by == cast.coordinator.id
    async with store.work(ALL) as work:
        invited = set(await work.session.scalars(select(Invitation.person_id)))
        written = set(await work.session.scalars(select(Message.person_id)))
    assert invited == written == {cast.amina.id, cast.guide.id, cast.yusuf.id}


async def test_a_form_sent_twice_is_one_session(store: Store, post: Post, cast: Cast, now: datetime) -> None:
    filled = form(now, person=str(cast.amina.id))
    first, second = await post("/sessions/new", **filled), await post("/sessions/new", **filled)
    assert first.headers["Location"] == second.headers["Location"]
    assert len(await sessions(store)) == 1


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"title": ""}, "Name: Please fill this in."),
        ({"title": "x" * 121}, "Name: This is too long."),
        ({"format": "party"}, "What kind?: Please choose one."),
        ({"day": "i morgen"}, "Day: Please choose a day."),
        ({"day": "9999-12-31"}, "Day: Please choose a day."),
        ({"day": "2001-01-01"}, "Day: This time has passed."),
        ({"day": "2099-01-01"}, "Day: This day is more than a year away."),
        ({"time": "25:00"}, "Starts at: Please choose a time."),
        ({"minutes": "3"}, "Length in minutes: This number is too small or too large."),
        ({"minutes": "an hour"}, "Length in minutes: Please write a number."),
        ({"opens_before": "-1"}, "Opens before, in minutes: This number is too small or too large."),
    ],
)
async def test_what_is_wrong_is_said_and_nothing_typed_is_lost(
    store: Store, post: Post, cast: Cast, now: datetime, wrong: dict[str, str], words: str
) -> None:
    response = await post("/sessions/new", **form(now, person=[str(cast.amina.id)], **wrong))
    text = await response.text()
    assert response.status == 422
    ((field, typed),) = wrong.items()
    assert words in text
    assert f'href="#{field}"' in text
    assert f'id="{field}-error"' in text
    assert f'value="{typed}"' in text or field == "format"
    assert re.search(rf'value="{cast.amina.id}"\s+checked', text)
    assert len(re.findall(r"\schecked", text)) == 1
    assert await sessions(store) == []


async def test_a_time_that_does_not_exist_that_night_is_refused(store: Store, post: Post, now: datetime) -> None:
    spring = next(
        day
        for day in (local(now).date() + timedelta(days=ahead) for ahead in range(1, 366))
        if _hours(day.isoformat()) == 23
    )
    response = await post("/sessions/new", **form(now, day=spring.isoformat(), time="02:30"))
    assert response.status == 422
    assert "The clocks change that night, and this time does not exist." in await response.text()
    assert await sessions(store) == []


def _hours(day: str) -> float:
    zone = local(datetime.now(UTC)).tzinfo
    begin = datetime.fromisoformat(day).replace(tzinfo=zone)
    end = (datetime.fromisoformat(day) + timedelta(days=1)).replace(tzinfo=zone)
    return (end.astimezone(UTC) - begin.astimezone(UTC)).total_seconds() / 3600


async def test_what_people_typed_is_shown_as_text(kari: Client, klepp: Town, now: datetime, post: Post) -> None:
    person = await klepp.person(name='<script>alert("x")</script>')
    await circle_of(klepp, "<b>Gruppa</b>", person)
    filled = form(now, title='"><img src=x>', person=str(person.id))
    for response in (await post("/sessions/new", **filled | {"minutes": "0"}), await post("/sessions/new", **filled)):
        assert "<img" not in await response.text()
    for address in ("/today?from=" + (local(now).date() + timedelta(days=1)).isoformat(), "/sessions/new", "/people"):
        text = await (await kari.get(address)).text()
        assert "<script>alert" not in text
        assert "<b>" not in text
        assert "<img" not in text
