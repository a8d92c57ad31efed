"""A person is never put alone where it can be avoided."""

import uuid

from hypothesis import given
from hypothesis import strategies as st

from rooms.seating.rules.arrival import PLACES, RoomNow, choose_room
from rooms.supply.rules.room_life import Size


def room(number: int, people: int, guides: int = 0, size: Size = Size.SMALL) -> RoomNow:
    return RoomNow(uuid.UUID(int=number), number, size, people, guides)


def fill(rooms: int, arrivals: list[bool]) -> list[RoomNow]:
    """The rooms after so many people (True: a guide) came one after the other and stayed."""
    now = {number: room(number, 0) for number in range(1, rooms + 1)}
    for is_guide in arrivals:
        found = choose_room(list(now.values()), is_guide=is_guide)
        if found is not None:
            now[found.number] = room(found.number, found.people + 1, found.guides + is_guide)
    return list(now.values())


def test_most_people_below_four_first() -> None:
    found = choose_room([room(1, 4), room(2, 1), room(3, 3), room(4, 0)], is_guide=False)
    assert found is not None
    assert found.number == 3


def test_then_below_five_then_the_sixth_place_then_an_empty_room() -> None:
    for people, expected in (([5, 4, 0], 2), ([5, 6, 0], 1), ([6, 6, 0], 3)):
        found = choose_room([room(number, count) for number, count in enumerate(people, 1)], is_guide=False)
        assert found is not None
        assert found.number == expected


def test_a_guide_goes_where_people_have_none() -> None:
    found = choose_room([room(1, 3, guides=1), room(2, 1), room(3, 0)], is_guide=True)
    assert found is not None
    assert found.number == 2


def test_a_guide_does_not_sit_in_an_empty_room_either() -> None:
    found = choose_room([room(1, 3, guides=1), room(2, 0)], is_guide=True)
    assert found is not None
    assert found.number == 1


def test_whoever_comes_back_finds_their_room_unless_nobody_is_left_in_it() -> None:
    for others, expected in (([3, 2], 2), ([3, 0], 1), ([6, 6], None), ([0, 0], 2)):
        found = choose_room(
            [room(number, count) for number, count in enumerate(others, 1)], is_guide=False, own=uuid.UUID(int=2)
        )
        assert (found.number if found else None) == expected


def test_all_full() -> None:
    assert choose_room([room(1, 6), room(2, 50, size=Size.XL)], is_guide=False) is None
    assert choose_room([], is_guide=True) is None


rooms = st.lists(st.tuples(st.sampled_from(Size), st.integers(0, 6), st.integers(0, 2)), min_size=1, max_size=8).map(
    lambda facts: [room(n, people, min(guides, people), size) for n, (size, people, guides) in enumerate(facts, 1)]
)


@given(rooms, st.booleans(), st.none() | st.integers(1, 8))
def test_company_before_an_empty_room_and_a_place_whenever_there_is_one(
    found: list[RoomNow], is_guide: bool, own: int | None
) -> None:
    chosen = choose_room(found, is_guide=is_guide, own=uuid.UUID(int=own) if own else None)
    has_xl = any(one.size is Size.XL for one in found)
    back_in_their_group = chosen is not None and chosen.number == own and chosen.size is Size.SMALL
    if has_xl and not back_in_their_group:
        # The small ones beside it are for group conversations.
        found = [one for one in found if one.size is Size.XL]
        assert chosen is None or chosen.size is Size.XL
    if chosen is None:
        assert not any(one.has_place for one in found)
        return
    assert chosen.people < PLACES[chosen.size]
    if any(one.people and one.has_place for one in found):
        assert chosen.people > 0


@given(st.lists(st.booleans(), min_size=2, max_size=40))
def test_whoever_comes_one_after_the_other_sits_alone_only_when_no_company_has_a_place(arrivals: list[bool]) -> None:
    alone = [one for one in fill(8, arrivals) if one.people == 1]
    assert len(alone) <= 1
    if alone:
        assert all(one.people in {0, 1, 6} for one in fill(8, arrivals))


def test_a_provider_that_takes_fewer_is_believed() -> None:
    mesh = RoomNow(uuid.UUID(int=1), 1, Size.XL, people=6, guides=0, capacity=6)
    assert not mesh.has_place
    assert choose_room([mesh], is_guide=False) is None
    assert RoomNow(uuid.UUID(int=1), 1, Size.XL, people=6, guides=0, capacity=200).has_place
