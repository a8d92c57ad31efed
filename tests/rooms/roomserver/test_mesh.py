"""Who gives way in a mesh, and how many people it carries."""

from hypothesis import given
from hypothesis import strategies as st

from rooms.roomserver.mesh import MOST_PEOPLE, capacity, is_polite


@given(st.text(min_size=1), st.text(min_size=1))
def test_of_two_exactly_one_gives_way(mine: str, theirs: str) -> None:
    assert mine == theirs or is_polite(mine, theirs) != is_polite(theirs, mine)


def test_no_room_promises_more_than_it_can_carry() -> None:
    assert capacity("normal", has_sfu=False) == capacity("normal", has_sfu=True) == 4
    assert capacity("group", has_sfu=False) == MOST_PEOPLE == 6
    assert capacity("group", has_sfu=True) == 200
