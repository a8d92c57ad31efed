"""From the clock to the mailbox: reminders, and what a move tells the reader's calendar."""

from datetime import UTC, datetime, timedelta

import pytest

from config import clock
from rooms.embedded.mailbox.serve import Mailbox
from rooms.schedule.rules.formats import Format
from rooms.schedule.service.move import move_session
from rooms.schedule.service.sessions import SessionPlan, plan_session
from rooms.store.scope import AllCentres
from rooms.store.unit_of_work import Store
from tests.support.calendars import read_calendar
from tests.support.cast import Cast
from tests.support.factories import make_session
from workers.loop import Resources
from workers.messages import send_due
from workers.reminders import write_due

ALL = AllCentres("tests look at every centre")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
#: 18:00 in Oslo.
START = datetime(2027, 3, 30, 16, tzinfo=UTC)


async def send_all(resources: Resources) -> None:
    while await send_due(resources):
        pass


async def test_everybody_is_reminded_once_with_their_link(
    resources: Resources, store: Store, cast: Cast, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with store.work(ALL) as work:
        await make_session(
            work, cast.klepp.id, START - 5 * DAY, invited=[cast.yusuf], starts_at=START, ends_at=START + HOUR
        )
    for now in (START - DAY, START - DAY + HOUR, START - HOUR, START - HOUR / 2, START):
        monkeypatch.setattr(clock, "now", lambda now=now: now)
        assert await write_due(resources) is False
        await send_all(resources)
    subjects = [message.subject for message in reversed(mailbox.store.newest_first())]
    assert subjects == [
        "Reminder: Språktrening, Tuesday 30 March at 18:00",
        "We start soon: Språktrening at 18:00",
    ]
    assert all("/l/" in message.text for message in mailbox.store.newest_first())


async def test_a_move_updates_the_calendar_s_entry(
    resources: Resources, store: Store, cast: Cast, mailbox: Mailbox, now: datetime
) -> None:
    plan = SessionPlan(
        title="Språktrening", format=Format.PRACTICE, starts_at=now + DAY, ends_at=now + DAY + HOUR,
        person_ids=[cast.yusuf.id],
    )  # fmt: skip
    async with store.work(ALL) as work:
        session = await plan_session(work, plan, centre_id=cast.klepp.id, actor_id=None, now=now)
    await send_all(resources)
    for days in (2, 3):
        async with store.work(ALL) as work:
            session = await move_session(
                work, session.id, now + days * DAY, now + days * DAY + HOUR, version=session.version,
                actor_id=cast.coordinator.id, now=now,
            )  # fmt: skip
    await send_all(resources)
    change, invitation = mailbox.store.newest_first()
    assert change.subject.startswith("New time: Språktrening")
    before, after = (
        read_calendar(message.calendar.replace("\r\n", "\n").replace("\n", "\r\n")).all("VEVENT")[0]
        for message in (invitation, change)
    )
    assert after.line("UID").value == before.line("UID").value
    assert int(after.line("SEQUENCE").value) > int(before.line("SEQUENCE").value)
    whole = read_calendar(change.calendar.replace("\r\n", "\n").replace("\n", "\r\n"))
    assert after.moment("DTSTART", whole) == (now + 3 * DAY).replace(microsecond=0)
