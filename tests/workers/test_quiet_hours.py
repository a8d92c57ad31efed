"""Nobody is written to at night about what can wait."""

from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from config import clock
from config.settings import Mode, Settings
from rooms.embedded.mailbox.serve import Mailbox
from rooms.messages.records import Message
from rooms.messages.rules import MessageState
from rooms.schedule.records import Invitation
from rooms.schedule.service.sessions import cancel_session
from rooms.seating.service.ways_in import ways_in
from rooms.store.scope import OneCentre
from rooms.store.unit_of_work import Store
from tests.support.cast import Cast
from tests.workers.test_messages import ALL, plan, send_all
from workers.loop import open_resources

NIGHT = datetime(2026, 11, 23, 23, tzinfo=ZoneInfo("Europe/Oslo"))
MORNING = NIGHT.replace(hour=8) + timedelta(days=1)


@pytest.mark.parametrize("mode", [Mode.PRODUCTION, Mode.DEMO])
async def test_email_waits_for_the_morning_but_in_the_demo(
    store: Store, worker_settings: Settings, cast: Cast, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch, mode: Mode
) -> None:
    monkeypatch.setattr(clock, "now", lambda: NIGHT)
    async with AsyncExitStack() as stack:
        resources = await open_resources(worker_settings.model_copy(update={"sammen_mode": mode}), stack)
        session_id = await plan(store, cast, [cast.amina], NIGHT)
        await send_all(resources)
        waits = mode is Mode.PRODUCTION
        assert len(mailbox.store.newest_first()) == (0 if waits else 1)
        async with store.work(OneCentre(cast.klepp.id)) as work:
            [one] = await ways_in(work, Invitation.session_id == session_id, NIGHT)
        assert one.goes_at == (MORNING if waits else None)
        monkeypatch.setattr(clock, "now", lambda: MORNING)
        await send_all(resources)
        assert len(mailbox.store.newest_first()) == 1


async def test_what_is_about_the_early_morning_does_not_wait(
    store: Store, worker_settings: Settings, cast: Cast, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A session that starts at half past eight is called off at five."""
    monkeypatch.setattr(clock, "now", lambda: NIGHT - timedelta(hours=6))
    async with AsyncExitStack() as stack:
        resources = await open_resources(worker_settings.model_copy(update={"sammen_mode": Mode.PRODUCTION}), stack)
        session_id = await plan(store, cast, [cast.amina], MORNING + timedelta(minutes=30) - timedelta(days=1))
        await send_all(resources)
        five = MORNING - timedelta(hours=3)
        monkeypatch.setattr(clock, "now", lambda: five)
        async with store.work(OneCentre(cast.klepp.id)) as work:
            await cancel_session(work, session_id, actor_id=cast.coordinator.id, now=five)
        await send_all(resources)
        async with store.work(ALL) as work:
            states = await work.session.scalars(select(Message.state))
            assert set(states) == {MessageState.SENT}
        assert len(mailbox.store.newest_first()) == 2
