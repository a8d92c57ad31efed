"""Pairs of people: kept together or apart, and who has met whom. Pure."""

import hashlib
import hmac
import uuid
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import combinations

#: Passing through a room is no meeting.
MET_AFTER = timedelta(minutes=3)
#: So long the planner remembers who has met whom.
REMEMBERED_FOR = timedelta(days=365)


class PairKind(StrEnum):
    """What a pair of people is to be."""

    TOGETHER = "together"
    APART = "apart"


def pseudonym(key: bytes, person_id: uuid.UUID) -> bytes:
    """What a person is called in the history of meetings: without `key` nobody can tell whose it is (HMAC-SHA-256)."""
    return hmac.digest(key, person_id.bytes, hashlib.sha256)


@dataclass(frozen=True, slots=True)
class Stayed:
    """Somebody was in a room from then until then."""

    person_id: uuid.UUID
    room_id: uuid.UUID
    since: datetime
    until: datetime


def met(stays: Iterable[Stayed]) -> dict[frozenset[uuid.UUID], timedelta]:
    """Which people were in the same room at the same time for three minutes or more in all, and for how long."""
    in_room: defaultdict[uuid.UUID, list[Stayed]] = defaultdict(list)
    for stay in stays:
        in_room[stay.room_id].append(stay)
    together: defaultdict[frozenset[uuid.UUID], timedelta] = defaultdict(timedelta)
    for stayed in in_room.values():
        for one, other in combinations(_joined_up(stayed), 2):
            if one.person_id == other.person_id:
                continue
            shared = min(one.until, other.until) - max(one.since, other.since)
            if shared > timedelta():
                together[frozenset({one.person_id, other.person_id})] += shared
    return {pair: time for pair, time in together.items() if time >= MET_AFTER}


def _joined_up(stays: Iterable[Stayed]) -> list[Stayed]:
    """Stays of one person that overlap (two browsers, a lost goodbye) as one, so that no minute counts twice."""
    whole: list[Stayed] = []
    for stay in sorted(stays, key=lambda one: (one.person_id, one.since)):
        last = whole[-1] if whole else None
        if last is not None and last.person_id == stay.person_id and stay.since <= last.until:
            whole[-1] = Stayed(last.person_id, last.room_id, last.since, max(last.until, stay.until))
        else:
            whole.append(stay)
    return whole
