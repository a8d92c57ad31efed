"""Alerts: what those who decide see of strangers, and which alerts still say something true."""

import uuid
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import aliased

from rooms.people.records.persons import Person
from rooms.schedule.records import Invitation, Session
from rooms.seating.records import Presence, RoomClient, Seat, Stranger
from rooms.seating.rules.presence import SILENT_AFTER
from rooms.seating.rules.reasons import StrangerAnswer, StrangerKind
from rooms.seating.service.by_clock import OPEN_ROOMS
from rooms.seating.service.clients import is_inside
from rooms.seating.service.occupancy import is_live
from rooms.store.unit_of_work import UnitOfWork
from rooms.supply.records import Room
from rooms.supply.rules.demand import GRACE


@dataclass(frozen=True, slots=True)
class Alert:
    """A stranger, as those who decide see them. `name`: what they call themselves, or whose address they came by.

    `moved`: the room has got a new one by itself, or gets it as soon as it is made (`waits`); nothing is left to do.
    """

    id: uuid.UUID
    kind: StrangerKind
    name: str | None
    since: datetime
    is_inside: bool
    session_id: uuid.UUID
    session_title: str
    room_number: int
    moved: bool
    waits: bool
    #: Invited people who are not in, by name.
    choices: tuple[tuple[uuid.UUID, str], ...] = ()


def is_second() -> ColumnElement[bool]:
    """Whether a stranger's client and another one of the same seat are still in the room."""
    other = aliased(RoomClient)
    return and_(
        is_inside(),
        exists().where(
            other.room_id == RoomClient.room_id,
            other.seat_id == RoomClient.seat_id,
            other.id != RoomClient.id,
            other.joined_at.is_not(None),
            or_(other.left_at.is_(None), other.left_at < other.joined_at),
        ),
    )


def concerns() -> ColumnElement[bool]:
    """Whether an undecided alert still says something true: a page that was loaded anew stops being there twice."""
    return and_(Stranger.answer.is_(None), or_(Stranger.kind != StrangerKind.SECOND_BROWSER, is_second()))


async def alerts(
    work: UnitOfWork, now: datetime, *, session_id: uuid.UUID | None = None, guide_id: uuid.UUID | None = None
) -> list[Alert]:
    """The alerts of the centre, of one session, or of the sessions to which a guide is invited; the oldest first."""
    query = (
        select(
            Stranger, RoomClient.name, is_inside().label("inside"), Room.number, Room.state, Session.title, Person.name
        )
        .join(RoomClient, RoomClient.id == Stranger.client_id)
        .join(Room, Room.id == Stranger.room_id)
        .join(Session, Session.id == Stranger.session_id)
        .outerjoin(Seat, Seat.id == RoomClient.seat_id)
        .outerjoin(Person, Person.id == Seat.person_id)
        .where(
            or_(
                and_(concerns(), Room.state.in_(OPEN_ROOMS)),
                and_(Stranger.answer == StrangerAnswer.ROTATED, Stranger.answered_by.is_(None)),
            ),
            Session.cancelled_at.is_(None),
            Session.ended_at.is_(None),
            Session.ends_at > now - GRACE,
        )
        .order_by(Stranger.seen_at, Stranger.id)
    )
    if session_id is not None:
        query = query.where(Stranger.session_id == session_id)
    if guide_id is not None:
        query = query.where(
            exists().where(Invitation.session_id == Stranger.session_id, Invitation.person_id == guide_id)
        )
    rows = (await work.session.execute(query)).all()
    choices = await _not_in_yet(work, {row.Stranger.session_id for row in rows}, now)
    return [
        Alert(
            id=stranger.id,
            kind=stranger.kind,
            name=told or person,
            since=stranger.seen_at,
            is_inside=inside,
            session_id=stranger.session_id,
            session_title=title,
            room_number=number,
            moved=stranger.answer is not None,
            waits=stranger.answer is not None and state in OPEN_ROOMS,
            choices=tuple(choices[stranger.session_id]) if stranger.answer is None and inside else (),
        )
        for stranger, told, inside, number, state, title, person in rows
    ]


async def _not_in_yet(
    work: UnitOfWork, session_ids: Collection[uuid.UUID], now: datetime
) -> defaultdict[uuid.UUID, list[tuple[uuid.UUID, str]]]:
    found: defaultdict[uuid.UUID, list[tuple[uuid.UUID, str]]] = defaultdict(list)
    if not session_ids:
        return found
    rows = await work.session.execute(
        select(Invitation.session_id, Person.id, Person.name)
        .join(Person, Person.id == Invitation.person_id)
        .where(Invitation.session_id.in_(session_ids), Person.left_at.is_(None), not_in(now))
        .order_by(func.lower(Person.name), Person.id)
    )
    for session_id, person_id, name in rows:
        found[session_id].append((person_id, name))
    return found


def not_in(now: datetime) -> ColumnElement[bool]:
    """Whether an invited person is in none of the session's open rooms."""
    return ~exists(
        select(Presence.id)
        .join(Seat, Seat.id == Presence.seat_id)
        .join(Room, Room.id == Presence.room_id)
        .where(
            Seat.session_id == Invitation.session_id,
            Seat.person_id == Invitation.person_id,
            Room.state.in_(OPEN_ROOMS),
            is_live(now - SILENT_AFTER),
        )
    )
