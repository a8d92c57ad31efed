"""Who has met whom: from presence in small rooms, under pseudonyms, for a year."""

import uuid
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update

from rooms.breakout.records import Meeting
from rooms.breakout.rules.pairs import MET_AFTER, REMEMBERED_FOR, Stayed, met
from rooms.breakout.service.history import forget_old, forget_people, met_among, note_meetings, sessions_to_note
from rooms.people.records.persons import Person
from rooms.schedule.records import Session
from rooms.seating.records import Presence, Seat
from rooms.supply.records import Room
from rooms.supply.rules.room_life import Size
from tests.support.cast import Cast
from tests.support.town import Town

MINUTE = timedelta(minutes=1)
KEYS = {"new": "n" * 32, "old": "o" * 32}
OLD, NEW = {"old": KEYS["old"]}, {"new": KEYS["new"]}

PEOPLE, ROOMS = [uuid.UUID(int=n) for n in range(1, 5)], [uuid.UUID(int=n) for n in range(11, 13)]
BEGIN = datetime(2026, 11, 2, 18, tzinfo=UTC)


@st.composite
def stays(draw: st.DrawFn) -> list[Stayed]:
    """Stays that overlap in every way: one person twice in a room, in two rooms at once, for no time at all."""
    found = []
    for _ in range(draw(st.integers(0, 12))):
        since, until = sorted(draw(st.tuples(st.integers(0, 20), st.integers(0, 20))))
        found.append(
            Stayed(
                draw(st.sampled_from(PEOPLE)),
                draw(st.sampled_from(ROOMS)),
                BEGIN + since * MINUTE,
                BEGIN + until * MINUTE,
            )
        )
    return found


def minutes_together(stayed: list[Stayed], one: uuid.UUID, other: uuid.UUID) -> int:
    """Counted minute by minute: in how many rooms both are, in each."""

    def is_in(person: uuid.UUID, room: uuid.UUID, at: datetime) -> bool:
        return any(
            (stay.person_id, stay.room_id) == (person, room) and stay.since <= at < stay.until for stay in stayed
        )

    minutes = [BEGIN + number * MINUTE for number in range(21)]
    return sum(is_in(one, room, at) and is_in(other, room, at) for room in ROOMS for at in minutes)


@given(stays())
def test_minutes_together_are_counted_once(stayed: list[Stayed]) -> None:
    expected = {}
    for number, one in enumerate(PEOPLE):
        for other in PEOPLE[:number]:
            time = minutes_together(stayed, one, other) * MINUTE
            if time >= MET_AFTER:
                expected[frozenset({one, other})] = time
    assert met(stayed) == expected


async def a_session(town: Town, *, ended_ago: timedelta = timedelta(hours=1)) -> Session:
    lasts = timedelta(hours=1)
    return await town.session(starts_in=-ended_ago - lasts, lasts=lasts)


async def stay(town: Town, room: Room, person: Person, since: int, until: int | None, *, seen: int = 0) -> None:
    """Somebody was in a room from one minute of its session until another, or until they were last heard of."""
    async with town.work() as work:
        session = await work.session.get_one(Session, room.session_id)
        seat_id = await work.session.scalar(
            select(Seat.id).where(Seat.session_id == session.id, Seat.person_id == person.id)
        )
    seat_id = seat_id or (await town.seat(person, room)).id
    async with town.work() as work:
        work.session.add(
            Presence(
                centre_id=room.centre_id,
                seat_id=seat_id,
                room_id=room.id,
                person_id=person.id,
                joined_at=session.starts_at + since * MINUTE,
                last_seen_at=session.starts_at + (seen or until or since) * MINUTE,
                left_at=None if until is None else session.starts_at + until * MINUTE,
            )
        )


async def note(town: Town, session: Session, keys: dict[str, str] = KEYS) -> int:
    async with town.work() as work:
        return await note_meetings(work, session.id, keys, town.now)


async def known(town: Town, *people: Person, keys: dict[str, str] = KEYS) -> dict[frozenset[uuid.UUID], int]:
    async with town.work() as work:
        return await met_among(work, [person.id for person in people], keys)


async def due(town: Town, now: datetime | None = None) -> list[uuid.UUID]:
    async with town.work() as work:
        return await sessions_to_note(work, now or town.now)


async def test_who_shared_a_small_room_has_met(klepp: Town, cast: Cast) -> None:
    session = await a_session(klepp)
    small, big = await klepp.room(session), await klepp.room(session, number=2, size=Size.XL)
    for person in (cast.amina, cast.yusuf, cast.guide):
        await stay(klepp, big, person, 0, 20)
    await stay(klepp, small, cast.amina, 20, 40)
    await stay(klepp, small, cast.yusuf, 25, None, seen=35)
    await stay(klepp, small, cast.guide, 39, 41)  # looks in
    assert await note(klepp, session) == 1
    pair = frozenset({cast.amina.id, cast.yusuf.id})
    assert await known(klepp, cast.amina, cast.yusuf, cast.guide) == {pair: 1}
    assert await known(klepp, cast.amina, cast.guide) == {}
    async with klepp.work() as work:
        (row,) = (await work.session.scalars(select(Meeting))).all()
    assert (row.seconds, row.centre_id, row.session_id) == (600, cast.klepp.id, session.id)
    assert not {row.one, row.other} & {cast.amina.id.bytes, cast.yusuf.id.bytes}


async def test_noting_again_changes_nothing_and_sessions_add_up(klepp: Town, cast: Cast) -> None:
    pair = frozenset({cast.amina.id, cast.yusuf.id})
    for number in (1, 2):
        session = await a_session(klepp)
        room = await klepp.room(session)
        for person in (cast.amina, cast.yusuf):
            await stay(klepp, room, person, 0, 30)
        assert [await note(klepp, session), await note(klepp, session)] == [1, 1]
        assert await known(klepp, cast.amina, cast.yusuf) == {pair: number}


async def test_a_late_goodbye_corrects_what_was_noted(klepp: Town, cast: Cast) -> None:
    session = await a_session(klepp)
    room = await klepp.room(session)
    await stay(klepp, room, cast.amina, 0, 30)
    await stay(klepp, room, cast.yusuf, 0, 30)
    await note(klepp, session)
    async with klepp.work() as work:
        left_at = session.starts_at + 2 * MINUTE
        await work.session.execute(update(Presence).where(Presence.person_id == cast.yusuf.id).values(left_at=left_at))
    assert await note(klepp, session) == 0
    assert await known(klepp, cast.amina, cast.yusuf) == {}


async def test_a_session_is_noted_when_its_rooms_are_empty_and_once_more_later(klepp: Town, cast: Cast) -> None:
    session = await a_session(klepp, ended_ago=timedelta())
    room = await klepp.room(session)
    await stay(klepp, room, cast.amina, 0, 30)
    assert await due(klepp, klepp.now + timedelta(hours=1)) == [], "somebody alone has met nobody"
    await stay(klepp, room, cast.yusuf, 0, 30)
    assert await due(klepp, klepp.now + 14 * MINUTE) == []
    assert await due(klepp, klepp.now + 15 * MINUTE) == [session.id]
    for noted_after in (timedelta(minutes=15), timedelta(hours=7)):
        async with klepp.work() as work:
            await note_meetings(work, session.id, KEYS, klepp.now + noted_after)
        assert await due(klepp, klepp.now + noted_after + MINUTE) == []
        assert await due(klepp, klepp.now + timedelta(hours=8)) == (
            [session.id] if noted_after < timedelta(hours=6) else []
        )


async def test_a_session_that_was_ended_early_need_not_wait(klepp: Town, cast: Cast) -> None:
    session = await klepp.session(starts_in=-timedelta(minutes=50), lasts=timedelta(hours=2))
    room = await klepp.room(session)
    for person in (cast.amina, cast.yusuf):
        await stay(klepp, room, person, 0, 30)
    assert await due(klepp) == []
    async with klepp.work() as work:
        ended_at = klepp.now - 16 * MINUTE
        await work.session.execute(update(Session).where(Session.id == session.id).values(ended_at=ended_at))
    assert await due(klepp) == [session.id]


async def test_a_big_room_makes_no_meeting(klepp: Town, cast: Cast) -> None:
    session = await a_session(klepp)
    big = await klepp.room(session, size=Size.XL)
    for person in (cast.amina, cast.yusuf):
        await stay(klepp, big, person, 0, 30)
    assert await due(klepp) == []
    assert await note(klepp, session) == 0


async def test_history_outlives_a_new_secret_and_ends_with_the_one_it_was_written_with(klepp: Town, cast: Cast) -> None:
    pair = frozenset({cast.amina.id, cast.yusuf.id})
    for keys in (OLD, KEYS):
        session = await a_session(klepp)
        room = await klepp.room(session)
        for person in (cast.amina, cast.yusuf):
            await stay(klepp, room, person, 0, 30)
        await note(klepp, session, keys)
    assert await known(klepp, cast.amina, cast.yusuf, keys=KEYS) == {pair: 2}
    assert await known(klepp, cast.amina, cast.yusuf, keys=NEW) == {pair: 1}
    assert await known(klepp, cast.amina, cast.yusuf, keys={"other": "x" * 32}) == {}


async def test_noting_again_after_a_new_secret_counts_once(klepp: Town, cast: Cast) -> None:
    session = await a_session(klepp)
    room = await klepp.room(session)
    for person in (cast.amina, cast.yusuf):
        await stay(klepp, room, person, 0, 30)
    await note(klepp, session, OLD)
    await note(klepp, session, KEYS)
    assert await known(klepp, cast.amina, cast.yusuf) == {frozenset({cast.amina.id, cast.yusuf.id}): 1}


async def test_a_person_is_forgotten_whatever_secret_it_was_written_with(klepp: Town, cast: Cast) -> None:
    for keys in (OLD, NEW):
        session = await a_session(klepp)
        room = await klepp.room(session)
        for person in (cast.amina, cast.yusuf, cast.guide):
            await stay(klepp, room, person, 0, 30)
        await note(klepp, session, keys)
    async with klepp.work() as work:
        await forget_people(work, [cast.amina.id], KEYS)
    assert await known(klepp, cast.amina, cast.yusuf, cast.guide) == {frozenset({cast.yusuf.id, cast.guide.id}): 2}


async def test_meetings_are_forgotten_after_a_year(klepp: Town, cast: Cast) -> None:
    session = await a_session(klepp)
    room = await klepp.room(session)
    for person in (cast.amina, cast.yusuf):
        await stay(klepp, room, person, 0, 30)
    await note(klepp, session)
    async with klepp.work() as work:
        await forget_old(work, klepp.now + REMEMBERED_FOR)
    assert len(await known(klepp, cast.amina, cast.yusuf)) == 1
    async with klepp.work() as work:
        await forget_old(work, klepp.now + REMEMBERED_FOR + MINUTE)
    assert await known(klepp, cast.amina, cast.yusuf) == {}
