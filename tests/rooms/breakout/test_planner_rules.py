"""Whatever the task: no plan breaks a rule that can be met, and the same task gives the same plan."""

import random
import time
from collections import Counter
from dataclasses import astuple, replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rooms.breakout.rules import arrays as at
from rooms.breakout.rules.arrays import Task
from rooms.breakout.rules.exchange import costs_of_groups, load
from rooms.breakout.rules.instance import Instance, Member, Sizes
from rooms.breakout.rules.modes import Mode
from rooms.breakout.rules.planner import Plan, plan
from rooms.breakout.rules.runs import Time, best_slots
from rooms.breakout.rules.score import Rule, broken, terms_of
from tests.rooms.breakout.tasks import golfers, random_task, random_tasks

#: Steps for each person and round: enough to keep the rules, too few to be good.
QUICK = 60
#: Never, whatever else cannot be met.
NEVER = {Rule.ONCE, Rule.APART, Rule.SAFE}
#: Seconds. A machine that is not busy with other tests needs one or two.
SOON = 40.0


def quick(instance: Instance) -> Plan:
    return plan(instance, effort=QUICK)


@settings(max_examples=600, deadline=None)
@given(random_tasks())
def test_nobody_sits_with_whom_they_may_not_and_nobody_is_alone(instance: Instance) -> None:
    made = quick(instance)
    assert {one.rule for one in broken(instance, made.rounds)} & NEVER == set()
    for number, groups in enumerate(made.rounds, 1):
        present = {member.id for member in instance.present(number)}
        seated = [one for group in groups for one in group]
        left_over = {one.people[0] for one in made.unmet if one.rule is Rule.PLACED and one.round == number}
        assert Counter(seated) == Counter(present - left_over)
        assert all(len(group) > 1 for group in groups if group) or len(present) == 1
        assert all(len(group) <= instance.sizes.most for group in groups)


@settings(max_examples=600, deadline=None)
@given(random_tasks(most_people=60), st.data())
def test_without_wishes_every_rule_is_met(task: Instance, data: st.DataObject) -> None:
    """Sizes are right for any number of people, whoever is there in which round."""
    members = tuple(replace(one, women_only=False, circle_only=None) for one in task.members)
    couple = data.draw(st.sampled_from(members)).id, data.draw(st.sampled_from(members)).id
    together = frozenset({frozenset(couple)} if couple[0] != couple[1] else ())
    instance = replace(task, members=members, apart=frozenset(), together=together)
    assert broken(instance, quick(instance).rounds) == []


@settings(max_examples=300, deadline=None)
@given(random_tasks(most_people=30))
def test_the_search_counts_as_the_score_does(instance: Instance) -> None:
    """Two readings of the same rules: the plain one that says what is best, and the compiled one that looks for it."""
    slots = best_slots(instance, QUICK, Time(None, time.monotonic))
    task = Task(instance)
    numbers = task.numbers(slots.copy(), int(slots.max()) + 1, task.soft(), 1)
    load(numbers)
    costs_of_groups(numbers)
    costs = dict(enumerate(numbers.scratch[-1, : at.COSTS].tolist())) | task.pair_costs(numbers)
    rounds = []
    for number, places in enumerate(slots.tolist(), 1):
        groups: dict[int, list[str]] = {}
        for member, place in zip(instance.members, places, strict=True):
            if member.is_in(number):
                groups.setdefault(place, []).append(member.id)
        present = len(instance.present(number))
        rounds.append([group for group in groups.values() if len(group) > 1 or present == 1])
    assert [costs[cost] for cost in range(at.MOVED, at.TIE)] == list(astuple(terms_of(instance, rounds)))


@pytest.mark.parametrize("people", range(1, 61))
def test_sizes_for_any_number_of_people(people: int) -> None:
    (groups,) = quick(_anybody(people)).rounds
    sizes = sorted(map(len, groups))
    assert sum(sizes) == people
    if people < 6:
        assert sizes == [people]
    else:
        assert set(sizes) <= {3, 4, 5}


def _anybody(people: int) -> Instance:
    return Instance(tuple(Member(f"p{i}") for i in range(people)))


@settings(max_examples=200, deadline=None)
@given(random_tasks(most_people=30))
@example(random_task(7, 20, 3))
def test_the_same_task_gives_the_same_plan(instance: Instance) -> None:
    assert quick(instance) == quick(instance)


def test_another_seed_may_give_another_plan() -> None:
    task = _anybody(20)
    assert len({quick(replace(task, seed=seed)).rounds for seed in range(5)}) > 1


@settings(max_examples=200, deadline=None)
@given(random_tasks(most_people=30), st.randoms(use_true_random=False))
def test_whoever_is_locked_stays(instance: Instance, dice: random.Random) -> None:
    people = [one for one in instance.present(1) if not one.women_only and one.circle_only is None]
    locked = {one.id: dice.randrange(min(3, len(instance.members))) for one in people if dice.random() < 0.3}
    for one in list(locked):
        if any(frozenset((one, other)) in instance.apart for other in locked):
            del locked[one]
    crowd = Counter(locked.values())
    locked = {one: index for one, index in locked.items() if crowd[index] <= instance.sizes.most}
    instance = replace(instance, locked={1: locked})
    made = quick(instance)
    if not any(one.rule is Rule.PLACED and one.round == 1 for one in made.unmet):
        assert all(one in made.rounds[0][index] for one, index in locked.items())


@settings(max_examples=200, deadline=None)
@given(random_tasks(most_people=30, rounds=1))
def test_a_running_round_moves_as_few_as_can_be(instance: Instance) -> None:
    """Whoever sits well stays: with nothing new, everybody does."""
    (groups,) = quick(instance).rounds
    again = replace(instance, previous=groups)
    if not broken(instance, (groups,)):
        assert quick(again).terms.moved == 0


@settings(max_examples=100, deadline=None)
@given(random_tasks(most_people=40))
def test_at_a_deadline_there_is_a_whole_plan_and_more_time_makes_none_worse(instance: Instance) -> None:
    at_once = plan(instance, deadline=0.0)
    later = plan(instance, effort=QUICK)
    assert {one.rule for one in broken(instance, at_once.rounds)} & NEVER == set()
    if not broken(instance, at_once.rounds):
        assert later.terms <= at_once.terms


def test_time_that_is_up_ends_the_search() -> None:
    """The clock is only looked at now and then: so often at least."""
    seconds = iter(range(10_000))
    made = plan(random_task(1, 50, 3), deadline=40.0, clock=lambda: float(next(seconds)))
    assert next(seconds) < 200
    assert len(made.rounds) == 3


def test_guides_go_to_newcomers_who_speak_their_language() -> None:
    guides = tuple(Member(f"guide-{name}", is_guide=True, languages=(name,)) for name in ("ar", "so"))
    new = tuple(
        Member(f"new-{name}{i}", is_newcomer=True, languages=(name,)) for name in ("ar", "so") for i in range(3)
    )
    made = plan(Instance((*guides, *new), mode=Mode.OWN_LANGUAGE))
    assert made.unmet == ()
    assert {frozenset(one[-2:].strip("012") for one in group) for group in made.rounds[0]} == {
        frozenset({"ar", "r"}), frozenset({"so", "o"})
    }  # fmt: skip


def test_where_participants_choose_there_is_nothing_to_plan() -> None:
    with pytest.raises(ValueError, match="choose"):
        plan(replace(_anybody(9), mode=Mode.FREE))


@pytest.mark.parametrize(
    ("groups", "size", "rounds"), [(5, 3, 6), (8, 4, 6), (10, 4, 7), (5, 5, 5), (7, 3, 7), (11, 4, 11)]
)
def test_nobody_meets_twice_where_that_is_known_to_be_possible(groups: int, size: int, rounds: int) -> None:
    made = plan(golfers(groups, size, rounds), deadline=SOON)
    assert made.terms.repeats == 0
    assert all(len(group) == size for one in made.rounds for group in one)


def test_sizes_that_do_not_divide() -> None:
    task = Instance(_anybody(17).members, rounds=3, sizes=Sizes(3, 5, 4))
    made = plan(task)
    assert [sorted(map(len, groups)) for groups in made.rounds] == [[4, 4, 4, 5]] * 3
