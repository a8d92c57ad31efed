"""When the seats of many change at once, their pages are told where to go, instead of each asking.

One look for all pages of a process. Only pages whose browser is in a room of the session get the address of the next:
they have been let in. Everybody else asks, and so does every page a little later: a message may be lost.
"""

import time
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ARRAY, Uuid, any_, bindparam, exists, func, select

from config import clock
from rooms.access.records import Link
from rooms.join.views.answer import name_of
from rooms.join.views.turn import turn_as_json
from rooms.people.records.persons import Person
from rooms.people.rules.roles import GuestRole
from rooms.schedule.records import Session
from rooms.seating.records import Group, GroupSeat, Presence, Round, Seat
from rooms.seating.rules.reasons import GroupSeatReason
from rooms.seating.rules.seat import Turn
from rooms.seating.service.by_clock import OPEN_ROOMS
from rooms.seating.service.turns import GroupNow
from rooms.seating.views.hub import Page
from rooms.store.reader import Reader, Row, Statement, value
from rooms.supply.records import Room
from rooms.whereby.embed import Sitter, frame_address

_TURN = Statement(
    select(Round.id, Round.starts_at, Round.ends_at)
    .where(Round.session_id == value("session_id", Round.session_id), Round.ends_at > value("now", Round.ends_at))
    .order_by(Round.starts_at)
    .limit(1)
)
_GROUPS = Statement(
    select(
        Group.id,
        Group.number,
        Group.name,
        Room.id.label("room_id"),
        Room.state,
        Room.url,
        func.array_agg(Person.id).label("ids"),
        func.array_agg(Person.name).label("names"),
        func.array_agg(Person.is_guide).label("guides"),
    )
    .select_from(Group)
    .join(GroupSeat, GroupSeat.group_id == Group.id)
    .join(Person, Person.id == GroupSeat.person_id)
    .outerjoin(Room, Room.id == Group.room_id)
    .where(Group.round_id == value("round_id", Group.round_id))
    .group_by(Group.id, Room.id)
)
_PAGES = Statement(
    select(
        Presence.id.label("stay"),
        Seat.id.label("seat_id"),
        Person.id.label("person_id"),
        Person.name,
        Person.guest_role,
        Room.id.label("room_id"),
        Room.state,
        Room.url,
        GroupSeat.group_id,
        GroupSeat.reason,
        GroupSeat.hand_at,
    )
    .select_from(Presence)
    .join(Seat, Seat.id == Presence.seat_id)
    .join(Session, Session.id == Seat.session_id)
    .join(Person, Person.id == Seat.person_id)
    .outerjoin(Room, Room.id == Seat.room_id)
    .outerjoin(
        GroupSeat,
        (GroupSeat.person_id == Person.id) & (GroupSeat.round_id == value("round_id", GroupSeat.round_id)),
    )
    .where(
        Presence.id == any_(bindparam("stays", type_=ARRAY(Uuid()), required=False)),
        Presence.left_at.is_(None),
        Seat.session_id == value("session_id", Seat.session_id),
        Session.cancelled_at.is_(None),
        Session.ended_at.is_(None),
        Session.ends_at > value("now", Session.ends_at),
        exists().where(
            Link.person_id == Person.id,
            Link.id == any_(bindparam("links", type_=ARRAY(Uuid()), required=False)),
            Link.replaced_at.is_(None),
        ),
        (Person.guest_until.is_(None)) | (Person.guest_until > value("now", Session.ends_at)),
    )
)


async def seats_of(
    reader: Reader, room_hosts: Sequence[str], session_id: uuid.UUID, pages: Mapping[uuid.UUID, Page]
) -> dict[uuid.UUID, dict[str, Any]]:
    """What to tell those pages of a session, by their stays. Whoever is missing from the answer has to ask."""
    now = clock.now()
    turns = await reader.rows(_TURN, session_id=session_id, now=now)
    turn = Turn(turns[0]["starts_at"], turns[0]["ends_at"]) if turns else None
    on = turn is not None and turn.is_on(now)
    round_id = turns[0]["id"] if on else uuid.UUID(int=0)
    groups = {row["id"]: row for row in await reader.rows(_GROUPS, round_id=round_id)} if on else {}
    rows = await reader.rows(
        _PAGES,
        session_id=session_id,
        round_id=round_id,
        now=now,
        stays=list(pages),
        links=list({page.link_id for page in pages.values()}),
    )
    at = time.time_ns() // 1_000_000
    told = {}
    for row in rows:
        page = pages[row["stay"]]
        group = groups.get(row["group_id"])
        in_group = group is not None and group["state"] in OPEN_ROOMS
        room = group if in_group and group is not None else row
        if page.person_id != row["person_id"] or room["state"] not in OPEN_ROOMS or room["url"] is None:
            continue
        told[row["stay"]] = {
            "type": "seat",
            "at": at,
            "session": str(session_id),
            "room": _room(room, row, page.language, room_hosts),
            "turn": _turn(turn, group, row, page.language, now),
        }
    return told


def _room(room: Row, row: Row, language: str, room_hosts: Sequence[str]) -> dict[str, str]:
    """Camera and microphone as the page has them: it puts that into the address itself."""
    role = GuestRole(row["guest_role"]) if row["guest_role"] else None
    sitter = Sitter(row["seat_id"], name_of(row["name"], role), language, camera_on=False, microphone_on=True)
    return {
        "id": str(room["room_id"]),
        "seat": str(row["seat_id"]),
        "address": frame_address(room["url"], sitter, room_hosts),
    }


def _turn(turn: Turn | None, group: Row | None, row: Row, language: str, now: datetime) -> dict[str, Any] | None:
    if turn is None:
        return None
    mine = (
        GroupNow(
            id=group["id"],
            number=group["number"],
            name=group["name"],
            reason=GroupSeatReason(row["reason"]),
            in_room=group["state"] in OPEN_ROOMS,
            hand_at=row["hand_at"],
            people=list(zip(group["ids"], group["names"], group["guides"], strict=True)),
        )
        if group is not None
        else None
    )
    return turn_as_json(turn, mine, row["person_id"], language, now)
