"""Browsers in a room, from what the provider tells: in any order, and with goodbyes that never come."""

import itertools
import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from rooms.seating.rules.presence import Client, unheard_goodbyes

T = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
SEATS = [uuid.UUID(int=number) for number in range(3)]


def heard(events: list[tuple[str, int]]) -> Client:
    """What the service keeps of events: the latest of each kind."""
    client = Client(uuid.uuid4(), None)
    for kind, second in events:
        at = T + second * SECOND
        if kind == "joined":
            client = replace(client, joined_at=max(client.joined_at or at, at))
        else:
            client = replace(client, left_at=max(client.left_at or at, at))
    return client


def in_room(seat: int | None, joined: int, left: int | None = None) -> Client:
    return Client(
        uuid.uuid4(),
        None if seat is None else SEATS[seat],
        T + joined * SECOND,
        None if left is None else T + left * SECOND,
    )


events = st.lists(st.tuples(st.sampled_from(["joined", "left"]), st.integers(0, 5)), max_size=5)


@given(events, st.randoms())
def test_order_and_repeats_change_nothing(told: list[tuple[str, int]], chance: object) -> None:
    shuffled = [*told, *told]
    chance.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis gives a random.Random
    assert heard(shuffled).is_inside == heard(told).is_inside


@given(events)
def test_whoever_came_last_is_inside(told: list[tuple[str, int]]) -> None:
    last_left = max((second for kind, second in told if kind == "left"), default=-1)
    last_joined = max((second for kind, second in told if kind == "joined"), default=-2)
    assert heard(told).is_inside == (last_joined > last_left)


def test_the_older_browser_of_a_person_goes_first() -> None:
    old, other, new = in_room(0, 0), in_room(1, 1), in_room(0, 2)
    assert unheard_goodbyes([new, other, old], 2, T + 2 * SECOND) == [old]
    assert unheard_goodbyes([new, other, old], 3, T + 2 * SECOND) == []


def test_nobody_is_sent_away_where_it_could_be_several() -> None:
    assert unheard_goodbyes([in_room(0, 0), in_room(1, 1), in_room(2, 2)], 2, T + 3 * SECOND) == []


def test_when_one_is_left_it_is_whoever_came_last() -> None:
    first, second, last = in_room(0, 0), in_room(None, 1), in_room(2, 2)
    assert unheard_goodbyes([last, first, second], 1, T + 2 * SECOND) == [first, second]
    assert unheard_goodbyes([last, first, second], 0, T + 2 * SECOND) == [first, second, last]


def test_an_older_browser_goes_with_its_person() -> None:
    old, other, third = in_room(0, 0), in_room(1, 1), in_room(2, 2)
    assert unheard_goodbyes([old, other, third], 2, T + 3 * SECOND, leaver=SEATS[0]) == [old]


def test_an_old_event_says_nothing_of_who_came_later() -> None:
    """Two were there at second 3, says an event that comes late; the third came at second 5."""
    there = [in_room(0, 0), in_room(1, 1), in_room(2, 5)]
    assert unheard_goodbyes(there, 2, T + 3 * SECOND) == []
    assert unheard_goodbyes([in_room(0, 0, left=4), in_room(1, 1)], 2, T + 3 * SECOND) == []


clients = st.lists(
    st.builds(
        in_room,
        st.sampled_from([None, 0, 1, 2]),
        st.integers(0, 4),
        st.none() | st.integers(0, 6),
    ),
    max_size=6,
)


@given(clients, st.integers(0, 7), st.integers(0, 6))
def test_never_more_go_than_are_too_many(there: list[Client], told: int, second: int) -> None:
    at = T + second * SECOND
    gone = unheard_goodbyes(there, told, at)
    were_there = [client for client in there if client.was_inside(at)]
    assert all(client.is_inside and client in were_there for client in gone)
    assert len(gone) <= max(0, len(were_there) - told)
    assert len({client.id for client in gone}) == len(gone)
    left = [client for client in were_there if client not in gone]
    for seat in SEATS:  # the newest browser of a person stays as long as more than one person is left
        of_seat = [client for client in were_there if client.seat_id == seat]
        assert told <= 1 or not of_seat or any(client in left for client in of_seat)


def test_all_orders_of_a_reload_agree() -> None:
    for order in itertools.permutations([("joined", 0), ("left", 2), ("joined", 4), ("left", 1)]):
        assert heard(list(order)).is_inside
