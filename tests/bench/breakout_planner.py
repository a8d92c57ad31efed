"""The planner's time and terms for 50, 100 and 500 people, beside CP-SAT with the same time and beside chance.

    python -m tests.bench.breakout_planner

Three rounds of practice with a guide for every five people, as in a large gathering; a few women who sit only with
women, together and apart pairs, and some history. Then the schedules of the social golfer: how many groups of which
size, in how many rounds, without anybody meeting twice, and how soon. Bars (exit code 1 below them): 50 people in less
than a second, 500 in less than five, no hard rule broken, and what 20 seconds suffice for in the suite in 2.
"""

import random
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from rooms.breakout.rules.instance import Groups, Instance, Member
from rooms.breakout.rules.planner import plan, warm_up
from rooms.breakout.rules.score import broken, terms_of
from tests.bench import cp_sat
from tests.rooms.breakout.tasks import LANGUAGES, golfers

TASKS = 5
#: People → seconds that the planner may take.
BARS = {50: 1.0, 100: 1.5, 500: 5.0}
#: More people than that, and CP-SAT's model alone takes minutes to write down.
MOST_FOR_CP_SAT = 100
#: Groups, size, rounds → seconds.
GOLFERS = {
    (5, 3, 6): 2, (8, 4, 6): 2, (10, 4, 7): 2, (7, 3, 7): 2, (11, 4, 11): 2, (13, 5, 13): 2,
    (8, 4, 8): 30, (5, 3, 7): 30,
}  # fmt: skip
#: Nobody has promised these.
HARD = {(8, 4, 8), (5, 3, 7)}


def gathering(seed: int, people: int) -> Instance:
    """People as they come to a large gathering."""
    dice = random.Random(seed)
    members = tuple(
        Member(
            f"p{i}",
            is_guide=i < people * 11 // 50,
            is_newcomer=dice.random() < 0.4,
            languages=(dice.choice(LANGUAGES),),
            level=dice.choice([None, 1, 2, 3, 4, 5]),
            is_woman=dice.random() < 0.6,
        )
        for i in range(people)
    )
    women = [one.id for one in members if one.is_woman and not one.is_guide][: people * 6 // 50]
    members = tuple(replace(one, women_only=one.id in women) for one in members)
    plain = [one.id for one in members if one.id not in women]
    pairs = [frozenset(dice.sample(plain, 2)) for _ in range(people * 7 // 50)]
    met = {frozenset(dice.sample(plain, 2)): dice.randint(1, 3) for _ in range(people)}
    half = len(pairs) * 4 // 7
    together, apart = frozenset(pairs[:half]), frozenset(pairs[half:]) - frozenset(pairs[:half])
    return Instance(members, rounds=3, together=together, apart=apart, met=met, seed=seed)


def by_chance(instance: Instance) -> tuple[Groups, ...]:
    """Shuffled and dealt, as other systems do."""
    dice = random.Random(instance.seed)
    rounds = []
    for number in range(1, instance.rounds + 1):
        people = [one.id for one in instance.present(number)]
        dice.shuffle(people)
        count = max(len(people) // instance.sizes.target, 1)
        rounds.append(tuple(tuple(people[k::count]) for k in range(count)))
    return tuple(rounds)


def compare(people: int) -> bool:
    """Print a table for so many people. Whether the planner was quick enough and kept the hard rules."""
    tasks = [gathering(seed, people) for seed in range(TASKS)]
    print(f"\n{people} people, 3 rounds, {TASKS} tasks: medians")
    print(
        f"{'':24}{'s':>7}{'rules broken':>14}{'newcomer':>10}{'no guide':>10}{'language':>10}{'repeats':>9}{'mix':>6}"
    )
    seconds = _row("planner", tasks, lambda task: plan(task).rounds)
    kept = not any(broken(task, plan(task).rounds) for task in tasks)
    for patience in (max(seconds, 1.0), 10.0):
        _row(f"planner, {patience:.0f} s", tasks, partial(_until, patience))
        if people <= MOST_FOR_CP_SAT:
            _row(f"CP-SAT, {patience:.0f} s", tasks, partial(cp_sat.plan, seconds=patience))
    _row("by chance", tasks, by_chance)
    return kept and seconds <= BARS[people]


def _until(patience: float, task: Instance) -> Sequence[Groups]:
    return plan(task, deadline=patience).rounds


def _row(name: str, tasks: Sequence[Instance], make: Callable[[Instance], Sequence[Groups] | None]) -> float:
    took, rows = [], []
    for task in tasks:
        began = time.perf_counter()
        rounds = make(task)
        took.append(time.perf_counter() - began)
        if rounds is not None:
            terms = terms_of(task, rounds)
            rows.append(
                (len(broken(task, rounds)), terms.newcomers_without_guide, terms.groups_without_guide,
                 terms.newcomers_without_language, terms.repeats, terms.mix)
            )  # fmt: skip
    seconds = statistics.median(took)
    middle = [statistics.median(column) for column in zip(*rows, strict=True)]
    figures = "".join(f"{value:{width}.0f}" for value, width in zip(middle, (14, 10, 10, 10, 9, 6), strict=False))
    missing = f"   no plan for {len(tasks) - len(rows)}" if len(rows) < len(tasks) else ""
    print(f"{name:24}{seconds:7.2f}{figures}{missing}")
    return seconds


def golf() -> bool:
    """Print how soon nobody meets twice. Whether all that was promised was reached."""
    print(f"\n{'groups of people, rounds':28}{'s':>7}{'repeats':>9}")
    reached = True
    for (groups, size, rounds), seconds in GOLFERS.items():
        began = time.perf_counter()
        repeats = plan(golfers(groups, size, rounds), deadline=seconds).terms.repeats
        print(f"{f'{groups} of {size}, {rounds}':28}{time.perf_counter() - began:7.2f}{repeats:9}")
        reached &= repeats == 0 or (groups, size, rounds) in HARD
    return reached


def main() -> int:
    """Measure, print the figures, and say whether the bars are reached."""
    began = time.perf_counter()
    warm_up()
    print(f"machine code there after {time.perf_counter() - began:.1f} s")
    good = [compare(people) for people in BARS]
    return 0 if golf() and all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
