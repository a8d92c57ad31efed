"""The outbox: put a message into its cause's transaction, claim what is due, record what became of it.

A worker holds a claimed message by a lease: when it dies, the lease runs out and another one takes the message over.
"""

import random
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import (
    ARRAY,
    BindParameter,
    ColumnElement,
    Select,
    Update,
    Uuid,
    and_,
    bindparam,
    func,
    null,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import aliased

from rooms.messages.records import Message
from rooms.messages.rules import PLACE_APART, TOGETHER, Channel, Kind, MessageState, idempotency_key, next_try
from rooms.messages.service.pauses import ALL_OPEN, Standing
from rooms.store.reader import Statement, value
from rooms.store.unit_of_work import UnitOfWork

#: No dead worker keeps a message longer. A batch has to be sent well within it.
LEASE = timedelta(seconds=45)
#: As a message's `first_error`: a coordinator chose its way.
CHOSEN = "chosen"
#: Of what goes with a batch. The rest goes later, by itself.
_MOST_TOGETHER = 1000


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
    by: Channel | None = None,
) -> None:
    """Write a message that must reach a person. The same cause, person and version a second time change nothing.

    `by`: the way that a coordinator chose; no other one is tried. Without it, the person's own choice.
    """
    await put_each(
        work,
        [person_id],
        kind=kind,
        cause_id=cause_id,
        centre_id=centre_id,
        now=now,
        session_id=session_id,
        version=version,
        priority=priority,
        by=by,
    )


async def put_each(
    work: UnitOfWork,
    person_ids: Sequence[uuid.UUID],
    *,
    kind: Kind,
    cause_id: uuid.UUID,
    centre_id: uuid.UUID,
    now: datetime,
    session_id: uuid.UUID | None = None,
    version: int = 1,
    priority: int = 100,
    by: Channel | None = None,
) -> None:
    """The same for many people of one cause. Two statements."""
    if not person_ids:
        return
    first = await _next_place(work, centre_id, priority, now)
    rows = [
        {
            "id": uuid.uuid4(),
            "centre_id": centre_id,
            "person_id": person_id,
            "session_id": session_id,
            "kind": kind,
            "channel": by or Channel.EMAIL,
            "first_error": CHOSEN if by is not None else None,
            "cause_id": cause_id,
            "idempotency_key": idempotency_key(kind, cause_id, person_id, version),
            "state": MessageState.DUE,
            "priority": priority,
            "place": first + number * PLACE_APART,
            "created_at": now,
            "next_try_at": now,
            "attempts": 0,
        }
        for number, person_id in enumerate(person_ids)
    ]
    await work.session.execute(insert(Message).values(rows).on_conflict_do_nothing(index_elements=["idempotency_key"]))


async def _next_place(work: UnitOfWork, centre_id: uuid.UUID, priority: int, now: datetime) -> datetime:
    """Behind the centre's other messages of this priority, or now."""
    last = await work.session.scalar(
        select(func.max(Message.place)).where(
            Message.centre_id == centre_id, Message.priority == priority, Message.state == MessageState.DUE
        )
    )
    return now if last is None else max(now, last + PLACE_APART)


async def claim(work: UnitOfWork, *, now: datetime, limit: int, channels: Standing = ALL_OPEN) -> list[Message]:
    """Take up to `limit` due messages for this worker, in the order of priority and place; and what goes with them.

    Two workers never get the same one. Of a channel that rests none are taken, of one that is to be tried a single one.
    Needs a unit of work that sees all centres; commit before sending.
    """
    tried = [each for channel in channels.to_try for each in await _take(work, Message.channel == channel, now, 1)]
    others = Message.channel.not_in([*channels.resting, *channels.to_try])
    batch = await _take(work, others, now, limit)
    return tried + batch + await _that_go_with(work, batch, others, now)


async def _that_go_with(
    work: UnitOfWork, batch: Sequence[Message], which: ColumnElement[bool], now: datetime
) -> list[Message]:
    """What else is due to these people and can go in the same e-mail, wherever it stands in the queue.

    Also what waits for its next try: they are being written to anyway.
    """
    people = {message.person_id for message in batch if message.kind in TOGETHER}
    if not people:
        return []
    theirs = Message.person_id.in_(people) & Message.kind.in_(TOGETHER) & (Message.state == MessageState.DUE)
    return await _hold(work, select(Message.id).where(theirs, which).limit(_MOST_TOGETHER), now)


async def _take(work: UnitOfWork, which: ColumnElement[bool], now: datetime, limit: int) -> list[Message]:
    due = (
        select(Message.id)
        .where(Message.state.in_([MessageState.DUE, MessageState.SENDING]), Message.next_try_at <= now, which)
        .order_by(Message.priority, Message.place)
        .limit(limit)
    )
    return await _hold(work, due, now)


async def _hold(work: UnitOfWork, which: Select[uuid.UUID], now: datetime) -> list[Message]:
    # A common table expression that locks is computed once, whatever the planner makes of the rest; a subquery may be
    # run again and again, and would then lock and claim more than its limit.
    due = which.with_for_update(skip_locked=True).cte("due")
    rows = await work.session.scalars(
        update(Message)
        .where(Message.id.in_(select(due.c.id)))
        .values(state=MessageState.SENDING, next_try_at=now + LEASE, attempts=Message.attempts + 1)
        .returning(Message)
        .execution_options(synchronize_session=False)
    )
    return sorted(rows.all(), key=lambda message: (message.priority, message.place))


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one message. `error`: SMTP code or a name of ours; `permanent`: trying again is of no use.

    `dropped`: what it was about no longer holds. `released`: it was not tried, and is due again at once; it may have an
    error, when nobody was there to take it. `over_to`: the way to try instead; when it was tried, once it failed for
    good. `not_before`: when a released one is due.
    """

    message: Message
    error: str | None = None
    permanent: bool = False
    dropped: bool = False
    released: bool = False
    over_to: Channel | None = None
    not_before: datetime | None = None

    @property
    def was_answered(self) -> bool:
        """Whether somebody at the other end took it or refused it."""
        return self.outcome == "sent" or (not self.released and (self.error or "").removeprefix("sms_").isdigit())

    @property
    def outcome(self) -> str:
        """One word for metrics and logs."""
        if self.dropped or self.released:
            return "dropped" if self.dropped else "released"
        if self.error is None:
            return "sent"
        return "failed" if self.permanent else "later"


def _to_sent(sent: ColumnElement[bool], now: datetime | BindParameter[datetime]) -> Update:
    """They were taken at the other end. Even when the lease ran out meanwhile nobody shall send them again."""
    return (
        update(Message)
        .where(sent, Message.state.in_([MessageState.SENDING, MessageState.DUE]))
        .values(state=MessageState.SENT, sent_at=now, error=null())
    )


#: The same for what is written after every few messages: `sent`, ids; `now`.
SENT = Statement(
    _to_sent(
        Message.id == func.any(bindparam("sent", type_=ARRAY(Uuid()), required=False)),
        value("now", Message.created_at),
    )
)


async def record(work: UnitOfWork, results: Sequence[Result], *, now: datetime) -> None:
    """Write down what became of messages that this worker had claimed. Whom to wake, and when, is the caller's."""
    sent = [result.message.id for result in results if result.outcome == "sent"]
    if sent:
        sent_now = _to_sent(Message.id.in_(sent), now)
        await work.session.execute(sent_now.execution_options(synchronize_session=False))
    for result in results:
        if result.released:
            values: dict[str, object] = {
                "state": MessageState.DUE,
                "next_try_at": result.not_before or now,
                "attempts": Message.attempts - 1,
            }
            if result.error is not None:
                values |= {"error": result.error}
            elif result.over_to is not None:
                values |= {"channel": result.over_to}
            await _write(work, _still_held(result.message), values)
        elif result.dropped:
            await _write(work, _still_held(result.message), {"state": MessageState.DROPPED, "error": None})
        elif result.error is not None:
            again = None if result.permanent else next_try(result.message.attempts, now, random.random())  # noqa: S311 - spreads retries, guards nothing
            values = {
                "error": result.error,
                "state": MessageState.FAILED if again is None else MessageState.DUE,
                "next_try_at": again or now,
            }
            if again is None and result.over_to is not None:
                values |= {
                    "state": MessageState.DUE,
                    "channel": result.over_to,
                    "first_error": result.error,
                    "attempts": 0,
                }
            await _write(work, _still_held(result.message), values)


async def needless_cancellations(work: UnitOfWork, messages: Sequence[Message]) -> set[uuid.UUID]:
    """Those of the messages that call off what their person was never told of: nobody ever tried the invitation."""
    invitation, cancellation = aliased(Message), aliased(Message)
    found = await work.session.scalars(
        select(cancellation.id)
        .join(
            invitation,
            and_(invitation.cause_id == cancellation.cause_id, invitation.person_id == cancellation.person_id),
        )
        .where(
            cancellation.id.in_([message.id for message in messages if message.kind is Kind.CANCELLATION]),
            invitation.kind == Kind.INVITATION,
            or_(
                invitation.state == MessageState.DROPPED,
                and_(invitation.state == MessageState.DUE, invitation.attempts == 0),
                # Claimed together with its cancellation: it is about to be dropped.
                and_(invitation.id.in_([message.id for message in messages]), invitation.attempts == 1),
            ),
        )
    )
    return set(found)


def _still_held(message: Message) -> ColumnElement[bool]:
    """Whether the claim is still this worker's: another one that took over counted one more attempt."""
    return and_(Message.id == message.id, Message.state == MessageState.SENDING, Message.attempts == message.attempts)


async def _write(work: UnitOfWork, which: ColumnElement[bool], values: dict[str, object]) -> None:
    await work.session.execute(update(Message).where(which).values(values).execution_options(synchronize_session=False))
