"""What a centre has used, month by month, and how this month stands to its budget. Changes nothing."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, func, select

from config.clock import local
from rooms.people.records.centres import Centre
from rooms.people.records.circles import Circle
from rooms.schedule.records import Invitation, Session
from rooms.store.unit_of_work import UnitOfWork
from rooms.usage.records import UsageBudget
from rooms.usage.rules.budget import LOOK_BACK, Alarm, Budget, Habits, alarm, forecast, lasts_until
from rooms.usage.rules.months import Month, last_months
from rooms.usage.service.minutes import LONGEST, OVER_AT, Sum, minutes_between


@dataclass(frozen=True, slots=True)
class Standing:
    """How the month that holds a moment stands to its budget. Minutes are participant minutes."""

    month: Month
    budget: Budget
    used: int
    #: What the month will come to.
    expected: int
    alarm: Alarm | None
    #: When the budget will be used up, if it will not last.
    lasts_until: datetime | None


@dataclass(frozen=True, slots=True)
class Report:
    """What was used in some months, the newest first, and how the newest stands."""

    months: Sequence[Month]
    #: `place` is that of the month.
    used: Sequence[Sum]
    #: Names of the circles in `used`.
    circles: Mapping[uuid.UUID, str]
    standing: Standing


async def report(work: UnitOfWork, centre_id: uuid.UUID, now: datetime, *, months: int = 12) -> Report:
    """The last months of a centre. Four queries, however much there is."""
    centre = await _centre(work, centre_id)
    shown = last_months(local(now, centre.zone).date(), months, centre.zone)
    spans = [(month.begin, month.end) for month in shown]
    sums = await minutes_between(work, centre_id, [(now - LOOK_BACK, now), *spans], now)
    names = await work.session.execute(select(Circle.id, Circle.name).where(Circle.centre_id == centre_id))
    return Report(
        months=shown,
        used=[replace(one, place=one.place - 1) for one in sums if one.place > 0],
        circles={row.id: row.name for row in names},
        standing=await _standing(work, centre, shown[0], sums, now),
    )


async def standing(work: UnitOfWork, centre_id: uuid.UUID, now: datetime) -> Standing:
    """How this month stands. Asks for no stays where there is no budget to compare them with."""
    centre = await _centre(work, centre_id)
    (month,) = last_months(local(now, centre.zone).date(), 1, centre.zone)
    if centre.budget.limit is None:
        return Standing(month, centre.budget, 0, 0, None, None)
    sums = await minutes_between(work, centre_id, [(now - LOOK_BACK, now), (month.begin, month.end)], now)
    return await _standing(work, centre, month, sums, now)


@dataclass(frozen=True, slots=True)
class _Centre:
    id: uuid.UUID
    zone: ZoneInfo
    budget: Budget


async def _centre(work: UnitOfWork, centre_id: uuid.UUID) -> _Centre:
    row = (
        await work.session.execute(
            select(Centre.zone, UsageBudget)
            .outerjoin(UsageBudget, UsageBudget.centre_id == Centre.id)
            .where(Centre.id == centre_id)
        )
    ).one()
    return _Centre(centre_id, ZoneInfo(row.zone), amounts(row.UsageBudget))


def amounts(row: UsageBudget | None) -> Budget:
    """The row as the rules see it."""
    return Budget() if row is None else Budget(row.minutes, row.kroner, row.kroner_per_minute)


async def _standing(work: UnitOfWork, centre: _Centre, month: Month, sums: Sequence[Sum], now: datetime) -> Standing:
    """From sums of which the first place are the last four weeks, and the second is this month."""
    planned, invited = await _invited(work, centre.id, month, now)
    used = sum(one.minutes for one in sums if one.place == 1)
    lately = [one for one in sums if one.place == 0]
    habits = Habits(sum(one.minutes for one in lately), invited, sum(one.drop_in for one in lately))
    left = month.end - now
    expected = forecast(used, planned=planned, habits=habits, left=left)
    limit = centre.budget.limit
    return Standing(
        month=month,
        budget=centre.budget,
        used=used,
        expected=expected,
        alarm=alarm(used, expected, limit),
        lasts_until=lasts_until(used, expected, limit, now, left),
    )


async def _invited(work: UnitOfWork, centre_id: uuid.UUID, month: Month, now: datetime) -> tuple[int, int]:
    """Invited minutes of the sessions from now to the month's end, and of those of the last four weeks. One query.

    Open rooms are left out: all members are invited to them all day.
    """

    def minutes(begin: datetime, end: datetime) -> ColumnElement[float]:
        time = func.least(OVER_AT, end) - func.greatest(Session.starts_at, begin)
        return func.coalesce(func.sum(func.greatest(func.extract("epoch", time), 0)) / 60, 0)

    ahead, behind = (
        await work.session.execute(
            select(minutes(now, month.end), minutes(now - LOOK_BACK, now))
            .select_from(Session)
            .join(Invitation, Invitation.session_id == Session.id)
            .where(
                Session.centre_id == centre_id,
                Session.starts_at >= now - LOOK_BACK - LONGEST,
                Session.starts_at < month.end,
                Session.cancelled_at.is_(None),
                Session.standing_room_id.is_(None),
            )
        )
    ).one()
    return round(ahead), round(behind)
