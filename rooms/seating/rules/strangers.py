"""Who is in a room without a right to be there? Pure.

The provider names each browser by the seat that its address was made for. Kindness decides what is doubtful: somebody
whose page was slow to follow a move is no stranger, and neither is somebody who loaded their page anew.
"""

import uuid
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from rooms.seating.rules.presence import Client
from rooms.seating.rules.reasons import StrangerKind

#: A page may take so long to follow its seat to another room.
FOLLOWS_WITHIN = timedelta(minutes=1)
#: A page that is loaded anew is there twice for a moment: the goodbye of the old one comes after the new one's hello.
SETTLES_WITHIN = timedelta(seconds=1)
#: A room moves by itself at most so often, however many strangers come.
MOVES_AGAIN_AFTER = timedelta(minutes=1)
#: What somebody calls themselves may be long; an alert is not.
LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class Place:
    """Where a seat is, and since when."""

    room_id: uuid.UUID | None
    since: datetime


def strangers(
    room_id: uuid.UUID, clients: Collection[Client], places: Mapping[uuid.UUID, Place]
) -> dict[uuid.UUID, StrangerKind]:
    """Which of a room's clients are strangers, by their ids. `places`: the seats of the session.

    - Who came by no name, or by one that no seat of the session has.
    - Who came to a room where their seat had not been for a minute. Whoever was there when their seat moved away is
      none: their page did not hear of it.
    - Of several who came by the same name, all but the first.
    """
    found: dict[uuid.UUID, StrangerKind] = {}
    by_seat: defaultdict[uuid.UUID, list[Client]] = defaultdict(list)
    for client in clients:
        if not client.is_inside or client.joined_at is None:
            continue
        place = places.get(client.seat_id) if client.seat_id is not None else None
        if place is None or (place.room_id != room_id and client.joined_at > place.since + FOLLOWS_WITHIN):
            found[client.id] = StrangerKind.NO_SEAT
        elif client.seat_id is not None:
            by_seat[client.seat_id].append(client)
    for several in by_seat.values():
        first = min(several, key=lambda client: (client.joined_at, client.id))
        found |= {client.id: StrangerKind.SECOND_BROWSER for client in several if client is not first}
    return found


def settled(
    found: Mapping[uuid.UUID, StrangerKind], seen: Mapping[uuid.UUID, datetime], now: datetime
) -> tuple[set[uuid.UUID], dict[uuid.UUID, datetime]]:
    """Whom to tell of now, and since when the others have been seen; give that back as `seen` at the next look.

    A second browser is told of when it has stood beside the first for a second; everybody else at once.
    """
    since = {client_id: min(now, seen.get(client_id, now)) for client_id in found}
    due = {
        client_id
        for client_id, kind in found.items()
        if kind is not StrangerKind.SECOND_BROWSER or now - since[client_id] >= SETTLES_WITHIN
    }
    return due, {client_id: moment for client_id, moment in since.items() if client_id not in due}


def shown_name(told: str | None) -> str | None:
    """What somebody calls themselves, fit for an alert: without line breaks and signs that nobody sees; None if empty.

    The provider may write `[[redacted]]` instead.
    """
    text = " ".join("".join(sign if sign.isprintable() else " " for sign in told or "").split())
    return text[:LONGEST_NAME] if text and text != "[[redacted]]" else None


def may_move_by_itself(last: datetime | None, now: datetime) -> bool:
    """Whether a room that last moved by itself at `last` may do so again."""
    return last is None or now - last >= MOVES_AGAIN_AFTER
