"""Meetings are noted when a session is over, and go with whoever is erased."""

import uuid
from datetime import timedelta

import pytest
from sqlalchemy import select

from rooms.breakout.records import Meeting
from rooms.breakout.service import history
from rooms.breakout.service.history import met_among
from rooms.people.records.persons import Person
from rooms.people.rules.roles import GuestRole
from rooms.schedule.records import Session
from rooms.seating.records import Presence
from tests.support.cast import Cast
from tests.support.town import Town
from workers import history as worker
from workers.history import meetings_due
from workers.loop import Resources
from workers.privacy import erase_due

HALF_AN_HOUR = timedelta(minutes=30)


async def talked(town: Town, *people: Person) -> Session:
    """A session that ended half an hour ago, in whose small room these people were."""
    session = await town.session(starts_in=-3 * HALF_AN_HOUR)
    room = await town.room(session)
    for person in people:
        seat = await town.seat(person, room)
        async with town.work() as work:
            work.session.add(
                Presence(
                    centre_id=session.centre_id,
                    seat_id=seat.id,
                    room_id=room.id,
                    person_id=person.id,
                    joined_at=session.starts_at,
                    last_seen_at=session.ends_at,
                    left_at=session.ends_at,
                )
            )
    return session


async def sessions_noted(town: Town) -> set[uuid.UUID]:
    async with town.work() as work:
        return set(await work.session.scalars(select(Meeting.session_id)))


async def test_sessions_of_all_centres_are_noted(resources: Resources, klepp: Town, cast: Cast) -> None:
    kvam = Town(klepp.store, klepp.settings, klepp.now, cast.kvam.id)
    there = [
        await talked(klepp, cast.amina, cast.yusuf),
        await talked(kvam, cast.kvam_participant, await kvam.person()),
    ]
    assert await meetings_due(resources) is False
    assert await sessions_noted(klepp) == {session.id for session in there}
    async with klepp.work() as work:
        keys = resources.settings.key_ring
        assert await met_among(work, [cast.amina.id, cast.yusuf.id], keys) == {
            frozenset({cast.amina.id, cast.yusuf.id}): 1
        }


async def test_a_session_that_fails_holds_up_no_other(
    resources: Resources, klepp: Town, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    good, bad = [await talked(klepp, cast.amina, cast.yusuf) for _ in range(2)]
    note = history.note_meetings

    async def break_down(work: object, session_id: uuid.UUID, *arguments: object) -> int:
        if session_id == bad.id:
            raise RuntimeError("no such luck")
        return await note(work, session_id, *arguments)  # type: ignore[arg-type]  # handed on as they came

    monkeypatch.setattr(worker, "note_meetings", break_down)
    await meetings_due(resources)
    assert await sessions_noted(klepp) == {good.id}


async def test_a_guest_who_is_erased_has_met_nobody(resources: Resources, klepp: Town, cast: Cast) -> None:
    long_ago = klepp.now - timedelta(days=31)
    guest = await klepp.person(guest_role=GuestRole.VISITOR, guest_until=long_ago)
    await talked(klepp, cast.amina, cast.yusuf, guest)
    await meetings_due(resources)
    await erase_due(resources)
    async with klepp.work() as work:
        assert await work.session.get(Person, guest.id) is None
        assert len((await work.session.scalars(select(Meeting))).all()) == 1
        met = await met_among(work, [cast.amina.id, cast.yusuf.id, guest.id], resources.settings.key_ring)
    assert met == {frozenset({cast.amina.id, cast.yusuf.id}): 1}
