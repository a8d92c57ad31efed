"""Groups, their open rooms, and guests, as a coordinator's forms have them."""

import re
from datetime import timedelta

from sqlalchemy import select

from rooms.people.records.circles import Circle, Membership
from rooms.people.records.persons import Person
from rooms.people.rules.circles import OnStranger
from rooms.people.rules.roles import GuestRole
from rooms.schedule.records import Invitation, Session, StandingRoom
from tests.rooms.dashboard.conftest import Post
from tests.support.callers import Client
from tests.support.cast import Cast
from tests.support.town import Town


async def the_circle(klepp: Town) -> Circle:
    async with klepp.work() as work:
        return (await work.session.scalars(select(Circle).where(Circle.centre_id == klepp.centre_id))).one()


async def test_a_group_is_made_and_changed(kari: Client, post: Post, klepp: Town, cast: Cast) -> None:
    answer = await post(
        "/circles/new", name="Kvinnegruppa", is_closed="yes", person=[str(cast.amina.id), str(cast.kvam_participant.id)]
    )
    circle = await the_circle(klepp)
    assert (answer.status, answer.headers["Location"]) == (303, f"/circles/{circle.id}?done=added")
    assert (circle.name, circle.is_closed, circle.on_stranger) == ("Kvinnegruppa", True, None)
    async with klepp.work() as work:  # another centre's person is passed over
        assert (await work.session.scalars(select(Membership.person_id))).all() == [cast.amina.id]
    assert "Kvinnegruppa" in await (await kari.get("/circles")).text()
    assert re.search(r'id="is_closed"[^>]*\schecked', await (await kari.get(f"/circles/{circle.id}")).text())
    answer = await post(
        f"/circles/{circle.id}",
        name="Kvinner",
        on_stranger="ask",
        version=str(circle.version),
        person=str(cast.yusuf.id),
    )
    assert answer.status == 303
    changed = await the_circle(klepp)
    assert (changed.name, changed.is_closed, changed.on_stranger) == ("Kvinner", False, OnStranger.ASK)
    late = await post(f"/circles/{circle.id}", name="Damer", version=str(circle.version))
    assert late.status == 409
    assert "Damer" in await late.text()


async def test_two_groups_of_one_name(post: Post) -> None:
    assert (await post("/circles/new", name="Kafeen")).status == 303
    again = await post("/circles/new", name="Kafeen")
    assert again.status == 422
    assert "There is a group of this name already." in await again.text()


async def test_an_open_room(kari: Client, post: Post, klepp: Town, cast: Cast) -> None:
    await post("/circles/new", name="Kafeen", person=str(cast.amina.id))
    circle = await the_circle(klepp)
    path = f"/circles/{circle.id}/standing-room"
    wrong = await post(path, opens="15:00", closes="10:00", renewal="each_day", standing_version="0")
    text = await wrong.text()
    assert wrong.status == 422
    assert "Please choose at least one day." in text
    assert "It has to close after it opens, on the same day." in text
    week = [str(day) for day in range(1, 8)]
    good = {"opens": "00:00", "closes": "23:59", "renewal": "after_use", "weekday": week}
    assert (await post(path, standing_version="0", **good)).status == 303
    assert (await post(path, standing_version="0", **good)).status == 422  # somebody was quicker
    async with klepp.work() as work:
        assert (await work.session.scalars(select(StandingRoom))).one().circle_id == circle.id
        days = (await work.session.scalars(select(Session))).all()
    assert len(days) >= 2
    assert "Open room" in await (await kari.get("/today")).text()
    board = await (await kari.get(f"/sessions/{days[0].id}")).text()
    assert "Open room" in board
    assert "The link is being sent" not in board
    assert (await post(f"{path}/stop")).status == 303
    async with klepp.work() as work:
        assert (await work.session.scalars(select(Session).where(Session.ended_at.is_(None)))).all() == []


async def test_a_guest_is_invited_and_sent_off(kari: Client, post: Post, klepp: Town) -> None:
    session = await klepp.session(starts_in=timedelta(hours=2))
    until = klepp.now + timedelta(days=2)
    facts = {"name": "Kari Nilsen", "role": "health_worker", "ui_language": "nb", "time": "12:00"}
    path = f"/sessions/{session.id}/guests"
    for day in (klepp.now - timedelta(days=2), klepp.now + timedelta(days=40)):
        assert (await post(path, day=day.date().isoformat(), **facts)).status == 422
    answer = await post(path, day=until.date().isoformat(), **facts)
    async with klepp.work() as work:
        guest = (await work.session.scalars(select(Person).where(Person.guest_role.is_not(None)))).one()
        assert await work.session.scalar(select(Invitation.session_id).where(Invitation.person_id == guest.id))
    assert answer.headers["Location"].startswith(f"/people/{guest.id}/link?session={session.id}")
    assert guest.guest_role is GuestRole.HEALTH_WORKER
    assert "Guest: health worker" in await (await kari.get(f"/sessions/{session.id}")).text()
    assert (await post(f"/guests/{guest.id}/end")).status == 303
    async with klepp.work() as work:
        ended = await work.session.get_one(Person, guest.id)
    assert ended.guest_until is not None
    assert ended.guest_until < until
