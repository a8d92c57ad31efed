"""Whom does a call for help reach, and when? First those who are nearest, then ever more, until somebody takes it.

Nothing has to fire for the next wave: who is reached follows from the call's age whenever somebody looks.
"""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum

#: How long one wave is alone with a call. The last begins within the minute in which somebody should be helped.
WAVE_LASTS = timedelta(seconds=15)


class Nearness(IntEnum):
    """How near a guide is to a call; the smaller is reached first."""

    #: Of the call's session, and speaks the language.
    OF_SESSION_AND_LANGUAGE = 0
    OF_SESSION = 1
    #: Can be asked at this hour, and speaks the language.
    LANGUAGE = 2
    AVAILABLE = 3
    #: Outside of their hours, and not away for a while: better than nobody.
    ANY = 4


#: After that a call has reached everybody whom it can reach.
ALL_WAVES = WAVE_LASTS * len(Nearness)


@dataclass(frozen=True, slots=True)
class CallFacts:
    """A call: of whom, in which session if any, since when. `languages`: as the person's own."""

    person_id: uuid.UUID
    languages: tuple[str, ...]
    session_id: uuid.UUID | None
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class GuideFacts:
    """A guide who may be asked at all: certified, not paused, not gone. `by_page`: wishes to be asked on their page.

    `is_available`: by their hours, or because they are on duty now.
    """

    id: uuid.UUID
    languages: tuple[str, ...]
    session_ids: frozenset[uuid.UUID]
    is_available: bool
    by_page: bool = True


def nearness(guide: GuideFacts, call: CallFacts) -> Nearness:
    """How near this guide is to this call."""
    speaks = not set(guide.languages).isdisjoint(call.languages)
    if call.session_id in guide.session_ids:
        return Nearness.OF_SESSION_AND_LANGUAGE if speaks else Nearness.OF_SESSION
    if not guide.is_available:
        return Nearness.ANY
    return Nearness.LANGUAGE if speaks else Nearness.AVAILABLE


def reached(call: CallFacts, guides: Iterable[GuideFacts], now: datetime) -> set[uuid.UUID]:
    """The guides whose pages ring by now. An empty wave takes no time; nobody is asked about themselves.

    A call from the future is a new one: two machines' clocks differ.
    """
    asked = [one for one in guides if one.by_page and one.id != call.person_id]
    waves = sorted({nearness(one, call) for one in asked})
    begun = waves[: max(0, int((now - call.asked_at) / WAVE_LASTS)) + 1]
    return {one.id for one in asked if nearness(one, call) in begun}
