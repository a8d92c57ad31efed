"""Budgets are changed by one at a time, and warned of once a month."""

import uuid
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm.exc import StaleDataError

from rooms.audit.records import AuditEntry
from rooms.messages.records import Message
from rooms.messages.rules import Kind
from rooms.people.rules.roles import StaffRole
from rooms.store.scope import OneCentre
from rooms.usage.records import UsageBudget
from rooms.usage.rules.budget import Budget
from rooms.usage.service.budget import budget_row, centres_to_warn, change_budget, warn
from rooms.usage.service.usage import amounts
from tests.rooms.usage.conftest import NOW
from tests.support.cast import Cast
from tests.support.stays import was_there
from tests.support.town import Town

HOUR = timedelta(hours=1)
DECEMBER = datetime(2026, 11, 30, 23, 30, tzinfo=UTC)


async def change(town: Town, cast: Cast, budget: Budget, version: int) -> None:
    async with town.store.work(OneCentre(town.centre_id)) as work:
        await change_budget(
            work, budget, centre_id=town.centre_id, version=version, actor_id=cast.coordinator.id, now=NOW
        )


async def row(town: Town) -> UsageBudget:
    async with town.store.work(OneCentre(town.centre_id)) as work:
        found = await budget_row(work)
    assert found is not None
    return found


async def warned(town: Town, now: datetime = NOW) -> list[bool]:
    """As a worker does; what came of it for each centre that was looked at."""
    async with town.work() as work:
        centres = await centres_to_warn(work, now)
        return [await warn(work, centre_id, now) for centre_id in centres]


async def mail(town: Town) -> list[uuid.UUID]:
    async with town.work() as work:
        return list(await work.session.scalars(select(Message.person_id).where(Message.kind == Kind.USAGE_WARNING)))


async def test_a_budget_is_made_changed_and_taken_away(klepp: Town, cast: Cast) -> None:
    price = Decimal("0.0350")
    await change(klepp, cast, Budget(minutes=5), 0)
    await change(klepp, cast, Budget(kroner=900, kroner_per_minute=price), 1)
    assert amounts(await row(klepp)) == Budget(None, 900, price)
    await change(klepp, cast, Budget(), 2)
    assert amounts(await row(klepp)) == Budget()
    async with klepp.work() as work:
        events = (await work.session.scalars(select(AuditEntry.event))).all()
    assert events == ["usage_budget.changed"] * 3


@pytest.mark.parametrize("version", [0, 2])
async def test_the_second_to_save_is_told(klepp: Town, cast: Cast, version: int) -> None:
    await change(klepp, cast, Budget(minutes=5), 0)
    with pytest.raises(StaleDataError):
        await change(klepp, cast, Budget(minutes=6), version)
    assert (await row(klepp)).minutes == 5


async def test_two_first_budgets_at_once(klepp: Town, cast: Cast) -> None:
    async with klepp.store.work(OneCentre(klepp.centre_id)) as slow:
        assert await budget_row(slow) is None
        await change(klepp, cast, Budget(minutes=5), 0)
        with pytest.raises(StaleDataError):
            await change_budget(
                slow, Budget(minutes=6), centre_id=klepp.centre_id, version=0, actor_id=cast.coordinator.id, now=NOW
            )
        await slow.session.rollback()
    assert (await row(klepp)).minutes == 5


async def test_coordinators_are_warned_once_a_month(klepp: Town, cast: Cast) -> None:
    other = await klepp.person(staff_role=StaffRole.COORDINATOR, email="x@y.example")
    await klepp.person(staff_role=StaffRole.COORDINATOR, email="gone@y.example", left_at=NOW)
    session = await klepp.session(starts_in=-HOUR)
    await was_there(klepp, session, cast.amina, session.starts_at, NOW)
    await change(klepp, cast, Budget(minutes=10_000), 0)
    assert await warned(klepp) == [False]
    await change(klepp, cast, Budget(minutes=50), 1)
    assert await warned(klepp) == [True]
    assert set(await mail(klepp)) == {cast.coordinator.id, other.id}
    assert (await row(klepp)).warned_of == date(2026, 11, 1)
    # Whoever has the form open is not told that somebody else changed it.
    assert (await row(klepp)).version == 2
    assert await warned(klepp, NOW + HOUR) == []
    assert len(await mail(klepp)) == 2


async def test_a_new_budget_and_a_new_month_are_warned_of_anew(klepp: Town, cast: Cast) -> None:
    session = await klepp.session(starts_in=-HOUR)
    await was_there(klepp, session, cast.amina, session.starts_at, NOW)
    await change(klepp, cast, Budget(minutes=50), 0)
    assert await warned(klepp) == [True]
    await change(klepp, cast, Budget(minutes=55), 1)
    assert await warned(klepp) == [True]
    assert len(await mail(klepp)) == 2
    # Nothing was used in December, but the pace of the last weeks would be too much.
    assert await warned(klepp, DECEMBER + HOUR) == [True]
    assert (await row(klepp)).warned_of == date(2026, 12, 1)
    assert len(await mail(klepp)) == 3


async def test_two_workers_write_once(klepp: Town, cast: Cast) -> None:
    session = await klepp.session(starts_in=-HOUR)
    await was_there(klepp, session, cast.amina, session.starts_at, NOW)
    await change(klepp, cast, Budget(minutes=50), 0)
    async with klepp.work() as one:
        both = await centres_to_warn(one, NOW)
        assert await warned(klepp) == [True]
        assert [await warn(one, centre_id, NOW) for centre_id in both] == [False]
    assert len(await mail(klepp)) == 1


async def test_centres_without_a_budget_are_not_looked_at(klepp: Town, cast: Cast) -> None:
    await change(klepp, cast, Budget(kroner_per_minute=Decimal("0.03")), 0)
    assert await warned(klepp) == []
