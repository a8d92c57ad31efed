"""A session gets another time: whoever knows the old one is told once, of the latest."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm.exc import StaleDataError

from rooms.audit.records import AuditEntry
from rooms.audit.rules import Event
from rooms.messages.records import Message
from rooms.messages.rules import Kind, MessageState
from rooms.messages.service import outbox
from rooms.people.records.persons import Person
from rooms.schedule.records import Session
from rooms.schedule.rules.formats import Format
from rooms.schedule.service.move import CannotMove, move_session
from rooms.schedule.service.sessions import SessionPlan, cancel_session, plan_session
from rooms.store.scope import AllCentres, OneCentre
from rooms.store.unit_of_work import Store
from tests.support.cast import Cast

ALL = AllCentres("tests look everywhere")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


async def planned(store: Store, cast: Cast, now: datetime, *people: Person, starts_in: timedelta = DAY) -> Session:
    async with store.work(ALL) as work:
        return await plan_session(
            work,
            SessionPlan(
                title="Språktrening", format=Format.PRACTICE, starts_at=now + starts_in,
                ends_at=now + starts_in + HOUR, person_ids=[person.id for person in people],
            ),
            centre_id=cast.klepp.id, actor_id=cast.coordinator.id, now=now,
        )  # fmt: skip


async def sent(store: Store, now: datetime) -> None:
    """A worker sends everything."""
    async with store.work(ALL) as work:
        await work.session.execute(update(Message).values(state=MessageState.SENT, sent_at=now))


async def move(store: Store, cast: Cast, session: Session, now: datetime, by: timedelta, **other: Any) -> Session:
    facts: dict[str, Any] = {"version": session.version, "actor_id": cast.coordinator.id, "now": now} | other
    async with store.work(OneCentre(cast.klepp.id)) as work:
        return await move_session(work, session.id, session.starts_at + by, session.ends_at + by, **facts)


async def changes(store: Store) -> dict[Any, int]:
    async with store.work(ALL) as work:
        people = await work.session.scalars(select(Message.person_id).where(Message.kind == Kind.CHANGE))
        found: dict[Any, int] = {}
        for person_id in people:
            found[person_id] = found.get(person_id, 0) + 1
        return found


async def test_whoever_knows_the_old_time_is_told(store: Store, cast: Cast, now: datetime) -> None:
    session = await planned(store, cast, now, cast.amina, cast.yusuf)
    await sent(store, now)
    moved = await move(store, cast, session, now, 2 * DAY)
    assert (moved.starts_at, moved.ends_at) == (session.starts_at + 2 * DAY, session.ends_at + 2 * DAY)
    assert (moved.version, moved.moved_at) == (session.version + 1, now)
    assert await changes(store) == {cast.amina.id: 1, cast.yusuf.id: 1}
    async with store.work(ALL) as work:
        entry = (await work.session.scalars(select(AuditEntry).where(AuditEntry.event == Event.SESSION_MOVED))).one()
        assert (entry.actor_id, entry.session_id) == (cast.coordinator.id, session.id)


async def test_several_moves_before_it_is_sent_are_one_message(store: Store, cast: Cast, now: datetime) -> None:
    session = await planned(store, cast, now, cast.amina)
    await sent(store, now)
    for _ in range(3):
        session = await move(store, cast, session, now, DAY)
    assert await changes(store) == {cast.amina.id: 1}
    await sent(store, now)
    await move(store, cast, session, now, DAY)
    assert await changes(store) == {cast.amina.id: 2}


async def test_whose_invitation_is_still_to_be_sent_learns_the_time_from_it(
    store: Store, cast: Cast, now: datetime
) -> None:
    session = await planned(store, cast, now, cast.amina)
    await move(store, cast, session, now, DAY)
    assert await changes(store) == {}


async def test_what_a_worker_is_just_sending_may_say_the_old_time(store: Store, cast: Cast, now: datetime) -> None:
    session = await planned(store, cast, now, cast.amina)
    async with store.work(ALL) as work:
        assert len(await outbox.claim(work, now=now, limit=10)) == 1
    await move(store, cast, session, now, DAY)
    assert await changes(store) == {cast.amina.id: 1}


async def test_the_same_times_change_nothing(store: Store, cast: Cast, now: datetime) -> None:
    session = await planned(store, cast, now, cast.amina)
    await sent(store, now)
    moved = await move(store, cast, session, now, timedelta())
    assert (moved.version, moved.moved_at) == (session.version, None)
    assert await changes(store) == {}


async def test_two_who_move_at_once_hear_of_each_other(store: Store, cast: Cast, now: datetime) -> None:
    session = await planned(store, cast, now, cast.amina)
    await move(store, cast, session, now, DAY)
    with pytest.raises(StaleDataError):
        await move(store, cast, session, now, 2 * DAY)


@pytest.mark.parametrize(
    ("starts_in", "by", "later"),
    [
        (HOUR, DAY, HOUR),  # it has begun
        (HOUR, DAY, 3 * HOUR),  # it is over
        (2 * HOUR, -2 * HOUR, timedelta()),  # the new time has passed
    ],
)
async def test_nothing_is_moved_in_the_past(
    store: Store, cast: Cast, now: datetime, starts_in: timedelta, by: timedelta, later: timedelta
) -> None:
    session = await planned(store, cast, now, cast.amina, starts_in=starts_in)
    await sent(store, now)
    with pytest.raises(CannotMove):
        await move(store, cast, session, now + later, by)
    assert await changes(store) == {}


async def test_what_is_called_off_stays_where_it_was(store: Store, cast: Cast, now: datetime) -> None:
    session = await planned(store, cast, now, cast.amina)
    async with store.work(ALL) as work:
        session = await cancel_session(work, session.id, actor_id=cast.coordinator.id, now=now)
    with pytest.raises(CannotMove):
        await move(store, cast, session, now, DAY)


async def test_another_centre_s_session_is_not_there(store: Store, cast: Cast, now: datetime) -> None:
    session = await planned(store, cast, now, cast.amina)
    async with store.work(OneCentre(cast.kvam.id)) as work:
        with pytest.raises(LookupError):
            await move_session(
                work, session.id, now + DAY, now + DAY + HOUR, version=1, actor_id=cast.kvam_coordinator.id, now=now
            )
