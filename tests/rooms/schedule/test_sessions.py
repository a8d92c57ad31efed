"""Planning, inviting, cancelling and ending on a real database."""

import asyncio
import uuid
from collections import Counter
from datetime import datetime, timedelta

import pytest
from redis.asyncio import Redis
from sqlalchemy import func, select, update

from rooms.audit.records import AuditEntry
from rooms.audit.rules import Event
from rooms.messages.records import Message
from rooms.messages.rules import Kind, MessageState
from rooms.schedule.records import Invitation, Session
from rooms.schedule.rules.formats import DeviceCheck, Format
from rooms.schedule.service.invitations import mark_device_check, mark_opened, session_facts
from rooms.schedule.service.sessions import (
    SessionPlan,
    cancel_session,
    end_session,
    invite,
    plan_session,
    send_again,
)
from rooms.store.scope import AllCentres, OneCentre
from rooms.store.unit_of_work import Store
from rooms.store.wakeups import MAIL_QUEUE, QUEUE
from tests.support.cast import Cast
from tests.support.queries import counted
from tests.support.town import Town

ALL = AllCentres("tests look everywhere")


def plan(now: datetime, *people: uuid.UUID, plan_id: uuid.UUID | None = None) -> SessionPlan:
    return SessionPlan(
        title="Kaffe og prat",
        format=Format.PRACTICE,
        starts_at=now + timedelta(hours=1),
        ends_at=now + timedelta(hours=2),
        person_ids=people,
        id=plan_id,
    )


async def planned(store: Store, cast: Cast, now: datetime, wished: SessionPlan) -> Session:
    async with store.work(OneCentre(cast.klepp.id)) as work:
        return await plan_session(work, wished, centre_id=cast.klepp.id, actor_id=cast.coordinator.id, now=now)


async def messages(store: Store, session: Session) -> Counter[tuple[Kind, uuid.UUID]]:
    async with store.work(ALL) as work:
        rows = await work.session.scalars(select(Message).where(Message.session_id == session.id))
        return Counter((row.kind, row.person_id) for row in rows)


async def test_a_plan_is_a_session_invitations_and_messages_at_once(
    store: Store, cast: Cast, now: datetime, redis: Redis
) -> None:
    session = await planned(store, cast, now, plan(now, cast.amina.id, cast.yusuf.id))
    expected = {(Kind.INVITATION, cast.amina.id): 1, (Kind.INVITATION, cast.yusuf.id): 1}
    assert await messages(store, session) == expected
    async with store.work(ALL) as work:
        invited = set(
            await work.session.scalars(select(Invitation.person_id).where(Invitation.session_id == session.id))
        )
        assert invited == {cast.amina.id, cast.yusuf.id}
        events = await work.session.scalars(select(AuditEntry.event).where(AuditEntry.session_id == session.id))
        assert list(events) == [Event.SESSION_PLANNED]
    assert await redis.llen(MAIL_QUEUE) == 1  # the sender was called
    assert await redis.llen(QUEUE) == 1  # and whoever makes rooms


async def test_nothing_is_left_of_a_plan_that_failed(store: Store, cast: Cast, now: datetime, redis: Redis) -> None:
    work = store.open(OneCentre(cast.klepp.id))
    await plan_session(work, plan(now, cast.amina.id), centre_id=cast.klepp.id, actor_id=cast.coordinator.id, now=now)
    await work.session.close()  # as when the process dies before the commit
    async with store.work(ALL) as work:
        for table in (Session, Invitation, Message, AuditEntry):
            assert await work.session.scalar(select(func.count()).select_from(table)) == 0
    assert await redis.llen(MAIL_QUEUE) == 0


async def test_the_same_form_sent_twice_at_once_is_one_session(store: Store, cast: Cast, now: datetime) -> None:
    wished = plan(now, cast.amina.id, plan_id=uuid.uuid4())
    first, second = await asyncio.gather(*(planned(store, cast, now, wished) for _ in range(2)))
    assert first.id == second.id == wished.id
    assert await messages(store, first) == {(Kind.INVITATION, cast.amina.id): 1}


async def test_another_centres_plan_cannot_be_taken_over(store: Store, cast: Cast, now: datetime) -> None:
    session = await planned(store, cast, now, plan(now, cast.amina.id))
    with pytest.raises(LookupError):
        async with store.work(OneCentre(cast.kvam.id)) as work:
            await plan_session(work, plan(now, plan_id=session.id), centre_id=cast.kvam.id, actor_id=None, now=now)


async def test_strangers_and_those_who_left_are_not_invited(
    store: Store, cast: Cast, now: datetime, klepp: Town
) -> None:
    left = await klepp.person(left_at=now)
    session = await planned(store, cast, now, plan(now, cast.amina.id, cast.kvam_participant.id, left.id, uuid.uuid4()))
    assert await messages(store, session) == {(Kind.INVITATION, cast.amina.id): 1}


async def test_inviting_again_writes_to_the_new_ones_only(store: Store, cast: Cast, now: datetime) -> None:
    session = await planned(store, cast, now, plan(now, cast.amina.id))
    async with store.work(OneCentre(cast.klepp.id)) as work:
        await invite(work, session, [cast.amina.id, cast.yusuf.id], now=now)
    assert await messages(store, session) == {
        (Kind.INVITATION, cast.amina.id): 1,
        (Kind.INVITATION, cast.yusuf.id): 1,
    }


async def test_planning_for_many_takes_no_more_statements_than_for_one(
    store: Store, cast: Cast, now: datetime, klepp: Town
) -> None:
    many = [(await klepp.person()).id for _ in range(30)]
    with counted() as for_one:
        await planned(store, cast, now, plan(now, cast.amina.id))
    with counted() as for_many:
        await planned(store, cast, now, plan(now, *many))
    assert len(for_many) == len(for_one)


async def test_everybody_invited_is_told_of_a_cancellation_once(store: Store, cast: Cast, now: datetime) -> None:
    session = await planned(store, cast, now, plan(now, cast.amina.id, cast.yusuf.id))
    for _ in range(2):
        async with store.work(OneCentre(cast.klepp.id)) as work:
            await cancel_session(work, session.id, actor_id=cast.coordinator.id, now=now)
    told = await messages(store, session)
    assert told[Kind.CANCELLATION, cast.amina.id] == told[Kind.CANCELLATION, cast.yusuf.id] == 1
    async with store.work(ALL) as work:
        assert (await session_facts(work, [session.id]))[session.id].cancelled


async def test_ending_for_all_keeps_the_first_moment(store: Store, cast: Cast, now: datetime) -> None:
    session = await planned(store, cast, now, plan(now, cast.amina.id))
    for minutes in (5, 9):
        async with store.work(OneCentre(cast.klepp.id)) as work:
            moment = now + timedelta(minutes=minutes)
            ended = await end_session(work, session.id, actor_id=cast.coordinator.id, now=moment)
    assert ended.ended_at == now + timedelta(minutes=5)


@pytest.mark.parametrize("change", [cancel_session, end_session])
async def test_another_centre_changes_nothing(store: Store, cast: Cast, now: datetime, change: object) -> None:
    session = await planned(store, cast, now, plan(now, cast.amina.id))
    with pytest.raises(LookupError):
        async with store.work(OneCentre(cast.kvam.id)) as work:
            await change(work, session.id, actor_id=cast.kvam_coordinator.id, now=now)  # type: ignore[operator]  # one of two


async def test_an_invitation_is_sent_again_once_for_each_look(store: Store, cast: Cast, now: datetime) -> None:
    session = await planned(store, cast, now, plan(now, cast.amina.id))

    async def again(tries: int) -> bool:
        async with store.work(OneCentre(cast.klepp.id)) as work:
            return await send_again(work, session.id, cast.amina.id, tries=tries, now=now)

    assert not await again(1)  # on its way
    for state, tries in ((MessageState.SENT, 1), (MessageState.FAILED, 2), (MessageState.DROPPED, 3)):
        async with store.work(ALL) as work:
            await work.session.execute(update(Message).values(state=state))
        assert await again(tries)
        assert not await again(tries)
        async with store.work(ALL) as work:
            await work.session.execute(update(Message).values(state=MessageState.SENT))
        assert not await again(tries)  # a click on the page of before, when the message has gone already
        assert (await messages(store, session))[Kind.INVITATION, cast.amina.id] == tries + 1
    with pytest.raises(LookupError):
        async with store.work(OneCentre(cast.klepp.id)) as work:
            await send_again(work, session.id, cast.yusuf.id, tries=0, now=now)


async def test_an_invitation_remembers_the_first_opening_and_the_last_check(
    store: Store, cast: Cast, now: datetime
) -> None:
    session = await planned(store, cast, now, plan(now, cast.amina.id))
    later = now + timedelta(minutes=3)
    async with store.work(OneCentre(cast.klepp.id)) as work:
        await mark_opened(work, session.id, cast.amina.id, now)
        await mark_opened(work, session.id, cast.amina.id, later)
        await mark_device_check(work, session.id, cast.amina.id, DeviceCheck.CAMERA_BLOCKED, now)
        await mark_device_check(work, session.id, cast.amina.id, DeviceCheck.PASSED, later)
    async with store.work(ALL) as work:
        invitation = (await work.session.scalars(select(Invitation))).one()
        assert (invitation.opened_at, invitation.device_check, invitation.device_checked_at) == (
            now,
            DeviceCheck.PASSED,
            later,
        )
