"""Whom a call reaches, and when."""

import uuid
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from superuser_training.help.rules.waves import ALL_WAVES, WAVE_LASTS, CallFacts, GuideFacts, nearness, reached

ASKED = datetime(2026, 11, 23, 17, tzinfo=UTC)
SESSION, PERSON = uuid.UUID(int=1), uuid.UUID(int=2)
CALL = CallFacts(PERSON, ("ar",), SESSION, ASKED)

guides = st.lists(
    st.builds(
        GuideFacts,
        id=st.integers(2, 12).map(lambda number: uuid.UUID(int=number)),
        languages=st.lists(st.sampled_from(["ar", "ti", "uk"]), unique=True).map(tuple),
        session_ids=st.sampled_from([frozenset(), frozenset({SESSION})]),
        is_available=st.booleans(),
        by_page=st.booleans(),
    ),
    unique_by=lambda guide: guide.id,
)
ages = st.integers(0, 200).map(lambda seconds: timedelta(seconds=seconds))


def guide(
    number: int, *languages: str, of_session: bool = False, free: bool = True, by_page: bool = True
) -> GuideFacts:
    return GuideFacts(uuid.UUID(int=number), languages, frozenset({SESSION} if of_session else ()), free, by_page)


def test_the_nearest_first_then_ever_more() -> None:
    far, free, speaks, inside, both = (
        guide(10, "ar", free=False),
        guide(11, "uk"),
        guide(12, "uk", "ar"),
        guide(13, "uk", of_session=True, free=False),
        guide(14, "ar", of_session=True),
    )
    everybody = [far, free, speaks, inside, both]
    found = [reached(CALL, everybody, ASKED + number * WAVE_LASTS) for number in range(5)]
    assert found == [{one.id for one in everybody[-1 - number :]} for number in range(5)]


def test_an_empty_wave_takes_no_time() -> None:
    assert reached(CALL, [guide(10, free=False), guide(11, "ar", by_page=False)], ASKED) == {uuid.UUID(int=10)}


@given(everybody=guides, age=ages, later=ages)
def test_a_wave_adds_and_never_takes_away(everybody: list[GuideFacts], age: timedelta, later: timedelta) -> None:
    now, then = reached(CALL, everybody, ASKED + age), reached(CALL, everybody, ASKED + age + later)
    assert now <= then
    nearest = {nearness(one, CALL) for one in everybody if one.id in now}
    assert all(
        one.id in now for one in everybody if nearness(one, CALL) in nearest and one.by_page and one.id != PERSON
    )


@given(everybody=guides)
def test_in_the_end_everybody_who_wishes_to_be_asked_and_never_oneself(everybody: list[GuideFacts]) -> None:
    assert reached(CALL, everybody, ASKED + ALL_WAVES) == {
        one.id for one in everybody if one.by_page and one.id != PERSON
    }
    assert bool(reached(CALL, everybody, ASKED)) == any(one.by_page and one.id != PERSON for one in everybody)
