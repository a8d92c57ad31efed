"""Late-comers move nobody, and whatever is mended keeps the hard rules."""

from itertools import chain

from hypothesis import assume, given
from hypothesis import strategies as st

from rooms.breakout.rules.instance import Instance, Member
from rooms.breakout.rules.latecomers import best_group, guide_for, merges, open_for_waiting, too_small, without_guide

Seated = tuple[Instance, list[list[str]], list[str]]
LANGUAGES = ("so", "ti", "ar", "uk")


@st.composite
def seated(draw: st.DrawFn) -> Seated:
    """People in groups of one to five in which nobody sits with whom they may not, and some who wait."""
    count = draw(st.integers(4, 18))
    names = [f"p{number:02}" for number in range(count)]
    members = tuple(
        Member(
            name,
            is_guide=draw(st.booleans()),
            is_newcomer=draw(st.booleans()),
            languages=tuple(draw(st.lists(st.sampled_from(LANGUAGES), max_size=2, unique=True))),
            level=draw(st.none() | st.integers(1, 5)),
            is_woman=draw(st.booleans()),
            women_only=draw(st.integers(0, 5)) == 0,
        )
        for name in names
    )
    apart = draw(
        st.sets(
            st.tuples(st.sampled_from(names), st.sampled_from(names)).filter(lambda two: two[0] < two[1]), max_size=4
        )
    )
    free = [(one, other) for one in names for other in names if one < other and (one, other) not in apart]
    together = draw(st.sets(st.sampled_from(free), max_size=2)) if free else set()
    instance = Instance(
        members,
        apart=frozenset(map(frozenset, apart)),
        together=frozenset(map(frozenset, together)),
    )
    by_id = instance.by_id()
    groups: list[list[str]] = [[] for _ in range(draw(st.integers(1, 5)))]
    waiting = []
    for name in names:
        place = draw(st.integers(-1, len(groups) - 1))
        fits = place >= 0 and len(groups[place]) < 5
        if fits and not any(instance.conflict(by_id[name], by_id[other]) for other in groups[place]):
            groups[place].append(name)
        else:
            waiting.append(name)
    return instance, groups, waiting


def is_allowed(instance: Instance, group: list[str]) -> bool:
    by_id = instance.by_id()
    return len(group) <= 5 and not any(
        instance.conflict(by_id[one], by_id[other]) for one in group for other in group if one < other
    )


@given(seated())
def test_a_late_comer_moves_nobody_and_goes_where_it_is_allowed(
    made: Seated,
) -> None:
    instance, groups, waiting = made
    before = [list(group) for group in groups]
    for person in waiting:
        place = best_group(instance, groups, person)
        allowed = [index for index, group in enumerate(groups) if group and is_allowed(instance, [*group, person])]
        assert place in allowed if allowed else place is None
        if place is not None:
            groups[place].append(person)
    assert [group[: len(old)] for group, old in zip(groups, before, strict=True)] == before


@given(seated())
def test_a_group_is_opened_for_two_or_more_with_as_few_others_as_can_be(
    made: Seated,
) -> None:
    instance, groups, waiting = made
    opened = open_for_waiting(instance, groups, waiting)
    if opened is None:
        by_id = instance.by_id()
        first = by_id[waiting[0]] if waiting else None
        assert first is None or all(instance.conflict(first, by_id[other]) for other in waiting[1:])
        return
    assert is_allowed(instance, opened)
    assert len(set(opened) & set(waiting)) >= 2
    moved = set(opened) - set(waiting)
    assert len(moved) <= 1
    assert not moved or len(opened) == 3
    for group in groups:
        assert len(set(group) - moved) >= min(len(group), 3)


@given(seated())
def test_a_merge_leaves_nobody_behind_and_breaks_nothing(made: Seated) -> None:
    instance, groups, _ = made
    for index in too_small(instance, groups):
        for merge in merges(instance, groups, index):
            after = [[one for one in group if one not in merge.moves] for group in groups]
            for person, place in merge.moves.items():
                after[place].append(person)
            assert sorted(chain(*after)) == sorted(chain(*groups))
            assert all(is_allowed(instance, group) for group in after)
            assert not after[index] or len(after[index]) >= 3
            for old, new in zip(groups, after, strict=True):
                assert len(old) < 3 or len(new) >= 3


@given(seated())
def test_the_least_disruptive_merge_comes_first(made: Seated) -> None:
    instance, groups, _ = made
    for index in too_small(instance, groups):
        found = [len(merge.moves) for merge in merges(instance, groups, index)]
        assert found == sorted(found)


@given(seated())
def test_a_group_without_a_guide_gets_one_who_may_sit_there(made: Seated) -> None:
    instance, groups, waiting = made
    by_id = instance.by_id()
    guides = {person for person in waiting if by_id[person].is_guide}
    assume(guides)
    for index in without_guide(instance, groups):
        guide = guide_for(instance, groups[index], guides)
        fitting = {
            one for one in guides if not any(instance.conflict(by_id[one], by_id[other]) for other in groups[index])
        }
        assert guide in fitting if fitting else guide is None


def test_a_friend_goes_to_a_friend_and_a_newcomer_to_a_guide() -> None:
    members = (
        Member("guide", is_guide=True, languages=("so",)),
        Member("ana", languages=("ti",)),
        Member("bo", languages=("uk",)),
        Member("cem", languages=("ar",)),
        Member("new", is_newcomer=True, languages=("so",)),
        Member("friend", languages=("ti",)),
    )
    instance = Instance(members, together=frozenset({frozenset({"friend", "bo"})}))
    groups = [["guide", "ana"], ["bo", "cem"]]
    assert best_group(instance, groups, "new") == 0
    assert best_group(instance, groups, "friend") == 1
