"""What became of a centre's messages: those that failed, those that wait, and trying again."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select, update

from rooms.messages.records import Message
from rooms.messages.rules import Channel, MessageState
from rooms.people.records.persons import Person
from rooms.store.unit_of_work import UnitOfWork

#: Older ones help nobody any more.
_SHOWN_FOR = timedelta(days=14)
_MOST = 200


@dataclass(frozen=True, slots=True)
class Failed:
    """A message that will not be sent by itself any more, and whom it was for."""

    message: Message
    person: Person


@dataclass(frozen=True, slots=True)
class Waiting:
    """Messages that are on their way: how many, and since when the oldest waits. `later`: after an error, or by day."""

    now: int
    later: int
    oldest: datetime | None


async def failed_messages(work: UnitOfWork, now: datetime) -> Sequence[Failed]:
    """The newest first, without those of people who want none. Of the unit of work's centre."""
    rows = await work.session.execute(
        select(Message, Person)
        .join(Person, Person.id == Message.person_id)
        .where(
            Message.state == MessageState.FAILED,
            Message.error != "unwanted",
            Message.created_at > now - _SHOWN_FOR,
            Person.left_at.is_(None),
        )
        .order_by(Message.created_at.desc(), Message.id)
        .limit(_MOST)
    )
    return [Failed(message, person) for message, person in rows]


async def waiting(work: UnitOfWork, now: datetime) -> Waiting:
    """The messages of the unit of work's centre that are due or in a worker's hands."""
    due_now = Message.next_try_at <= now
    count, later, oldest = (
        await work.session.execute(
            select(
                func.count(Message.id),
                func.count(Message.id).filter(~due_now, Message.state == MessageState.DUE),
                func.min(Message.created_at),
            ).where(Message.state.in_([MessageState.DUE, MessageState.SENDING]))
        )
    ).one()
    return Waiting(count - later, later, oldest)


async def try_again(work: UnitOfWork, message_id: uuid.UUID | None, now: datetime) -> int:
    """Make a failed message (None: all that `failed_messages` tells of) due as if it had never been tried.

    What no longer holds is dropped when its turn comes. Harmless to repeat. Returns how many; whom to wake is the
    caller's. Raises LookupError when the centre has no such message.
    """
    if message_id is not None and not await work.session.scalar(select(Message.id).where(Message.id == message_id)):
        raise LookupError("no such message")
    shown = [one.message.id for one in await failed_messages(work, now)]
    chosen = shown if message_id is None else [each for each in shown if each == message_id]
    done = await work.session.scalars(
        update(Message)
        .where(Message.id.in_(chosen), Message.state == MessageState.FAILED)
        .values(
            state=MessageState.DUE,
            channel=Channel.EMAIL,
            next_try_at=now,
            attempts=0,
            error=None,
            first_error=None,
        )
        .returning(Message.id)
        .execution_options(synchronize_session=False)
    )
    return len(done.all())
