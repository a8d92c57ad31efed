"""Where should this person be now: a table of cases, and what holds for all of them."""

import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rooms.seating.rules.reasons import SeatReason
from rooms.seating.rules.seat import GOODBYE_FOR, OVERTIME, WAIT_FROM, Place, Planned, SeatFacts, what_is_now

SIX = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
SESSION = Planned(
    session_id=uuid.UUID(int=1),
    opens_at=SIX - timedelta(minutes=10),
    starts_at=SIX,
    ends_at=SIX + timedelta(hours=1),
)
NEXT_WEEK = replace(
    SESSION,
    session_id=uuid.UUID(int=2),
    opens_at=SESSION.opens_at + timedelta(days=7),
    starts_at=SESSION.starts_at + timedelta(days=7),
    ends_at=SESSION.ends_at + timedelta(days=7),
)
SITS = SeatFacts(SeatReason.ARRIVED, room_open=True)
LEFT = SeatFacts(SeatReason.LEFT, room_open=False)


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


@pytest.mark.parametrize(
    ("after_six", "session", "place"),
    [
        (minutes(-24 * 60), SESSION, Place.EARLY),
        (minutes(-70) - timedelta(seconds=1), SESSION, Place.EARLY),
        (minutes(-70), SESSION, Place.WAITING),
        (minutes(-10) - timedelta(seconds=1), SESSION, Place.WAITING),
        (minutes(-10), SESSION, Place.OPEN),
        (minutes(0), replace(SESSION, seat=SITS), Place.ROOM),
        (minutes(0), replace(SESSION, seat=LEFT), Place.LEFT),
        (minutes(0), replace(SESSION, seat=SeatFacts(SeatReason.ARRIVED, room_open=False)), Place.OPEN),
        (minutes(60), SESSION, Place.OVER),
        (minutes(60), replace(SESSION, seat=LEFT), Place.OVER),
        (minutes(69), replace(SESSION, seat=SITS), Place.ROOM),
        (minutes(70), replace(SESSION, seat=SITS), Place.OVER),
        (minutes(40), replace(SESSION, seat=SITS, ended_at=SIX + minutes(30)), Place.OVER),
        (minutes(60 + 180), SESSION, Place.HOME),
        (minutes(-24 * 60), replace(SESSION, cancelled_at=SIX - timedelta(days=3)), Place.CANCELLED),
        (minutes(30), replace(SESSION, seat=SITS, cancelled_at=SIX + minutes(20)), Place.CANCELLED),
        (minutes(60), replace(SESSION, cancelled_at=SIX - timedelta(days=3)), Place.HOME),
    ],
)
def test_one_session(after_six: timedelta, session: Planned, place: Place) -> None:
    assert what_is_now([session], SIX + after_six).place is place


def test_nothing_planned() -> None:
    found = what_is_now([], SIX)
    assert (found.place, found.session, found.following, found.changes_at) == (Place.HOME, None, None, None)


def test_the_goodbye_names_the_next_session() -> None:
    found = what_is_now([NEXT_WEEK, SESSION], SIX + minutes(61))
    assert (found.place, found.session, found.following) == (Place.OVER, SESSION, NEXT_WEEK)


def test_a_cancelled_session_names_the_next_one() -> None:
    cancelled = replace(SESSION, cancelled_at=SIX - timedelta(days=1))
    found = what_is_now([cancelled, NEXT_WEEK], SIX - minutes(30))
    assert (found.place, found.session, found.following) == (Place.CANCELLED, cancelled, NEXT_WEEK)


def test_whoever_left_the_first_of_two_is_asked_to_the_second() -> None:
    second = replace(SESSION, session_id=uuid.UUID(int=3), starts_at=SIX + minutes(60), ends_at=SIX + minutes(120))
    second = replace(second, opens_at=SIX + minutes(50))
    at = SIX + minutes(55)
    assert what_is_now([replace(SESSION, seat=SITS), second], at).session == replace(SESSION, seat=SITS)
    assert what_is_now([replace(SESSION, seat=LEFT), second], at).session == second


def test_the_next_session_beats_overtime() -> None:
    second = replace(SESSION, session_id=uuid.UUID(int=3), opens_at=SIX + minutes(50), starts_at=SIX + minutes(60))
    second = replace(second, ends_at=SIX + minutes(120))
    assert what_is_now([replace(SESSION, seat=SITS), second], SIX + minutes(61)).session == second


moments = st.integers(-6 * 60, 6 * 60).map(lambda count: SIX + minutes(count))
seats = st.none() | st.builds(SeatFacts, st.sampled_from(SeatReason), st.booleans())


@st.composite
def sessions(draw: st.DrawFn) -> Planned:
    starts_at = draw(moments)
    ends_at = starts_at + minutes(draw(st.integers(1, 180)))
    return Planned(
        session_id=draw(st.uuids()),
        opens_at=starts_at - minutes(draw(st.integers(0, 120))),
        starts_at=starts_at,
        ends_at=ends_at,
        cancelled_at=draw(st.none() | moments),
        ended_at=draw(st.none() | st.just(ends_at - minutes(1))),
        seat=draw(seats),
    )


plans = st.lists(sessions(), max_size=5)


@given(plans, moments)
def test_a_room_only_for_an_open_seat_in_an_open_session(planned: list[Planned], now: datetime) -> None:
    found = what_is_now(planned, now)
    if found.place is Place.ROOM:
        assert found.session is not None
        assert found.session.seat is not None
        assert found.session.seat.room_open
        assert found.session.cancelled_at is None
        assert found.session.opens_at <= now < found.session.ends_at + OVERTIME


@given(plans, moments)
def test_an_open_session_is_never_missed(planned: list[Planned], now: datetime) -> None:
    if any(session.is_open(now) for session in planned):
        assert what_is_now(planned, now).place in {Place.OPEN, Place.ROOM, Place.LEFT}


@given(plans, moments, st.floats(0, 0.999))
def test_nothing_changes_before_it_says_so(planned: list[Planned], now: datetime, share: float) -> None:
    found = what_is_now(planned, now)
    until = found.changes_at or now + timedelta(days=1)
    later = what_is_now(planned, now + (until - now) * share)
    assert until > now
    assert (later.place, later.session, later.following) == (found.place, found.session, found.following)


@given(plans, moments)
def test_waiting_and_goodbye_keep_their_times(planned: list[Planned], now: datetime) -> None:
    found = what_is_now(planned, now)
    if found.place is Place.WAITING:
        assert found.session is not None
        assert timedelta(0) < found.session.opens_at - now <= WAIT_FROM
    if found.place is Place.OVER:
        assert found.session is not None
        assert timedelta(0) <= now - found.session.end < GOODBYE_FOR


@given(plans, moments)
def test_the_following_session_is_another_one_and_still_to_come(planned: list[Planned], now: datetime) -> None:
    found = what_is_now(planned, now)
    if found.following is not None:
        assert found.following is not found.session
        assert found.following.opens_at > now
        assert found.following.cancelled_at is None


DROP_IN = Planned(
    session_id=uuid.UUID(int=9),
    opens_at=SIX - timedelta(hours=8),
    starts_at=SIX - timedelta(hours=8),
    ends_at=SIX + timedelta(hours=4),
    is_drop_in=True,
)


@pytest.mark.parametrize(
    ("after_six", "drop_in", "session", "place", "speaks_of"),
    [
        (minutes(-120), DROP_IN, SESSION, Place.OPEN, DROP_IN),
        # Within the hour the planned one counts, unless one sits in the drop-in already.
        (minutes(-40), DROP_IN, SESSION, Place.WAITING, SESSION),
        (minutes(-40), replace(DROP_IN, seat=SITS), SESSION, Place.ROOM, DROP_IN),
        (minutes(-5), DROP_IN, SESSION, Place.OPEN, SESSION),
        (minutes(-5), replace(DROP_IN, seat=SITS), SESSION, Place.ROOM, DROP_IN),
        (minutes(0), replace(DROP_IN, seat=SITS), SESSION, Place.OPEN, SESSION),
        (minutes(5), replace(DROP_IN, seat=SITS), replace(SESSION, seat=SITS), Place.ROOM, SESSION),
        (minutes(5), replace(DROP_IN, seat=SITS), replace(SESSION, seat=LEFT), Place.ROOM, DROP_IN),
        (minutes(90), DROP_IN, SESSION, Place.OPEN, DROP_IN),
    ],
)
def test_a_drop_in_is_there_when_nothing_else_is(
    after_six: timedelta, drop_in: Planned, session: Planned, place: Place, speaks_of: Planned
) -> None:
    found = what_is_now([drop_in, session], SIX + after_six)
    assert found.session is not None
    assert (found.place, found.session.session_id) == (place, speaks_of.session_id)
    assert found.changes_at is not None
    assert found.changes_at > SIX + after_six
