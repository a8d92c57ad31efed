"""The outbox: put a message into its cause's transaction, claim what is due, record what became of it.

A worker holds a claimed message by a lease: when it dies, the lease runs out and another one takes the message over.
"""

import random
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert

from rooms.messages.records import Message
from rooms.messages.rules import Channel, Kind, MessageState, idempotency_key, next_try
from rooms.store.unit_of_work import UnitOfWork
from rooms.store.wakeups import session_topic

#: No dead worker keeps a message longer. A batch has to be sent well within it.
LEASE = timedelta(seconds=45)


async def put(
    work: UnitOfWork,
    *,
    kind: Kind,
    cause_id: uuid.UUID,
    person_id: uuid.UUID,
    centre_id: uuid.UUID,
    now: datetime,
    session_id: uuid.UUID | None = None,
    version: int = 1,
    priority: int = 100,
) -> None:
    """Write a message that must reach a person. The same cause, person and version a second time change nothing."""
    row = {
        "id": uuid.uuid4(),
        "centre_id": centre_id,
        "person_id": person_id,
        "session_id": session_id,
        "kind": kind,
        "channel": Channel.EMAIL,
        "cause_id": cause_id,
        "idempotency_key": idempotency_key(kind, cause_id, person_id, version),
        "state": MessageState.DUE,
        "priority": priority,
        "created_at": now,
        "next_try_at": now,
        "attempts": 0,
    }
    await work.session.execute(insert(Message).values(row).on_conflict_do_nothing(index_elements=["idempotency_key"]))


async def claim(work: UnitOfWork, *, now: datetime, limit: int) -> list[Message]:
    """Take up to `limit` due messages for this worker: urgent ones first, then in turn between the centres.

    Two workers never get the same one. Needs a unit of work that sees all centres; commit before sending.
    """
    due = (
        select(Message.id)
        .where(
            Message.state.in_([MessageState.DUE, MessageState.SENDING]),
            Message.next_try_at <= now,
        )
        .order_by(Message.priority, Message.next_try_at)
        .limit(limit * 20)
        .with_for_update(skip_locked=True)
        .subquery()
    )
    turn = func.row_number().over(partition_by=Message.centre_id, order_by=(Message.priority, Message.created_at))
    ranked = select(Message.id, Message.priority, turn.label("turn")).join(due, due.c.id == Message.id).subquery()
    chosen = select(ranked.c.id).order_by(ranked.c.priority, ranked.c.turn).limit(limit)
    rows = await work.session.scalars(
        update(Message)
        .where(Message.id.in_(chosen))
        .values(state=MessageState.SENDING, next_try_at=now + LEASE, attempts=Message.attempts + 1)
        .returning(Message)
        .execution_options(synchronize_session=False)
    )
    return sorted(rows.all(), key=lambda message: message.priority)


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one message. `error`: SMTP code or a name of ours; `permanent`: trying again is of no use."""

    message: Message
    error: str | None = None
    permanent: bool = False
    dropped: bool = False


async def record(work: UnitOfWork, results: Sequence[Result], *, now: datetime) -> None:
    """Write down what became of messages that this worker had claimed."""
    for result in results:
        values: dict[str, object]
        if result.dropped:
            values = {"state": MessageState.DROPPED, "error": None}
        elif result.error is None:
            values = {"state": MessageState.SENT, "sent_at": now, "error": None}
        else:
            again = None if result.permanent else next_try(result.message.attempts, now, random.random())  # noqa: S311
            values = {"error": result.error, "state": MessageState.FAILED if again is None else MessageState.DUE}
            if again is not None:
                values["next_try_at"] = again
        await work.session.execute(
            update(Message)
            .where(Message.id == result.message.id, Message.state == MessageState.SENDING)
            .values(values)
            .execution_options(synchronize_session=False)
        )
        if result.message.session_id is not None:
            work.wake_pages(session_topic(result.message.session_id))
