"""Mail that came back: read the mailbox that it comes to, when there is one."""

import asyncio

import structlog

from config import clock
from rooms.messages.channels.bounce_mailbox import BounceMailbox, NoMailbox
from rooms.messages.service.bounces import take_in
from rooms.store.scope import AllCentres
from workers.loop import Resources
from workers.task import due

log = structlog.get_logger(__name__)

_SCOPE = AllCentres("a report does not say whose message came back")
#: Seconds for reading, before others get their turn. With the slowest answer after it, it ends within its time limit.
_NO_NEW_AFTER = 20


@due
async def read_due(resources: Resources) -> bool:
    """Take in every unread report. True when there may be more than there was time for."""
    url = resources.settings.bounce_imap_url
    if url is None:
        return False
    try:
        mailbox = await asyncio.to_thread(BounceMailbox, url)
        try:
            return await _read(resources, mailbox)
        finally:
            await asyncio.to_thread(mailbox.close)
    except NoMailbox as error:
        log.warning("mailbox of bounces cannot be read", error=str(error))
        return False


async def _read(resources: Resources, mailbox: BounceMailbox) -> bool:
    end = asyncio.get_running_loop().time() + _NO_NEW_AFTER
    for uid in await asyncio.to_thread(mailbox.unread):
        if asyncio.get_running_loop().time() >= end:
            return True
        raw = await asyncio.to_thread(mailbox.fetch, uid)
        async with resources.store.work(_SCOPE) as work:
            await take_in(work, raw, has_sms=resources.texter.is_on, now=clock.now())
        # After the commit: a worker that dies in between leaves a report that is read again, which changes nothing.
        await asyncio.to_thread(mailbox.mark_read, uid)
    return False
