"""A centre's budget: read and change it, and tell its coordinators, once a month, when it is about to run out."""

import uuid
from datetime import datetime

from sqlalchemy import or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from rooms.audit import service as audit
from rooms.audit.rules import Event
from rooms.messages.rules import Kind
from rooms.messages.service import outbox
from rooms.people.records.persons import Person
from rooms.people.rules.roles import StaffRole
from rooms.schedule.service.sessions import SEND_DUE
from rooms.store.unit_of_work import UnitOfWork
from rooms.store.wakeups import centre_topic
from rooms.usage.records import UsageBudget
from rooms.usage.rules.budget import Budget
from rooms.usage.service.usage import standing


async def budget_row(work: UnitOfWork) -> UsageBudget | None:
    """The budget of the centre that the unit of work is opened for."""
    row: UsageBudget | None = await work.session.scalar(select(UsageBudget))
    return row


async def change_budget(
    work: UnitOfWork, budget: Budget, *, centre_id: uuid.UUID, version: int, actor_id: uuid.UUID, now: datetime
) -> None:
    """Write what a form says; a budget of nothing is none. `version`: that of the row when it was read, 0 without one.

    A changed budget is warned of anew. Raises StaleDataError when somebody else saved meanwhile; then the unit of work
    has to be rolled back before it is used again.
    """
    row = await budget_row(work)
    if (row.version if row is not None else 0) != version:
        raise StaleDataError("changed by somebody else")
    if row is None:
        row = UsageBudget(id=uuid.uuid4(), centre_id=centre_id)
        work.session.add(row)
    row.minutes, row.kroner, row.kroner_per_minute = budget.minutes, budget.kroner, budget.kroner_per_minute
    row.warned_of = None
    audit.record(work, Event.USAGE_BUDGET_CHANGED, centre_id=centre_id, now=now, actor_id=actor_id)
    try:
        await work.session.flush()
    except IntegrityError as error:
        raise StaleDataError("made by somebody else") from error
    work.wake_pages(centre_topic(centre_id))


async def centres_to_warn(work: UnitOfWork, now: datetime) -> list[uuid.UUID]:
    """Centres with a budget of which nobody was warned lately. Needs a unit of work that sees all centres."""
    rows = await work.session.scalars(
        select(UsageBudget.centre_id).where(
            or_(UsageBudget.minutes.is_not(None), UsageBudget.kroner.is_not(None)),
            # By the month in UTC; `warn` looks at the centre's own.
            or_(UsageBudget.warned_of.is_(None), UsageBudget.warned_of < now.date().replace(day=1)),
        )
    )
    return list(rows)


async def warn(work: UnitOfWork, centre_id: uuid.UUID, now: datetime) -> bool:
    """Write to the centre's coordinators when there is something to warn of and nobody has been told this month.

    Two workers at once write once. Returns whether they were written to.
    """
    found = await standing(work, centre_id, now)
    if found.alarm is None:
        return False
    first = found.month.first
    # Not by the record: the coordinator who is just changing the budget must not be told that somebody else did.
    told = (
        await work.session.execute(
            update(UsageBudget)
            .where(
                UsageBudget.centre_id == centre_id,
                or_(UsageBudget.warned_of.is_(None), UsageBudget.warned_of != first),
            )
            .values(warned_of=first)
            .returning(UsageBudget.id, UsageBudget.version)
            .execution_options(synchronize_session=False)
        )
    ).one_or_none()
    if told is None:
        return False
    coordinators = await work.session.scalars(
        select(Person.id).where(
            Person.centre_id == centre_id, Person.staff_role == StaffRole.COORDINATOR, Person.left_at.is_(None)
        )
    )
    await outbox.put_each(
        work,
        coordinators.all(),
        kind=Kind.USAGE_WARNING,
        cause_id=told.id,
        centre_id=centre_id,
        now=now,
        version=int(f"{first:%Y%m}{told.version}"),
    )
    work.wake_worker(SEND_DUE)
    return True
