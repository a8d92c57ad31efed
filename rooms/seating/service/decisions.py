"""What is decided about strangers: let in as somebody, fine, or a new room; by people, or by the circle's own rule."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import aliased

from rooms.access.rules.permissions import Action, Role, may, roles
from rooms.audit import service as audit
from rooms.audit.rules import Event
from rooms.people.records.circles import Circle
from rooms.people.records.persons import Person
from rooms.people.rules.circles import OnStranger, on_stranger
from rooms.schedule.records import Invitation, Session
from rooms.seating.records import Presence, RoomClient, Seat, Stranger
from rooms.seating.rules.reasons import SeatReason, StrangerAnswer, StrangerKind
from rooms.seating.rules.strangers import may_move_by_itself
from rooms.seating.service.alerts import concerns, not_in
from rooms.seating.service.by_clock import OPEN_ROOMS
from rooms.seating.service.rotation import Rotation, rotate_room, rotate_session
from rooms.seating.service.strangers import wake_watchers
from rooms.store.unit_of_work import UnitOfWork
from rooms.supply.records import Room


class NotAllowed(Exception):
    """This person may not decide about strangers in this session."""


class AlreadyDecided(Exception):
    """Somebody else was quicker."""


class NotToChoose(Exception):
    """Nobody can be let in as this person: not invited, or in already."""


async def let_in_as(
    work: UnitOfWork, stranger_id: uuid.UUID, person_id: uuid.UUID, *, actor_id: uuid.UUID, now: datetime
) -> None:
    """The stranger is an invited person: their browser counts as that person's, who gets the seat in that room.

    Raises LookupError, NotAllowed, AlreadyDecided, and NotToChoose.
    """
    stranger = await _held(work, stranger_id, actor_id)
    # As arriving does: seats of the session stand still meanwhile.
    await work.session.execute(
        select(Session.id).where(Session.id == stranger.session_id).with_for_update(key_share=True)
    )
    client = (await work.session.scalars(select(RoomClient).where(RoomClient.id == stranger.client_id))).one()
    invited = await work.session.scalar(
        select(Person)
        .join(Invitation, Invitation.person_id == Person.id)
        .where(
            Invitation.session_id == stranger.session_id,
            Person.id == person_id,
            Person.left_at.is_(None),
            not_in(now),
        )
    )
    if invited is None:
        raise NotToChoose
    seat = await work.session.scalar(
        select(Seat).where(Seat.session_id == stranger.session_id, Seat.person_id == person_id).with_for_update()
    )
    if seat is None:
        seat = Seat(
            id=uuid.uuid4(),
            centre_id=stranger.centre_id,
            session_id=stranger.session_id,
            person_id=person_id,
            version=0,
        )
        work.session.add(seat)
    seat.room_id, seat.reason, seat.changed_at = stranger.room_id, SeatReason.ARRIVED, now
    seat.version += 1
    await work.session.flush()
    client.seat_id = seat.id
    if client.joined_at is not None and (client.left_at is None or client.left_at < client.joined_at):
        await _stay(work, seat, stranger.room_id, min(client.joined_at, now), now)
    _decide(stranger, StrangerAnswer.LET_IN, actor_id, now)
    client.name = None
    audit.record(
        work,
        Event.STRANGER_LET_IN,
        centre_id=stranger.centre_id,
        now=now,
        actor_id=actor_id,
        person_id=person_id,
        session_id=stranger.session_id,
    )
    await wake_watchers(work, stranger.session_id, stranger.centre_id)


async def _stay(work: UnitOfWork, seat: Seat, room_id: uuid.UUID, since: datetime, now: datetime) -> None:
    await work.session.execute(
        insert(Presence)
        .values(
            id=uuid.uuid4(),
            centre_id=seat.centre_id,
            seat_id=seat.id,
            room_id=room_id,
            person_id=seat.person_id,
            joined_at=since,
            last_seen_at=now,
        )
        .on_conflict_do_nothing(index_elements=["seat_id", "room_id"], index_where=Presence.left_at.is_(None))
    )


async def find_fine(work: UnitOfWork, stranger_id: uuid.UUID, *, actor_id: uuid.UUID, now: datetime) -> None:
    """The stranger may stay; or, of an alert whose room has moved by itself: it has been read.

    Raises LookupError, NotAllowed, and AlreadyDecided.
    """
    stranger = await _held(work, stranger_id, actor_id, read=True)
    if stranger.answer is None:
        _decide(stranger, StrangerAnswer.FINE, actor_id, now)
        audit.record(
            work,
            Event.STRANGER_FOUND_FINE,
            centre_id=stranger.centre_id,
            now=now,
            actor_id=actor_id,
            session_id=stranger.session_id,
        )
    stranger.answered_by = actor_id
    await _forget(work, [stranger])
    await wake_watchers(work, stranger.session_id, stranger.centre_id)


async def rotate_away(
    work: UnitOfWork, stranger_id: uuid.UUID, *, installation: str, actor_id: uuid.UUID, now: datetime
) -> Rotation:
    """Everybody but the stranger moves to a new room. Raises LookupError, NotAllowed, and AlreadyDecided."""
    stranger = await _held(work, stranger_id, actor_id)
    return await rotate_now(
        work, stranger.session_id, stranger.room_id, installation=installation, actor_id=actor_id, now=now
    )


async def rotate_now(
    work: UnitOfWork,
    session_id: uuid.UUID,
    room_id: uuid.UUID | None,
    *,
    installation: str,
    actor_id: uuid.UUID | None,
    now: datetime,
) -> Rotation:
    """New rooms for a session, or for one room of it, which decides about all strangers there. Raises LookupError.

    The names of strangers are kept while an alert still tells that this happened by itself.
    """
    if room_id is not None and not await work.session.scalar(
        select(Room.id).where(Room.id == room_id, Room.session_id == session_id)
    ):
        raise LookupError("no such room in this session")
    undecided = [
        stranger
        for stranger in await _alerts_of(work, session_id)
        if stranger.answer is None and room_id in {None, stranger.room_id}
    ]
    if room_id is None:
        rotation = await rotate_session(work, session_id, installation=installation, actor_id=actor_id, now=now)
    else:
        rotation = await rotate_room(work, room_id, installation=installation, actor_id=actor_id, now=now)
    for stranger in undecided:
        _decide(stranger, StrangerAnswer.ROTATED, actor_id, now)
    if undecided:
        if actor_id is not None:
            await _forget(work, undecided)
        await wake_watchers(work, session_id, undecided[0].centre_id)
    return rotation


async def rotate_by_itself(
    work: UnitOfWork, session_id: uuid.UUID, room_id: uuid.UUID, *, installation: str, now: datetime
) -> None:
    """Rotate a room that `rooms_to_rotate` named, unless somebody has decided meanwhile."""
    if any(stranger.answer is None and stranger.room_id == room_id for stranger in await _alerts_of(work, session_id)):
        await rotate_now(work, session_id, room_id, installation=installation, actor_id=None, now=now)


async def rooms_to_rotate(work: UnitOfWork, now: datetime) -> list[tuple[uuid.UUID, uuid.UUID]]:
    """Session and room of strangers whose circle moves by itself, unless that room did so in the last minute.

    Not once more for a second browser with the same link: somebody has to decide about that.
    """
    rows = await work.session.execute(
        select(Stranger.session_id, Stranger.room_id, Room.number, Circle.is_closed, Circle.on_stranger)
        .distinct()
        .join(RoomClient, RoomClient.id == Stranger.client_id)
        .join(Room, Room.id == Stranger.room_id)
        .join(Session, Session.id == Stranger.session_id)
        .join(Circle, Circle.id == Session.circle_id)
        .where(concerns(), Room.state.in_(OPEN_ROOMS), ~_came_along())
    )
    found = []
    for session_id, room_id, number, is_closed, chosen in rows.all():
        if on_stranger(is_closed=is_closed, chosen=chosen) is not OnStranger.ROTATE:
            continue
        last = await work.session.scalar(
            select(func.max(Stranger.answered_at))
            .join(Room, Room.id == Stranger.room_id)
            .where(Stranger.session_id == session_id, Room.number == number, Stranger.answer == StrangerAnswer.ROTATED)
        )
        if may_move_by_itself(last, now):
            found.append((session_id, room_id))
    return found


def _came_along() -> ColumnElement[bool]:
    """Whether a second browser had a room moved away from it before. It has the link: it comes along each time."""
    before, client = aliased(Stranger), aliased(RoomClient)
    return and_(
        Stranger.kind == StrangerKind.SECOND_BROWSER,
        exists().where(
            before.session_id == Stranger.session_id,
            before.answer == StrangerAnswer.ROTATED,
            before.client_id == client.id,
            client.seat_id == RoomClient.seat_id,
        ),
    )


async def _held(work: UnitOfWork, stranger_id: uuid.UUID, actor_id: uuid.UUID, *, read: bool = False) -> Stranger:
    """The alert, locked with all others of its session. `read`: one that moved by itself will do, too."""
    session_id = await work.session.scalar(select(Stranger.session_id).where(Stranger.id == stranger_id))
    if session_id is None:
        raise LookupError("no such alert")
    await _check(work, session_id, actor_id)
    stranger = next(one for one in await _alerts_of(work, session_id) if one.id == stranger_id)
    moved_by_itself = stranger.answer is StrangerAnswer.ROTATED and stranger.answered_by is None
    if stranger.answer is not None and not (read and moved_by_itself):
        raise AlreadyDecided
    return stranger


async def _check(work: UnitOfWork, session_id: uuid.UUID, actor_id: uuid.UUID) -> None:
    """Coordinators decide in their centre, guides in sessions to which they are invited."""
    row = (
        await work.session.execute(
            select(Person, Invitation.id)
            .outerjoin(Invitation, (Invitation.person_id == Person.id) & (Invitation.session_id == session_id))
            .where(Person.id == actor_id)
        )
    ).one_or_none()
    if row is None:
        raise NotAllowed
    actor, invitation = row
    held = roles(is_guide=actor.is_guide, staff_role=actor.staff_role, has_left=actor.left_at is not None)
    if not may(held, Action.STRANGER_DECIDE) or (Role.COORDINATOR not in held and invitation is None):
        raise NotAllowed


async def _alerts_of(work: UnitOfWork, session_id: uuid.UUID) -> Sequence[Stranger]:
    """All alerts of a session, locked in one order, before anything else of it is."""
    rows = await work.session.scalars(
        select(Stranger)
        .where(Stranger.session_id == session_id)
        .order_by(Stranger.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return rows.all()


def _decide(stranger: Stranger, answer: StrangerAnswer, actor_id: uuid.UUID | None, now: datetime) -> None:
    stranger.answer, stranger.answered_at, stranger.answered_by = answer, now, actor_id


async def _forget(work: UnitOfWork, decided: Sequence[Stranger]) -> None:
    """What they called themselves is of no use any more."""
    await work.session.flush()
    await work.session.execute(
        update(RoomClient)
        .where(RoomClient.id.in_([stranger.client_id for stranger in decided]))
        .values(name=None)
        .execution_options(synchronize_session=False)
    )
