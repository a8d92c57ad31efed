"""Whom to help first."""

import itertools
import random
import uuid
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from superuser_training.help.rules import Need, Waiting, in_order

NOW = datetime(2026, 11, 23, 17, tzinfo=UTC)

waiting = st.builds(
    Waiting,
    id=st.uuids(),
    need=st.sampled_from(Need),
    since=st.integers(0, 10_000).map(lambda seconds: NOW - timedelta(seconds=seconds)),
    person_id=st.uuids(),
    name=st.just("Amina"),
    phone=st.none(),
    languages=st.just(()),
    session_open=st.booleans(),
)


@given(st.lists(waiting, max_size=20), st.randoms(use_true_random=False))
def test_an_open_session_comes_first_then_the_longest_wait(queue: list[Waiting], luck: random.Random) -> None:
    ordered = in_order(queue)
    assert sorted(one.id for one in ordered) == sorted(one.id for one in queue)
    for first, second in itertools.pairwise(ordered):
        assert first.session_open or not second.session_open
        if first.session_open == second.session_open:
            assert first.since <= second.since
    mixed = queue[:]
    luck.shuffle(mixed)
    assert [one.id for one in in_order(mixed)] == [one.id for one in ordered]


@given(st.integers(-100, 100_000))
def test_waiting_is_told_in_whole_minutes(seconds: int) -> None:
    one = Waiting(
        id=uuid.UUID(int=1), need=Need.HELP, since=NOW, person_id=uuid.UUID(int=2), name="x", phone=None, languages=()
    )
    assert one.minutes(NOW + timedelta(seconds=seconds)) == max(0, seconds // 60)
