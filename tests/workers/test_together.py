"""Several things that are new about somebody's meetings at once: one message says all of them."""

import uuid
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path

from icalendar import Calendar
from sqlalchemy import select, update

from rooms.embedded.mailbox.serve import Mailbox
from rooms.messages.records import Message
from rooms.messages.rules import Channel, Kind, MessageState
from rooms.messages.service.arrivals import came_back
from rooms.people.records.persons import Person
from rooms.schedule.service.move import move_session
from rooms.schedule.service.sessions import cancel_session
from rooms.store.scope import OneCentre
from rooms.store.unit_of_work import Store
from tests.support.cast import Cast
from tests.workers.test_messages import ALL, plan, send_all
from workers.loop import Resources


async def news(store: Store, cast: Cast, resources: Resources, now: datetime) -> list[uuid.UUID]:
    """Amina knows of two sessions. Then one is moved and one is cancelled, of which Yusuf knows too, and one is new."""
    moved = await plan(store, cast, [cast.amina], now)
    await send_all(resources)
    cancelled = await plan(store, cast, [cast.amina, cast.yusuf], now)
    await send_all(resources)
    async with store.work(OneCentre(cast.klepp.id)) as work:
        later = now + timedelta(days=2)
        await move_session(
            work, moved, later, later + timedelta(hours=1), version=1, actor_id=cast.coordinator.id, now=now
        )
        await cancel_session(work, cancelled, actor_id=cast.coordinator.id, now=now)
    return [cancelled, await plan(store, cast, [cast.amina], now), moved]


async def states(store: Store, cast: Cast) -> list[tuple[Kind, MessageState]]:
    async with store.work(ALL) as work:
        rows = await work.session.scalars(
            select(Message).where(Message.person_id == cast.amina.id).order_by(Message.created_at, Message.kind)
        )
        return sorted((row.kind, row.state) for row in rows)


ALL_SENT = sorted(
    (kind, MessageState.SENT)
    for kind in (Kind.INVITATION, Kind.INVITATION, Kind.CHANGE, Kind.CANCELLATION, Kind.INVITATION)
)


async def test_one_email_says_what_is_new_about_all_meetings(
    resources: Resources, store: Store, cast: Cast, mailbox: Mailbox, now: datetime, tmp_path: Path
) -> None:
    said = await news(store, cast, resources, now)
    before = {message.id for message in mailbox.store.newest_first()}
    await send_all(resources)
    new = {message.recipient: message.id for message in mailbox.store.newest_first() if message.id not in before}
    assert set(new) == {cast.amina.email, cast.yusuf.email}
    assert len(mailbox.store.newest_first()) == len(before) + 2
    raw = (tmp_path / "mail" / f"{new[str(cast.amina.email)]}.eml").read_bytes()
    email = message_from_bytes(raw, policy=policy.default)
    calendars = [part for part in email.walk() if part.get_content_type() == "text/calendar"]
    events = [Calendar.from_ical(part.get_content()).walk("VEVENT")[0] for part in calendars]
    methods = {
        str(event["UID"]).partition("@")[0]: part.get_param("method")
        for event, part in zip(events, calendars, strict=True)
    }
    cancelled, invited, later = map(str, said)
    assert methods == {cancelled: "CANCEL", invited: "REQUEST", later: "REQUEST"}
    assert list(methods)[-1] == later
    words = email.get_body(("plain",))
    text = words.get_content() if words is not None else ""
    assert text.count("/l/") == 1
    assert text.count("Språktrening") == 3
    assert await states(store, cast) == ALL_SENT


async def test_after_a_temporary_error_all_of_it_goes_in_one_again(
    resources: Resources, store: Store, cast: Cast, mailbox: Mailbox, now: datetime
) -> None:
    async with store.work(ALL) as work:
        await work.session.execute(
            update(Person).where(Person.id == cast.amina.id).values(email="lost@post.example", phone=None)
        )
    first = await plan(store, cast, [cast.amina], now)
    second = await plan(store, cast, [cast.amina], now)
    await send_all(resources)
    assert await states(store, cast) == [(Kind.INVITATION, MessageState.DUE)] * 2
    async with store.work(ALL) as work:  # one of them is due again
        earlier = now - timedelta(seconds=1)
        await work.session.execute(update(Message).where(Message.cause_id == first).values(next_try_at=earlier))
    await send_all(resources)
    assert await states(store, cast) == [(Kind.INVITATION, MessageState.SENT)] * 2
    [message] = mailbox.store.newest_first()
    assert message.deliveries == 2  # the answer to the first was lost: the same Message-ID
    assert second != first


async def test_what_came_back_came_back_with_all_that_it_said(
    resources: Resources, store: Store, cast: Cast, now: datetime
) -> None:
    for _ in range(2):
        await plan(store, cast, [cast.amina, cast.yusuf], now)
    await send_all(resources)
    async with store.work(ALL) as work:
        rows = await work.session.scalars(select(Message).where(Message.person_id == cast.amina.id))
        first = min(rows, key=lambda row: (row.created_at, row.id))
        assert await came_back(work, first.id, Channel.EMAIL, "5.1.1", has_sms=False, now=now)
    assert await states(store, cast) == [(Kind.INVITATION, MessageState.FAILED)] * 2
    async with store.work(ALL) as work:
        others = await work.session.scalars(select(Message.state).where(Message.person_id == cast.yusuf.id))
        assert set(others) == {MessageState.SENT}
