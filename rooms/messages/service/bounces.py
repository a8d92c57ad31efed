"""Recording that a message came back."""

import structlog
from sqlalchemy import update

from rooms.messages.channels.bounce import read_bounce
from rooms.messages.records import Message
from rooms.messages.rules import Channel, MessageState
from rooms.store.unit_of_work import UnitOfWork
from rooms.store.wakeups import centre_topic

log = structlog.get_logger(__name__)


async def take_in(work: UnitOfWork, raw: bytes) -> bool:
    """Read a mail; if it says that an e-mail of ours did not arrive, that one has failed, with the report's code.

    True when that was news: not for other mail, nor for a report that is read again, nor for what is being sent again.
    Needs a unit of work that sees all centres: a report does not say whose it is.
    """
    bounce = read_bounce(raw)
    if bounce is None:
        return False
    centre_id = await work.session.scalar(
        update(Message)
        .where(Message.id == bounce.message_id, Message.channel == Channel.EMAIL, Message.state == MessageState.SENT)
        .values(state=MessageState.FAILED, error=bounce.status)
        .returning(Message.centre_id)
    )
    if centre_id is None:
        return False
    log.info("message came back", message_id=str(bounce.message_id), status=bounce.status)
    work.wake_pages(centre_topic(centre_id))
    return True
