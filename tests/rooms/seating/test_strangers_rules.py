"""Who is a stranger, who is none, and when to say so."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rooms.seating.rules.presence import Client
from rooms.seating.rules.reasons import StrangerKind
from rooms.seating.rules.strangers import (
    FOLLOWS_WITHIN,
    LONGEST_NAME,
    MOVES_AGAIN_AFTER,
    SETTLES_WITHIN,
    Place,
    may_move_by_itself,
    settled,
    shown_name,
    strangers,
)

T = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
HERE, ELSEWHERE = uuid.UUID(int=1), uuid.UUID(int=2)
SEAT, OTHER_SEAT = uuid.UUID(int=10), uuid.UUID(int=11)


def client(seat_id: uuid.UUID | None, joined: datetime = T, left: datetime | None = None) -> Client:
    return Client(uuid.uuid4(), seat_id, joined, left)


def kinds(*there: Client, **seats: Place) -> list[StrangerKind]:
    places = {SEAT: Place(HERE, T - SECOND), OTHER_SEAT: Place(HERE, T - SECOND)}
    return sorted(strangers(HERE, there, places | {SEAT: seats.get("seat", places[SEAT])}).values())


def test_whoever_has_a_seat_there_is_none() -> None:
    assert kinds(client(SEAT), client(OTHER_SEAT)) == []


def test_no_name_and_an_unknown_one_are_strangers() -> None:
    assert kinds(client(None), client(uuid.uuid4()), client(SEAT)) == [StrangerKind.NO_SEAT] * 2


def test_whoever_left_is_none() -> None:
    assert kinds(client(None, T, T + SECOND)) == []


@pytest.mark.parametrize("room_id", [ELSEWHERE, None], ids=["moved", "left"])
def test_whoever_was_there_when_their_seat_went_is_none(room_id: uuid.UUID | None) -> None:
    assert kinds(client(SEAT), seat=Place(room_id, T + SECOND)) == []


def test_a_page_may_follow_late_but_nobody_comes_long_after() -> None:
    just, later = T + FOLLOWS_WITHIN, T + FOLLOWS_WITHIN + SECOND
    assert kinds(client(SEAT, just), seat=Place(ELSEWHERE, T)) == []
    assert kinds(client(SEAT, later), seat=Place(ELSEWHERE, T)) == [StrangerKind.NO_SEAT]


def test_all_but_the_first_of_a_name_are_second_browsers() -> None:
    first, second, third = client(SEAT, T), client(SEAT, T + SECOND), client(SEAT, T + 2 * SECOND)
    found = strangers(HERE, [third, first, second], {SEAT: Place(HERE, T)})
    assert found == dict.fromkeys([second.id, third.id], StrangerKind.SECOND_BROWSER)


@given(st.lists(st.tuples(st.sampled_from([SEAT, OTHER_SEAT, None]), st.booleans()), max_size=8))
def test_each_person_keeps_one_browser(told: list[tuple[uuid.UUID | None, bool]]) -> None:
    there = [
        client(seat, T + n * SECOND, T + timedelta(hours=1) if gone else None) for n, (seat, gone) in enumerate(told)
    ]
    found = strangers(HERE, there, {SEAT: Place(HERE, T), OTHER_SEAT: Place(HERE, T)})
    inside = [one for one in there if one.is_inside]
    assert set(found) <= {one.id for one in inside}
    for seat in (SEAT, OTHER_SEAT):
        kept = [one for one in inside if one.seat_id == seat and one.id not in found]
        assert len(kept) == min(1, sum(one.seat_id == seat for one in inside))


def test_a_stranger_is_told_of_at_once_and_a_second_browser_when_it_has_settled() -> None:
    stranger, second = uuid.uuid4(), uuid.uuid4()
    found = {stranger: StrangerKind.NO_SEAT, second: StrangerKind.SECOND_BROWSER}
    due, seen = settled(found, {}, T)
    assert (due, seen) == ({stranger}, {second: T})
    due, seen = settled({second: StrangerKind.SECOND_BROWSER}, seen, T + SETTLES_WITHIN - SECOND / 2)
    assert (due, seen) == (set(), {second: T})
    assert settled({}, seen, T + SETTLES_WITHIN) == (set(), {})
    assert settled({second: StrangerKind.SECOND_BROWSER}, seen, T + SETTLES_WITHIN) == ({second}, {})


@pytest.mark.parametrize(
    ("told", "name"),
    [
        (None, None),
        ("", None),
        (" \n\t ", None),
        ("[[redacted]]", None),
        ("  Åse \n Bjørg ", "Åse Bjørg"),
        ("a\u202eb\x00c", "a b c"),
        ("زينب", "زينب"),
        ("x" * 500, "x" * LONGEST_NAME),
    ],
)
def test_a_name_is_made_fit_to_be_shown(told: str | None, name: str | None) -> None:
    assert shown_name(told) == name


@given(st.text())
def test_a_shown_name_is_one_short_line(told: str) -> None:
    name = shown_name(told)
    assert name is None or (name.isprintable() and 0 < len(name) <= LONGEST_NAME)


def test_a_room_moves_by_itself_at_most_once_a_minute() -> None:
    assert may_move_by_itself(None, T)
    assert not may_move_by_itself(T, T + MOVES_AGAIN_AFTER - SECOND)
    assert may_move_by_itself(T, T + MOVES_AGAIN_AFTER)
