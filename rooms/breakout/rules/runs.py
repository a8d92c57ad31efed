"""The search for the best plan: runs of annealing from different starts, as long as steps or time are left.

This module loads numpy and Numba; see `planner`.
"""

from collections.abc import Callable, Iterator
from random import Random

import numpy as np

from rooms.breakout.rules import arrays as at
from rooms.breakout.rules.arrays import NOWHERE, Ints, Numbers, Task
from rooms.breakout.rules.exchange import costs_of_groups, load
from rooms.breakout.rules.instance import Instance
from rooms.breakout.rules.search import anneal
from rooms.breakout.rules.start import by_shifts, one_by_one

#: Steps for each person and round in the first long run, and the runs that a given effort pays for.
_USUAL_EFFORT, _RUNS_OF_AN_EFFORT = 2000, 2
#: Small tasks get the steps of so many people and rounds, and up to so many more runs: hard rules bite most in them.
_LEAST_SEATS, _MORE_RUNS = 20, 6
#: Steps between two looks at the clock: about ten milliseconds.
_AT_A_TIME = 10_000
#: Of a run, so many steps are added in which only what is better by the strict order is accepted.
_STRICT_SHARE = 8
#: Temperatures, in `soft` weights: first guides still change groups; at the end not even sizes do.
_HOT, _COLD = 3000.0, 1.0
#: As long as hard rules are broken: so hot that they may be for a while, to find a way to break fewer.
_HOTTEST = 3e6
#: The same where nothing counts but who has met whom.
_HOT_FOR_MEETINGS, _COLD_FOR_MEETINGS = 60.0, 10.0


class Time:
    """How long the search may go on. `left` is in seconds; None: until the steps are used up."""

    def __init__(self, deadline: float | None, clock: Callable[[], float]) -> None:
        self._clock, self._end = clock, None if deadline is None else clock() + deadline
        self._began, self._steps = clock(), 0

    def is_up(self) -> bool:
        return self._end is not None and self._clock() >= self._end

    def count(self, steps: int) -> None:
        self._steps += steps

    def fitting(self, steps: int) -> int:
        """So many of these steps, strict ones included, as are likely to be done in time."""
        if self._end is None or not self._steps:
            return steps
        now = self._clock()
        pace = self._steps / max(now - self._began, 1e-9)
        return min(steps, int(pace * max(self._end - now, 0) * _STRICT_SHARE / (_STRICT_SHARE + 2)))


def best_slots(instance: Instance, effort: int | None, time: Time) -> Ints:
    """The best plan that is found: rounds x people: the number of the group, or NOWHERE.

    `effort`: steps for each person and round; None: until time is up.
    """
    search = _Search(instance, time)
    shifted = by_shifts(search.task, search.counts[0].best) if instance.rounds > 1 else None
    if shifted is not None:
        search.run(shifted, 0)
    seats = max(sum(map(len, search.task.present)), 1)
    runs = _RUNS_OF_AN_EFFORT + min(_LEAST_SEATS // seats, _MORE_RUNS)
    lengths = _lengths((effort or _USUAL_EFFORT) * max(seats, _LEAST_SEATS), longer=effort is None)
    for number, steps in enumerate(lengths):
        enough = effort is not None and number >= runs
        if search.has_plan() and (search.is_perfect() or enough or time.is_up()):
            break
        search.run(search.start(vary=number >= _RUNS_OF_AN_EFFORT), steps)
    return search.best


def _lengths(budget: int, *, longer: bool) -> Iterator[int]:
    """How long the runs are: a short one, so that there is something soon; then long ones, or ever longer ones."""
    yield budget // 8
    while True:
        yield from (budget, budget)
        budget *= 2 if longer else 1


class _Counts:
    """How many groups a round may have, and had better have: one per guide, if that can be."""

    def __init__(self, task: Task, r: int) -> None:
        people = len(task.present[r])
        self.fewest = max(-(-people // task.most), 1)
        self.most = max(self.fewest, min(people // max(task.least[r], 1), task.most_groups))
        self.guides = int(task.guide[task.present[r]].sum())
        self.best = min(max(self.guides, self.fewest), self.most)
        sizes = [divmod(people, count) for count in range(self.fewest, self.most + 1)]
        self.least_off = min(
            more * (size + 1 - task.target) ** 2 + (count - more) * (size - task.target) ** 2
            for count, (size, more) in enumerate(sizes, self.fewest)
        )


class _Search:
    """The search for one instance. `best` is the best plan so far."""

    def __init__(self, instance: Instance, time: Time) -> None:
        self.task = task = Task(instance)
        rounds = range(instance.rounds)
        self.counts = [_Counts(task, r) for r in rounds]
        self.best = np.full_like(task.home, NOWHERE)
        self._costs: tuple[int, ...] = ()
        self._time = time
        self._random = Random(instance.seed)  # noqa: S311 - the same plan for the same seed; nothing is secret
        self._taken = [_taken(instance, r) for r in rounds]
        most = max(max([counts.most, *taken]) for counts, taken in zip(self.counts, self._taken, strict=True))
        # Enough for people who are kept apart from so many that they need groups of their own.
        self._groups = most + 2 + int(task.clash.sum(axis=1).max(initial=0))
        self._least = self._lower_bounds()
        only_meetings = not (task.mix.any() or task.guide.any() or task.newcomer.any() or (task.home != NOWHERE).any())
        self._hot, self._cold = (_HOT_FOR_MEETINGS, _COLD_FOR_MEETINGS) if only_meetings else (_HOT, _COLD)

    def start(self, *, vary: bool) -> Ints:
        """A plan to begin with; with other numbers of groups than the likely ones if it is to vary."""
        opened = []
        for counts, taken in zip(self.counts, self._taken, strict=True):
            count = self._random.randint(counts.fewest, counts.most) if vary else counts.best
            free = [k for k in range(self._groups) if k not in taken]
            opened.append(taken + free[: max(count - len(taken), 0)])
        return one_by_one(self.task, opened, self._groups, self._random)

    def run(self, slots: Ints, steps: int) -> None:
        """Improve a plan and keep it if it is the best so far; when time is up, as far as it got."""
        task = self.task
        if not self.has_plan():
            # Something to fall back on, and the pace.
            self._keep(self._anneal(slots, task.strict(), _AT_A_TIME, 0.0, 0.0))
        steps = self._time.fitting(steps)
        hot = _HOTTEST if any(self._costs[: at.MOVED]) else self._hot
        walked = self._anneal(slots, task.soft(), steps, hot, self._cold)
        self._keep(self._anneal(walked.seats[..., at.GROUP], task.strict(), steps // _STRICT_SHARE, 0.0, 0.0))

    def has_plan(self) -> bool:
        return bool(self._costs)

    def is_perfect(self) -> bool:
        """Whether no plan can be better, ties aside."""
        return self._costs[: at.TIE] == self._least[: at.TIE]

    def _anneal(self, slots: Ints, weights: Ints, steps: int, hot: float, cold: float) -> Numbers:
        numbers = self.task.numbers(slots.copy(), self._groups, weights, self._random.getrandbits(63))
        load(numbers)
        for done in range(0, steps, _AT_A_TIME):
            if self._time.is_up():
                break
            anneal(numbers, min(_AT_A_TIME, steps - done), hot, cold, done, steps)
            self._time.count(min(_AT_A_TIME, steps - done))
        return numbers

    def _keep(self, numbers: Numbers) -> None:
        costs_of_groups(numbers)
        by_cost = numbers.scratch[-1, : at.COSTS]
        for cost, value in self.task.pair_costs(numbers).items():
            by_cost[cost] = value
        costs = tuple(by_cost.tolist())
        if not self._costs or costs < self._costs:
            self.best, self._costs = numbers.seats[..., at.GROUP].copy(), costs

    def _lower_bounds(self) -> tuple[int, ...]:
        """What each cost is at least, by simple reasons."""
        task, least = self.task, [0] * at.COSTS
        for r, counts in enumerate(self.counts):
            present = task.present[r]
            guides = [p for p in present if task.guide[p]]
            least[at.NO_GUIDE] += max(counts.fewest - counts.guides, 0) if present else 0
            least[at.NEW_LANGUAGE] += sum(task.newcomer[p] and not task.shared[p, guides].any() for p in present)
            least[at.SIZES] += counts.least_off if present else 0
        return tuple(int(value) for value in least)


def _taken(instance: Instance, r: int) -> list[int]:
    """Groups that have their number: people sit there now, or are locked there."""
    taken = set(instance.locked.get(r + 1, {}).values())
    if r == 0:
        taken |= {k for k, group in enumerate(instance.previous or ()) if group}
    return sorted(taken)
