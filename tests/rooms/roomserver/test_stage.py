"""Whose picture is live in an XL room, and who is heard."""

from hypothesis import given
from hypothesis import strategies as st

from rooms.roomserver.stage import HOLD, MOST_VOICES, Stage

PEOPLE = [f"p{number}" for number in range(8)]
#: What happens: who, what, and how many seconds later.
STEPS = st.lists(
    st.tuples(st.sampled_from(PEOPLE), st.sampled_from(["on", "off", "talk", "leave", "tick"]), st.floats(0, 10)),
    max_size=60,
)


@given(STEPS, st.integers(1, 4))
def test_places_are_never_exceeded_never_wasted_and_only_for_cameras_that_are_on(
    steps: list[tuple[str, str, float]], most: int
) -> None:
    stage, on, now = Stage(most), set[str](), 0.0
    for person, what, seconds in steps:
        now += seconds
        match what:
            case "on":
                on.add(person)
                stage.camera(person, now, on=True)
            case "off":
                on.discard(person)
                stage.camera(person, now, on=False)
            case "talk":
                stage.talks(person, now)
            case "leave":
                on.discard(person)
                stage.leave(person, now)
            case _:
                stage.pass_on(now)
        assert len(stage.live) == len(set(stage.live)) == min(most, len(on))
        assert set(stage.live) <= on


@given(STEPS, st.integers(1, 4), st.sampled_from(PEOPLE))
def test_who_speaks_with_a_camera_on_is_seen_before_long(
    steps: list[tuple[str, str, float]], most: int, speaker: str
) -> None:
    stage, now = Stage(most), 0.0
    for person, what, seconds in steps:
        now += seconds
        if what == "talk":
            stage.talks(person, now)
        else:
            stage.camera(person, now, on=what != "off")
    stage.camera(speaker, now, on=True)
    stage.talks(speaker, now)
    stage.pass_on(now + HOLD + 1)
    assert speaker in stage.live


def test_whoever_was_silent_for_longest_gives_way_but_not_at_once() -> None:
    stage = Stage(2)
    for person in ("amina", "yusuf", "leyla"):
        stage.camera(person, 0, on=True)
    stage.talks("amina", 1)
    stage.talks("leyla", 2)
    assert stage.live == ["amina", "yusuf"]  # they have only just come
    stage.pass_on(HOLD)
    assert set(stage.live) == {"amina", "leyla"}
    stage.leave("amina", HOLD + 1)
    assert set(stage.live) == {"leyla", "yusuf"}
    assert stage.speaker == "leyla"


@given(st.sets(st.integers(0, 60)), st.sets(st.integers(0, 60)))
def test_few_are_all_heard_and_of_many_those_with_open_microphones_first(here: set[int], talking: set[int]) -> None:
    stage = Stage(9)
    candidates = {f"p{number}" for number in here}
    speakers = {f"p{number}" for number in talking} & candidates
    for now, person in enumerate(sorted(speakers)):
        stage.talks(person, now)
    heard = stage.voices(sorted(candidates), speakers)
    assert len(heard) == min(len(candidates), MOST_VOICES)
    assert set(heard) >= speakers or set(heard) <= speakers
