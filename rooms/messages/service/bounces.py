"""Recording that an e-mail came back."""

from datetime import datetime

from rooms.messages.channels.bounce import read_bounce
from rooms.messages.rules import Channel
from rooms.messages.service.arrivals import came_back
from rooms.store.unit_of_work import UnitOfWork


async def take_in(work: UnitOfWork, raw: bytes, *, has_sms: bool, now: datetime) -> bool:
    """Read a mail; if it says that an e-mail of ours did not arrive, that one `came_back`, with the report's code.

    True when that was news. Needs a unit of work that sees all centres.
    """
    bounce = read_bounce(raw)
    if bounce is None:
        return False
    return await came_back(work, bounce.message_id, Channel.EMAIL, bounce.status, has_sms=has_sms, now=now)
