"""What is now for one person: one statement from a link to the session that is now or next, its seat and its room."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select, true

from rooms.access.records import Device, Link
from rooms.access.rules.devices import Entry, entry
from rooms.people.records.centres import Centre
from rooms.people.records.persons import Person
from rooms.people.rules.roles import GuestRole
from rooms.schedule.records import Invitation, Session
from rooms.schedule.rules.formats import Answer, DeviceCheck
from rooms.seating.records import Presence, Round, Seat
from rooms.seating.rules.arrival import ON_THE_WAY, RoomNow, choose_room
from rooms.seating.rules.presence import SILENT_AFTER
from rooms.seating.rules.reasons import SeatReason
from rooms.seating.rules.seat import GOODBYE_FOR, Now, Place, Planned, SeatFacts, Turn, what_is_now
from rooms.seating.service.by_clock import OPEN_ROOMS
from rooms.seating.service.occupancy import devices_with, occupancy, room_now
from rooms.seating.service.turns import GroupNow, group_of, turn_lateral
from rooms.store.reader import Reader, Row, Statement, value
from rooms.supply.records import Room

#: Enough to reach past a few cancelled sessions to the next real one.
_MOST_SESSIONS = 6


@dataclass(frozen=True, slots=True)
class Reached:
    """Whom a link leads to, and the centre to call.

    `current` is false for a replaced link, after leaving, and for a guest whose visit is over.
    """

    link_id: uuid.UUID
    current: bool
    person_id: uuid.UUID
    name: str
    language: str
    is_guide: bool
    guest_role: GuestRole | None
    centre_id: uuid.UUID
    centre_name: str
    centre_phone: str
    centre_email: str


@dataclass(frozen=True, slots=True)
class SessionNow:
    """A session as its person's page needs it. `room_url` is a secret until the page may enter."""

    planned: Planned
    title: str
    opened: bool
    device_check: DeviceCheck | None
    #: What the person said of their coming.
    answer: Answer | None
    seat_id: uuid.UUID | None
    seat_version: int
    room_id: uuid.UUID | None
    room_url: str | None
    #: The person's group, while its round runs.
    group: GroupNow | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """What the statement found, and what follows from it at this moment."""

    who: Reached
    now: Now
    sessions: dict[uuid.UUID, SessionNow]

    @property
    def session(self) -> SessionNow | None:
        """The session that `now.place` speaks of."""
        return self.sessions[self.now.session.session_id] if self.now.session is not None else None

    @property
    def following(self) -> SessionNow | None:
        """The next one after it."""
        return self.sessions[self.now.following.session_id] if self.now.following is not None else None


def _statement(link: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    turn = turn_lateral()
    near = (
        select(
            Session.id.label("session_id"),
            Session.title,
            Session.starts_at,
            Session.ends_at,
            Session.opens_before_minutes,
            Session.cancelled_at,
            Session.ended_at,
            Session.standing_room_id,
            Invitation.opened_at,
            Invitation.device_check,
            Invitation.answer,
            Seat.id.label("seat_id"),
            Seat.version.label("seat_version"),
            Seat.reason.label("seat_reason"),
            Seat.room_id,
            Room.state.label("room_state"),
            Room.url.label("room_url"),
            *turn.c,
        )
        .select_from(Invitation)
        .join(Session, Session.id == Invitation.session_id)
        .outerjoin(Seat, (Seat.session_id == Session.id) & (Seat.person_id == Invitation.person_id))
        .outerjoin(Room, Room.id == Seat.room_id)
        .outerjoin(turn, true())
        .where(Invitation.person_id == Person.id, Session.ends_at > value("since", Session.ends_at))
        .order_by(Session.starts_at)
        .limit(_MOST_SESSIONS)
        .lateral("near")
    )
    return (
        select(
            Link.id.label("link_id"),
            Link.replaced_at,
            Person.id.label("person_id"),
            Person.name.label("name"),
            Person.ui_language,
            Person.is_guide,
            Person.left_at,
            Person.guest_role,
            Person.guest_until,
            Centre.id.label("centre_id"),
            Centre.name.label("centre_name"),
            Centre.phone.label("centre_phone"),
            Centre.email.label("centre_email"),
            *near.c,
        )
        .select_from(Link)
        .join(Person, Person.id == Link.person_id)
        .join(Centre, Centre.id == Person.centre_id)
        .outerjoin(near, true())
        .where(link)
    )


_BY_CODE = Statement(_statement(Link.code_hash == value("code_hash", Link.code_hash)))
_BY_LINK = Statement(_statement(Link.id == value("link_id", Link.id)))

_PRESENT = devices_with(
    value("person_id", Person.id), value("now", Round.ends_at), value("heard_since", Presence.last_seen_at)
).subquery()
_DEVICES = Statement(
    select(
        select(func.array_agg(_PRESENT.c.device_id)).scalar_subquery().label("present"),
        select(Device.let_in_at).where(Device.id == value("device_id", Device.id)).scalar_subquery().label("let_in_at"),
    )
)
_ROOMS = Statement(
    occupancy(
        value("session_id", Session.id),
        value("now", Round.ends_at),
        value("heard_since", Presence.last_seen_at),
        value("given_since", Seat.changed_at),
    )
)


async def by_code(reader: Reader, code_hash: bytes, now: datetime) -> Found | None:
    """What a personal link leads to, or None for a code that never was one. Changes nothing."""
    return _found(await reader.rows(_BY_CODE, code_hash=code_hash, now=now, since=now - GOODBYE_FOR), now)


async def by_link(reader: Reader, link_id: uuid.UUID, now: datetime) -> Found | None:
    """The same for a link that was opened before; its page asks again."""
    return _found(await reader.rows(_BY_LINK, link_id=link_id, now=now, since=now - GOODBYE_FOR), now)


async def at_the_door(reader: Reader, session_id: uuid.UUID, *, is_guide: bool, now: datetime) -> Place:
    """Whether somebody without a seat could go in: OPEN, FULL, or GETTING_READY while there is no room yet."""
    rooms = await rooms_now(reader, session_id, now)
    if not rooms:
        return Place.GETTING_READY
    return Place.FULL if choose_room(rooms, is_guide=is_guide) is None else Place.OPEN


async def rooms_now(reader: Reader, session_id: uuid.UUID, now: datetime) -> list[RoomNow]:
    """The open rooms of a session and who counts as there."""
    rows = await reader.rows(
        _ROOMS, session_id=session_id, now=now, heard_since=now - SILENT_AFTER, given_since=now - ON_THE_WAY
    )
    return [room_now(row) for row in rows]


async def may_enter(reader: Reader, person_id: uuid.UUID, device_id: uuid.UUID, now: datetime) -> bool:
    """Whether this browser may have its seat's address, as far as can be said without asking for it."""
    (row,) = await reader.rows(
        _DEVICES, person_id=person_id, device_id=device_id, now=now, heard_since=now - SILENT_AFTER
    )
    return entry(device_id, row["let_in_at"], row["present"] or (), now) is Entry.IN


def _found(rows: Sequence[Row], now: datetime) -> Found | None:
    if not rows:
        return None
    first = rows[0]
    who = Reached(
        link_id=first["link_id"],
        current=(
            first["replaced_at"] is None
            and first["left_at"] is None
            and (first["guest_until"] is None or now < first["guest_until"])
        ),
        person_id=first["person_id"],
        name=first["name"],
        language=first["ui_language"],
        is_guide=first["is_guide"],
        guest_role=GuestRole(first["guest_role"]) if first["guest_role"] else None,
        centre_id=first["centre_id"],
        centre_name=first["centre_name"],
        centre_phone=first["centre_phone"],
        centre_email=first["centre_email"],
    )
    sessions = [_session(row, now) for row in rows if row["session_id"] is not None]
    planned = what_is_now([session.planned for session in sessions], now)
    return Found(who, planned, {session.planned.session_id: session for session in sessions})


def _session(row: Row, now: datetime) -> SessionNow:
    turn = Turn(row["turn_starts_at"], row["turn_ends_at"]) if row["turn_starts_at"] is not None else None
    group = group_of(row) if turn is not None and turn.is_on(now) and row["group_id"] is not None else None
    kind = "group_room" if group is not None and group.in_room else "room"
    room_open = row[f"{kind}_state"] in OPEN_ROOMS
    seat = SeatFacts(SeatReason(row["seat_reason"]), room_open) if row["seat_id"] is not None else None
    return SessionNow(
        planned=Planned(
            session_id=row["session_id"],
            opens_at=row["starts_at"] - timedelta(minutes=row["opens_before_minutes"]),
            starts_at=row["starts_at"],
            ends_at=row["ends_at"],
            cancelled_at=row["cancelled_at"],
            ended_at=row["ended_at"],
            seat=seat,
            is_drop_in=row["standing_room_id"] is not None,
            turn=turn,
        ),
        title=row["title"],
        opened=row["opened_at"] is not None,
        device_check=DeviceCheck(row["device_check"]) if row["device_check"] else None,
        answer=Answer(row["answer"]) if row["answer"] else None,
        seat_id=row["seat_id"],
        seat_version=row["seat_version"] or 0,
        room_id=row[f"{kind}_id"] if room_open else None,
        room_url=row[f"{kind}_url"] if room_open else None,
        group=group,
    )
