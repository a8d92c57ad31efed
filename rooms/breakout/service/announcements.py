"""Messages of a coordinator to some groups or to everybody: ready-made ones are said in each reader's language."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from rooms.breakout.records import Announcement, Breakout
from rooms.breakout.rules.announcements import READY
from rooms.breakout.service.whole import NoBreakout, read
from rooms.store.unit_of_work import UnitOfWork
from rooms.store.wakeups import centre_topic, session_topic

#: A message is shown for so long; whoever comes later has not missed anything that still holds.
SHOWN_FOR = timedelta(minutes=3)
LONGEST = 200


@dataclass(frozen=True, slots=True)
class Said:
    """A message as it was sent: a key of `READY`, or the coordinator's own words."""

    id: uuid.UUID
    ready: str | None
    text: str | None
    sent_at: datetime
    group_numbers: Sequence[int]


async def announce(
    work: UnitOfWork,
    session_id: uuid.UUID,
    *,
    ready: str | None = None,
    text: str | None = None,
    group_numbers: Collection[int] = (),
    now: datetime,
) -> None:
    """Say something to these groups; to everybody when none is named.

    Raises NoBreakout when none is open, and ValueError unless it is one of the ready-made messages or a text of at most
    200 characters.
    """
    if (ready is None) == (text is None) or (ready is not None and ready not in READY):
        raise ValueError("one ready-made message, or words of one's own")
    if text is not None and not 0 < len(text) <= LONGEST:
        raise ValueError("too long, or empty")
    whole = await read(work, session_id)
    if not whole.state(now).is_open:
        raise NoBreakout
    work.session.add(
        Announcement(
            centre_id=whole.session.centre_id,
            breakout_id=whole.breakout.id,
            ready=ready,
            text=text,
            group_numbers=sorted(group_numbers),
            sent_at=now,
        )
    )
    work.wake_pages(session_topic(session_id), centre_topic(whole.session.centre_id))


async def said(
    work: UnitOfWork, session_id: uuid.UUID, now: datetime, *, group_number: int | None = None, to_all: bool = False
) -> list[Said]:
    """What was said in the last minutes to a group (None: to whoever is in the big room), the oldest first.

    `to_all`: everything, for the board.
    """
    rows = await work.session.scalars(
        select(Announcement)
        .join(Breakout, Breakout.id == Announcement.breakout_id)
        .where(
            Breakout.session_id == session_id,
            Breakout.closed_at.is_(None),
            Announcement.sent_at > now - SHOWN_FOR,
        )
        .order_by(Announcement.sent_at)
    )
    return [
        Said(row.id, row.ready, row.text, row.sent_at, row.group_numbers)
        for row in rows
        if to_all or not row.group_numbers or group_number in row.group_numbers
    ]
