"""The pages about a session's group conversations, as forms."""

from datetime import datetime, timedelta

from sqlalchemy import select

from rooms.breakout.records import Announcement, BreakoutTemplate
from rooms.breakout.rules.timing import BreakoutState
from rooms.people.records.persons import Person
from rooms.schedule.records import Invitation
from tests.conftest import Client
from tests.rooms.dashboard.conftest import Post
from tests.support.cast import Cast
from tests.support.gathering import Gathering, MakeGathering
from tests.support.town import Town

AGENDA = {
    "mode": "practice", "levels": "mix", "lead_minutes": "15", "rounds": "3", "round_minutes": "12",
    "pause_minutes": "0", "merges_itself": "yes", "version": "0", "template_name": "",
}  # fmt: skip


def address(meeting: Gathering, what: str = "") -> str:
    return f"/sessions/{meeting.session.id}/breakout{what}"


async def text_of(kari: Client, path: str) -> str:
    answer = await kari.get(path)
    assert answer.status == 200, answer.status
    return await answer.text()


async def test_from_the_agenda_to_groups_that_are_called_back(
    kari: Client, post: Post, gathering: MakeGathering, now: datetime
) -> None:
    meeting = await gathering(9)
    answer = await kari.get(address(meeting), allow_redirects=False)
    assert answer.headers["Location"] == address(meeting, "/agenda")
    answer = await post(address(meeting, "/agenda"), **AGENDA)
    assert answer.headers["Location"] == address(meeting) + "?done=saved"
    assert "Begins when you press start." in await text_of(kari, address(meeting))
    await post(address(meeting, "/plan"))
    page = await text_of(kari, address(meeting) + "?round=2")
    assert all(f"Person {number:02}" in page for number in range(9))
    answer = await post(address(meeting, "/open"))
    assert answer.headers["Location"].endswith("?done=breakout-opened")
    assert "Round 1 of 3" in await text_of(kari, address(meeting))
    assert (await post(address(meeting, "/open"))).headers["Location"].endswith("?done=decided-already")
    await post(address(meeting, "/extend"), minutes="5")
    await post(address(meeting, "/next"))
    assert (await meeting.whole()).state(now + timedelta(seconds=20)) is BreakoutState.CLOSING
    await post(address(meeting, "/stop"))
    answer = await post(address(meeting, "/stop"))
    assert answer.headers["Location"].endswith("?done=breakout-over")


async def test_an_agenda_that_cannot_be_is_refused_and_nothing_is_lost(
    post: Post, gathering: MakeGathering, now: datetime
) -> None:
    meeting = await gathering(3)
    answer = await post(address(meeting, "/agenda"), **AGENDA | {"rounds": "40", "round_minutes": "x"})
    assert answer.status == 422
    assert 'value="40"' in await answer.text()
    await post(address(meeting, "/agenda"), **AGENDA)
    answer = await post(address(meeting, "/agenda"), **AGENDA | {"rounds": "2"})
    assert answer.status == 409
    assert "Somebody else changed the plan" in await answer.text()


async def test_a_plan_is_kept_for_other_sessions(
    kari: Client, post: Post, gathering: MakeGathering, klepp: Town
) -> None:
    meeting = await gathering(3)
    await post(address(meeting, "/agenda"), **AGENDA | {"template_name": "Kveld", "round_minutes": "7"})
    async with klepp.work() as work:
        template = (await work.session.scalars(select(BreakoutTemplate))).one()
    other = await gathering(3)
    page = await text_of(kari, address(other, "/agenda"))
    assert "Kveld" in page
    assert 'value="7"' in await text_of(kari, address(other, f"/agenda?template={template.id}"))
    await post(address(other, f"/templates/{template.id}/forget"))
    assert "Kveld" not in await text_of(kari, address(other, "/agenda"))


async def test_people_are_moved_locked_and_groups_named(
    kari: Client, post: Post, gathering: MakeGathering, now: datetime
) -> None:
    meeting = await gathering(9)
    await meeting.plan(now)
    await post(address(meeting, "/plan"))
    person = str(meeting.people[4].id)
    await post(address(meeting, "/move"), person=person, group="2", round="1")
    await post(address(meeting, "/name"), group="2", round="1", name="<b>Hage</b>")
    page = await text_of(kari, address(meeting))
    assert "Locked" in page
    assert "&lt;b&gt;Hage&lt;/b&gt;" in page
    await post(address(meeting, "/lock"), person=person, round="1", locked="no")
    assert "Locked" not in await text_of(kari, address(meeting))
    answer = await post(address(meeting, "/move"), person=person, group="77", round="1")
    assert answer.headers["Location"].endswith("done=group-gone")


async def test_something_is_said_to_some_groups(post: Post, gathering: MakeGathering, now: datetime) -> None:
    meeting = await gathering(9)
    await meeting.plan(now)
    await meeting.open(now)
    await post(address(meeting, "/say"), ready="two-minutes", group=["1", "2"])
    await post(address(meeting, "/say"), ready="two-minutes", text="Hei alle!")
    answer = await post(address(meeting, "/say"), text="x" * 201)
    assert answer.headers["Location"].endswith("done=nothing-to-say")
    async with meeting.town.work() as work:
        said = (await work.session.scalars(select(Announcement).order_by(Announcement.sent_at))).all()
    assert [(one.ready, one.text, one.group_numbers) for one in said] == [
        ("two-minutes", None, [1, 2]),
        (None, "Hei alle!", []),
    ]


async def test_a_coordinator_looks_in(post: Post, gathering: MakeGathering, cast: Cast, now: datetime) -> None:
    meeting = await gathering(9)
    await meeting.plan(now)
    await meeting.open(now)
    answer = await post(address(meeting, "/visit"), group="1")
    assert answer.headers["Location"].startswith("/l/")
    async with meeting.town.work() as work:
        invited = select(Invitation.id).where(
            Invitation.person_id == cast.coordinator.id, Invitation.session_id == meeting.session.id
        )
        assert await work.session.scalar(invited) is not None
    whole = await meeting.whole()
    assert whole.seats[whole.rounds[0].id][cast.coordinator.id].group_id == whole.groups[whole.rounds[0].id][0].id


async def test_the_plan_is_taken_out_again(kari: Client, post: Post, gathering: MakeGathering, now: datetime) -> None:
    meeting = await gathering(9)
    await meeting.plan(now)
    answer = await post(address(meeting, "/forget"))
    assert answer.headers["Location"].endswith("?done=breakout-forgotten")
    answer = await kari.get(address(meeting), allow_redirects=False)
    assert answer.headers["Location"].endswith("/agenda")


async def test_somebody_who_left_the_centre_is_on_no_board(
    kari: Client, post: Post, gathering: MakeGathering, now: datetime
) -> None:
    meeting = await gathering(6)
    await meeting.plan(now)
    await post(address(meeting, "/plan"))
    async with meeting.town.work() as work:
        (await work.session.get_one(Person, meeting.people[5].id)).left_at = now
    assert "Person 05" not in await text_of(kari, address(meeting))
