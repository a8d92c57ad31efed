"""Deciding about strangers: once, by those who may; and circles that move by themselves."""

import asyncio
import uuid
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from config import clock
from rooms.audit.records import AuditEntry
from rooms.audit.rules import Event
from rooms.people.records.circles import Circle
from rooms.people.records.persons import Person
from rooms.people.rules.circles import OnStranger
from rooms.people.rules.roles import StaffRole
from rooms.schedule.records import Session
from rooms.seating.records import Presence, RoomClient, Seat, Stranger
from rooms.seating.rules.reasons import SeatReason, StrangerAnswer, StrangerKind
from rooms.seating.rules.strangers import MOVES_AGAIN_AFTER, SETTLES_WITHIN
from rooms.seating.service import decisions
from rooms.seating.service.decisions import (
    AlreadyDecided,
    NotAllowed,
    NotToChoose,
    find_fine,
    let_in_as,
    rooms_to_rotate,
    rotate_away,
    rotate_by_itself,
)
from rooms.seating.service.events import Taken, keep, work_off_events
from rooms.seating.service.rotation import Rotation
from rooms.store.scope import OneCentre
from rooms.supply.records import Room
from rooms.supply.rules.room_life import RoomState
from tests.rooms.seating.test_provider_events import person as event_of
from tests.rooms.seating.test_strangers import comes, look, open_session, shown
from tests.support.town import Town

MINUTE = timedelta(minutes=1)


@pytest.fixture
async def kari(town: Town) -> Person:
    return await town.person(name="Kari", staff_role=StaffRole.COORDINATOR)


async def stranger_in(town: Town, room: Room, *, name: str = "Somebody") -> tuple[Stranger, RoomClient]:
    client = await comes(town, room, name=name)
    await look(town, room)
    async with town.work() as work:
        found = await work.session.scalars(select(Stranger).where(Stranger.client_id == client.id))
        return found.one(), client


async def again(town: Town, stranger: Stranger) -> tuple[Stranger, RoomClient]:
    """The alert and the browser as they are now."""
    async with town.work() as work:
        found = await work.session.execute(
            select(Stranger, RoomClient)
            .join(RoomClient, RoomClient.id == Stranger.client_id)
            .where(Stranger.id == stranger.id)
        )
        one, client = found.one()
        return one, client


async def events(town: Town) -> list[tuple[Event, uuid.UUID | None, uuid.UUID | None]]:
    async with town.work() as work:
        rows = await work.session.scalars(select(AuditEntry).where(AuditEntry.event != Event.STRANGER_SEEN))
        return [(row.event, row.actor_id, row.person_id) for row in rows]


async def decide(town: Town, what: str, stranger: Stranger, actor: Person, *more: uuid.UUID) -> object:
    async with town.store.work(OneCentre(town.centre_id)) as work:
        if what == "let in":
            await let_in_as(work, stranger.id, *more, actor_id=actor.id, now=town.now)
        elif what == "rotate":
            return await rotate_away(work, stranger.id, installation="sammen", actor_id=actor.id, now=town.now)
        else:
            await find_fine(work, stranger.id, actor_id=actor.id, now=town.now)
    return None


async def test_a_stranger_is_let_in_as_somebody_who_has_no_seat(town: Town, kari: Person) -> None:
    amina = await town.person(name="Amina")
    session, room = await open_session(town, amina)
    stranger, client = await stranger_in(town, room)
    await decide(town, "let in", stranger, kari, amina.id)
    async with town.work() as work:
        seat = (await work.session.scalars(select(Seat).where(Seat.person_id == amina.id))).one()
        stay = (await work.session.scalars(select(Presence).where(Presence.person_id == amina.id))).one()
    assert (seat.session_id, seat.room_id, seat.reason) == (session.id, room.id, SeatReason.ARRIVED)
    assert (stay.room_id, stay.joined_at, stay.left_at, stay.device_id) == (room.id, client.joined_at, None, None)
    decided, known = await again(town, stranger)
    assert (decided.answer, decided.answered_by, known.seat_id, known.name) == (
        StrangerAnswer.LET_IN,
        kari.id,
        seat.id,
        None,
    )
    assert await events(town) == [(Event.STRANGER_LET_IN, kari.id, amina.id)]
    assert await shown(town) == []
    assert not (await look(town, room)).raised

    # Its later events count as that person, whatever name the browser came by.
    body = event_of(room, "room.client.left", client.participant_id, uuid.uuid4(), clock.now())
    async with town.work() as work:
        await keep(work, [Taken("goodbye", "room.client.left", body.decode(), town.now)])
    async with town.work() as work:
        await work_off_events(work, clock.now())
    async with town.work() as work:
        assert (await work.session.scalars(select(Presence.left_at))).one() is not None


async def test_a_stranger_is_let_in_as_somebody_who_sat_elsewhere(town: Town, kari: Person) -> None:
    amina = await town.person()
    session, room = await open_session(town, amina)
    seat = await town.seat(amina, await town.room(session, number=2))
    stranger, _client = await stranger_in(town, room)
    await decide(town, "let in", stranger, kari, amina.id)
    async with town.work() as work:
        moved = (await work.session.scalars(select(Seat))).one()
    assert (moved.id, moved.room_id, moved.version) == (seat.id, room.id, seat.version + 1)


async def test_nobody_is_let_in_as_somebody_who_is_in_or_not_invited(town: Town, kari: Person) -> None:
    inside, other = await town.person(), await town.person()
    _session, room = await open_session(town, inside)
    await town.stay(await town.seat(inside, room), room)
    stranger, _client = await stranger_in(town, room)
    for person in (inside, other):
        with pytest.raises(NotToChoose):
            await decide(town, "let in", stranger, kari, person.id)
    assert (await again(town, stranger))[0].answer is None


async def test_fine_is_remembered_and_the_name_forgotten(town: Town, kari: Person) -> None:
    _session, room = await open_session(town)
    stranger, _client = await stranger_in(town, room)
    await decide(town, "fine", stranger, kari)
    decided, client = await again(town, stranger)
    assert (decided.answer, client.name, client.seat_id) == (StrangerAnswer.FINE, None, None)
    assert await events(town) == [(Event.STRANGER_FOUND_FINE, kari.id, None)]
    assert not (await look(town, room)).raised


async def test_rotating_decides_about_all_strangers_of_the_room(town: Town, kari: Person) -> None:
    amina = await town.person()
    session, room = await open_session(town, amina)
    other_room = await town.room(session, number=2)
    await town.stay(await town.seat(amina, room), room)
    await town.spare()
    first, _ = await stranger_in(town, room)
    second, _ = await stranger_in(town, room)
    third, _ = await stranger_in(town, other_room)
    assert await decide(town, "rotate", first, kari) is Rotation.MOVED
    for stranger, answer in ((first, StrangerAnswer.ROTATED), (second, StrangerAnswer.ROTATED), (third, None)):
        decided, client = await again(town, stranger)
        assert decided.answer is answer
        assert client.name == (None if answer else "Somebody")
    assert [alert.id for alert in await shown(town)] == [third.id]
    assert await events(town) == [(Event.ROOM_ROTATED, kari.id, None)]
    async with town.work() as work:
        assert await work.session.scalar(select(Seat.room_id).where(Seat.person_id == amina.id)) != room.id


async def test_a_new_room_for_the_whole_session_decides_about_all(town: Town, kari: Person) -> None:
    session, room = await open_session(town)
    other_room = await town.room(session, number=2)
    for each in (room, other_room):
        await stranger_in(town, each)
    async with town.store.work(OneCentre(town.centre_id)) as work:
        rotation = await decisions.rotate_now(
            work, session.id, None, installation="sammen", actor_id=kari.id, now=town.now
        )
    assert rotation is Rotation.WAITS
    assert await shown(town) == []


async def test_the_first_answer_counts(town: Town, kari: Person) -> None:
    amina = await town.person()
    _session, room = await open_session(town, amina)
    stranger, _client = await stranger_in(town, room)
    outcomes = await asyncio.gather(
        decide(town, "fine", stranger, kari),
        decide(town, "rotate", stranger, kari),
        decide(town, "let in", stranger, kari, amina.id),
        return_exceptions=True,
    )
    assert sum(isinstance(outcome, AlreadyDecided) for outcome in outcomes) == 2
    assert len(await events(town)) == 1


async def test_guides_decide_where_they_are_invited_and_others_nowhere(town: Town) -> None:
    guide, other_guide = await town.person(is_guide=True), await town.person(is_guide=True)
    participant = await town.person()
    former = await town.person(staff_role=StaffRole.COORDINATOR, left_at=town.now)
    _session, room = await open_session(town, guide, participant)
    stranger, _client = await stranger_in(town, room)
    for nobody in (other_guide, participant, former):
        for what in ("fine", "rotate"):
            with pytest.raises(NotAllowed):
                await decide(town, what, stranger, nobody)
    await decide(town, "fine", stranger, guide)
    assert await events(town) == [(Event.STRANGER_FOUND_FINE, guide.id, None)]
    with pytest.raises(LookupError):
        async with town.work() as work:
            await find_fine(work, uuid.uuid4(), actor_id=guide.id, now=town.now)


async def closed_circle(town: Town, session: Session, *, chosen: OnStranger | None = None, closed: bool = True) -> None:
    async with town.work() as work:
        circle = Circle(
            id=uuid.uuid4(),
            centre_id=town.centre_id,
            name="Kvinnegruppa",
            is_closed=closed,
            on_stranger=chosen,
            created_at=town.now,
        )
        work.session.add(circle)
        await work.session.flush()
        await work.session.execute(update(Session).where(Session.id == session.id).values(circle_id=circle.id))


async def rotate_what_is_due(town: Town, *, after: timedelta = timedelta(0)) -> int:
    async with town.work() as work:
        found = await rooms_to_rotate(work, town.now + after)
    for session_id, room_id in found:
        async with town.work() as work:
            await rotate_by_itself(work, session_id, room_id, installation="sammen", now=town.now + after)
    return len(found)


@pytest.mark.parametrize(
    ("closed", "chosen", "rotates"),
    [(True, None, True), (False, None, False), (True, OnStranger.ASK, False), (False, OnStranger.ROTATE, True)],
)
async def test_a_circle_moves_by_itself_if_it_wants_to(
    town: Town, *, closed: bool, chosen: OnStranger | None, rotates: bool
) -> None:
    session, room = await open_session(town)
    await closed_circle(town, session, closed=closed, chosen=chosen)
    await stranger_in(town, room)
    assert await rotate_what_is_due(town) == rotates


async def test_a_circle_does_not_run_from_a_second_browser_for_ever(town: Town) -> None:
    """It comes by the same link, and the link follows."""
    person = await town.person()
    session, room = await open_session(town, person)
    await closed_circle(town, session)
    seat = await town.seat(person, room)
    for rotations in (1, 0):
        await town.spare()
        async with town.work() as work:
            room = (await work.session.scalars(select(Room).order_by(Room.generation.desc()))).all()[0]
        await comes(town, room, seat, at=town.now - MINUTE)
        await comes(town, room, seat)
        await look(town, room, await look(town, room), after=SETTLES_WITHIN)
        assert await rotate_what_is_due(town, after=(1 - rotations) * 5 * MINUTE) == rotations
    (alert,) = [alert for alert in await shown(town) if not alert.moved]
    assert alert.kind is StrangerKind.SECOND_BROWSER


async def test_what_happened_by_itself_is_told_until_somebody_has_read_it(town: Town, kari: Person) -> None:
    session, room = await open_session(town)
    await closed_circle(town, session)
    stranger, _client = await stranger_in(town, room)
    assert await rotate_what_is_due(town) == 1
    assert await events(town) == [(Event.ROOM_ROTATED, None, None)]
    (alert,) = await shown(town)
    assert (alert.moved, alert.waits, alert.name, alert.choices) == (True, True, "Somebody", ())
    with pytest.raises(AlreadyDecided):
        await decide(town, "rotate", stranger, kari)
    await decide(town, "fine", stranger, kari)
    assert await shown(town) == []
    decided, client = await again(town, stranger)
    assert (decided.answer, decided.answered_by, client.name) == (StrangerAnswer.ROTATED, kari.id, None)


async def test_a_room_moves_by_itself_at_most_once_a_minute(town: Town) -> None:
    session, room = await open_session(town)
    await closed_circle(town, session)
    await town.spare()
    await stranger_in(town, room)
    assert await rotate_what_is_due(town) == 1
    async with town.work() as work:
        new = (await work.session.scalars(select(Room).where(Room.state == RoomState.READY))).one()
    await stranger_in(town, new)
    assert await rotate_what_is_due(town, after=MOVES_AGAIN_AFTER / 2) == 0
    assert await rotate_what_is_due(town, after=MOVES_AGAIN_AFTER) == 1
