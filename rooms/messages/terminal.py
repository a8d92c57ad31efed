"""`sammen messages bounce`: take in one mail that came back, as a mail server's pipe hands it over."""

import sys

from sqlalchemy.exc import DBAPIError

from config import clock, logging
from config.settings import Settings
from rooms.messages.channels.bounce import MOST_BYTES
from rooms.messages.service.bounces import take_in
from rooms.store.opening import opened_store
from rooms.store.scope import AllCentres

#: Exit codes as mail servers know them (sysexits): all well; try again later.
TAKEN, LATER = 0, 75


async def bounce(settings: Settings) -> tuple[str, int]:
    """What to print, and the exit code. Mail that is no report of ours is taken too, so that it does not come back."""
    logging.set_up(settings.log_level, "terminal")
    raw = sys.stdin.buffer.read(MOST_BYTES)
    while sys.stdin.buffer.read(MOST_BYTES):
        pass  # to its end, or the mail server's pipe breaks
    try:
        async with (
            opened_store(settings) as store,
            store.work(AllCentres("a report does not say whose message came back")) as work,
        ):
            is_news = await take_in(work, raw, has_sms=settings.sms_url is not None, now=clock.now())
    except (DBAPIError, OSError) as error:
        return f"The database does not answer ({type(error).__name__}).", LATER
    return ("Recorded." if is_news else "Nothing to record."), TAKEN
