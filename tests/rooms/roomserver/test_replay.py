"""What a broken connection swallows is sent again: exactly what was missed, or a clear no."""

from hypothesis import given
from hypothesis import strategies as st

from rooms.roomserver.replay import MOST_KEPT, Replay


@given(sent=st.integers(0, MOST_KEPT), seen=st.integers(0, MOST_KEPT))
def test_exactly_what_was_missed_comes_again(sent: int, seen: int) -> None:
    replay = Replay()
    numbered = [replay.add({"t": "signal", "data": number}) for number in range(sent)]
    assert [message["n"] for message in numbered] == list(range(1, sent + 1))
    assert replay.after(seen) == (numbered[seen:] if seen <= sent else None)


@given(st.integers(1, 50))
def test_what_is_too_far_back_is_refused_rather_than_skipped(too_many: int) -> None:
    replay = Replay()
    for number in range(MOST_KEPT + too_many):
        replay.add({"data": number})
    assert replay.after(too_many - 1) is None
    rest = replay.after(too_many)
    assert rest is not None
    assert [message["data"] for message in rest] == list(range(too_many, MOST_KEPT + too_many))


def test_what_a_page_has_is_not_kept_for_it() -> None:
    replay = Replay()
    for number in range(10):
        replay.add({"t": "joined", "number": number})
    replay.forget(8)
    assert replay.after(7) is None
    assert [message["n"] for message in replay.after(8) or []] == [9, 10]
    replay.forget(99)
    assert replay.after(10) == []
