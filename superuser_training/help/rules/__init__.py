"""Whom to help first."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from rooms.schedule.rules.formats import DeviceCheck

#: A person who asks once more after so long asks anew: they stand in front again as somebody who needs help now.
ASKS_ANEW_AFTER = timedelta(minutes=30)
#: For so long the person is shown to the guide who took their call.
HELPS_FOR = timedelta(minutes=30)
#: Somebody who was helped is not offered to guides again so soon: help may take a while.
DESK_PAUSES_FOR = timedelta(minutes=10)


class Need(StrEnum):
    """What somebody waits for."""

    HELP = "help"
    #: Said nothing, and stands outside an open room for too long.
    STUCK = "stuck"
    #: Their link is in use in one browser, and they stand outside with another one.
    LET_IN = "let_in"


@dataclass(frozen=True, slots=True)
class Waiting:
    """Somebody who waits for a coordinator. `id`: of the help call, or of the device.

    `session_*`: what they are on their way to, if anything; `device_check`: what their device check found there.
    """

    id: uuid.UUID
    need: Need
    since: datetime
    person_id: uuid.UUID
    name: str
    phone: str | None
    languages: tuple[str, ...]
    session_id: uuid.UUID | None = None
    session_title: str | None = None
    session_open: bool = False
    device_check: DeviceCheck | None = None

    def minutes(self, now: datetime) -> int:
        """How many whole minutes they have waited."""
        return max(0, int((now - self.since).total_seconds() // 60))


def in_order(waiting: Iterable[Waiting]) -> list[Waiting]:
    """Those who miss something right now first: their session is open. Then whoever has waited longest."""
    return sorted(waiting, key=lambda one: (not one.session_open, one.since, one.id))
