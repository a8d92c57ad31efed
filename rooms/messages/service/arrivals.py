"""What is learnt of a message after it was sent: that it arrived, or that it came back."""

import uuid
from collections.abc import Sequence
from datetime import datetime

import structlog
from sqlalchemy import select, update

from rooms.messages.records import Message
from rooms.messages.rules import TOGETHER, Channel, MessageState, ways
from rooms.people.records.persons import Person
from rooms.store.unit_of_work import UnitOfWork
from rooms.store.wakeups import centre_topic

log = structlog.get_logger(__name__)


async def came_back(
    work: UnitOfWork, message_id: uuid.UUID, channel: Channel, error: str, *, has_sms: bool, now: datetime
) -> bool:
    """A sent message did not arrive: it goes the person's other way, if there is one that was not tried, or has failed.

    `has_sms`: whether there is a gateway. True when that was news: not for a report that is read again, nor for what is
    being sent again. Needs a unit of work that sees all centres: a report does not say whose it is.
    """
    row = (
        await work.session.execute(
            select(Message, Person)
            .join(Person, Person.id == Message.person_id)
            .where(Message.id == message_id, Message.channel == channel, Message.state == MessageState.SENT)
            .with_for_update(of=Message)
        )
    ).one_or_none()
    if row is None:
        return False
    message, person = row
    found = ways(
        message.kind,
        person.preferred_way,
        has_email=person.email is not None,
        has_phone=person.phone is not None and has_sms,
    )
    other = next((way for way in found if way is not channel), None)
    for each in [message, *await _said_with(work, message)]:
        if other is not None and each.first_error is None:
            each.state, each.channel, each.first_error = MessageState.DUE, other, error
            each.attempts, each.next_try_at = 0, now
        else:
            each.state = MessageState.FAILED
        each.error = error
    log.info("message came back", message_id=str(message_id), error=error)
    work.wake_pages(centre_topic(message.centre_id))
    return True


async def _said_with(work: UnitOfWork, message: Message) -> Sequence[Message]:
    """The messages that went in the same one: to the same person, the same way, and recorded at the same instant."""
    if message.kind not in TOGETHER or message.sent_at is None:
        return []
    found = await work.session.scalars(
        select(Message)
        .where(
            Message.person_id == message.person_id,
            Message.channel == message.channel,
            Message.kind.in_(TOGETHER),
            Message.state == MessageState.SENT,
            Message.sent_at == message.sent_at,
            Message.id != message.id,
        )
        .with_for_update()
    )
    return found.all()


async def arrived(work: UnitOfWork, message_id: uuid.UUID, channel: Channel, now: datetime) -> bool:
    """A sent message is on the person's phone. True when that was news. Needs a unit of work as `came_back` does."""
    centre_id = await work.session.scalar(
        update(Message)
        .where(
            Message.id == message_id,
            Message.channel == channel,
            Message.state == MessageState.SENT,
            Message.delivered_at.is_(None),
        )
        .values(delivered_at=now)
        .returning(Message.centre_id)
    )
    if centre_id is not None:
        work.wake_pages(centre_topic(centre_id))
    return centre_id is not None
