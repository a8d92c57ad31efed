"""The tasks around usage: a warning reaches the coordinator by mail, and the provider is asked when somebody looks."""

import uuid
from datetime import datetime, timedelta

import pytest
from redis.asyncio import Redis
from sqlalchemy import update

from config import clock
from config.settings import Settings
from rooms.embedded.mailbox.serve import Mailbox
from rooms.store.scope import AllCentres, OneCentre
from rooms.store.unit_of_work import Store
from rooms.usage.records import UsageBudget
from rooms.usage.rules.months import month_of
from rooms.usage.service.insights import Source, insight
from tests.support.cast import Cast
from tests.support.provider import Provider
from tests.support.stays import was_there
from tests.support.town import Town
from workers.loop import Resources
from workers.messages import send_due
from workers.usage import insights_due, warnings_due

ALL = AllCentres("tests look at every centre")


@pytest.fixture
async def used_up(klepp: Town, cast: Cast) -> None:
    """Of one minute an hour is used."""
    session = await klepp.session(starts_in=-timedelta(hours=1))
    await was_there(klepp, session, cast.amina, session.starts_at, klepp.now)
    async with klepp.work() as work:
        work.session.add(UsageBudget(id=uuid.uuid4(), centre_id=klepp.centre_id, minutes=1))


@pytest.mark.usefixtures("used_up")
async def test_a_warning_is_mailed_once(resources: Resources, mailbox: Mailbox, settings: Settings, cast: Cast) -> None:
    for _ in range(2):
        assert await warnings_due(resources) is False
        assert await send_due(resources) is False
    (letter,) = mailbox.store.newest_first()
    assert letter.recipient == cast.coordinator.email
    assert f"{settings.public_url}/usage" in letter.text


@pytest.mark.usefixtures("used_up")
async def test_what_no_longer_holds_is_not_mailed(resources: Resources, mailbox: Mailbox, store: Store) -> None:
    await warnings_due(resources)
    async with store.work(ALL) as work:
        await work.session.execute(update(UsageBudget).values(minutes=10**6))
    await send_due(resources)
    assert mailbox.store.newest_first() == []


async def test_the_room_server_gives_no_figures_of_its_own(
    resources: Resources, provider: Provider, store: Store, redis: Redis, cast: Cast, now: datetime
) -> None:
    month = month_of(now.date(), clock.OSLO)
    assert await insights_due(resources) is False
    assert provider.calls == []
    for source in (Source.ASKED, Source.NONE):
        async with store.work(OneCentre(cast.klepp.id)) as work:
            assert (await insight(work, redis, cast.klepp.id, month)).source is source
        assert await insights_due(resources) is False
    assert provider.calls == [("GET", "/v1/insights/rooms")]
