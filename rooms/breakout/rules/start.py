"""Where the search begins: people put one by one where they fit best, or shifts in which nobody meets twice."""

from collections.abc import Iterable, Iterator
from itertools import product
from random import Random

import numpy as np

from rooms.breakout.rules.arrays import (
    ALONE,
    CLASH,
    MIX,
    MOVED,
    NEW_GUIDE,
    NEW_LANGUAGE,
    NO_GUIDE,
    NOWHERE,
    REPEATS,
    SIZES,
    TOGETHER,
    WRONG_SIZE,
    Ints,
    Task,
)


def one_by_one(task: Task, opened: list[list[int]], groups: int, random: Random) -> Ints:
    """A plan (rounds x people: group) that fills the groups opened in each round, others where nothing else is safe.

    Locked people and larger together blocks come first, then who may not sit with many, guides, newcomers, others.
    """
    slots = np.full_like(task.home, NOWHERE)
    weights = task.soft()
    again = np.where(task.bound, 0, weights[REPEATS])
    pair = task.clash * weights[CLASH] + task.mix * weights[MIX] + task.met * again - task.bound * weights[TOGETHER]
    for r, present in enumerate(task.present):
        round_ = _Round(task, r, pair, opened[r], groups)
        units = [[p] for p in present if task.locked[r, p] != NOWHERE] + _units(task, r, present)
        for unit in sorted(units, key=lambda unit: (*round_.urgency(unit), random.random())):
            round_.seat(unit, random)
        slots[r] = round_.slot
        pair += ((slots[r][:, None] == slots[r]) & (slots[r] != NOWHERE)) * again
    return slots


class _Round:
    """One round that is being filled."""

    def __init__(self, task: Task, r: int, pair: Ints, opened: Iterable[int], groups: int) -> None:
        self._task, self._r, self._pair, self._weights = task, r, pair, task.soft()
        self.slot = np.full(len(task.guide), NOWHERE)
        self._size = np.zeros(groups, np.int64)
        self._cost = np.zeros((len(task.guide), groups), np.int64)
        self._guided = np.zeros(groups, np.bool_)
        #: Which newcomer finds a guide of their language where.
        self._understood = np.zeros((len(task.guide), groups), np.bool_)
        self._closed = np.ones(groups, np.bool_)
        self._closed[list(opened)] = False

    def urgency(self, unit: list[int]) -> tuple[int, ...]:
        """Who has fewer places to go comes first."""
        task, r, first = self._task, self._r, unit[0]
        return (
            -int(task.locked[r, first] != NOWHERE),
            -int(task.home[r, first] != NOWHERE),
            -len(unit),
            -int(task.clash[unit].sum(axis=1).max()),
            -int(task.guide[unit].any()),
            -int(task.newcomer[unit].any()),
        )

    def seat(self, unit: list[int], random: Random) -> None:
        task, weights = self._task, self._weights
        homes = {int(home) for home in task.home[self._r, unit] if home != NOWHERE}
        k = int(task.locked[self._r, unit[0]])
        if k == NOWHERE:
            cost = self._cost[unit].sum(axis=0) + self._size * weights[SIZES]
            cost += (self._size + len(unit) > task.most) * (10 * weights[WRONG_SIZE])
            cost += (self._closed & (self._size == 0)) * (2 * weights[ALONE])
            if task.guide[unit].any():
                cost += self._guided * weights[NO_GUIDE]
            elif task.newcomer[unit].any():
                cost += ~self._guided * weights[NEW_GUIDE]
            for p in unit:
                if task.newcomer[p]:
                    cost += ~self._understood[p] * weights[NEW_LANGUAGE]
            if homes:
                cost += weights[MOVED]
                cost[list(homes)] -= weights[MOVED]
            best = np.flatnonzero(cost == cost.min())
            k = int(best[random.randrange(len(best))])
        for p in unit:
            self.slot[p] = k
            self._size[k] += 1
            self._cost[:, k] += self._pair[:, p]
            self._guided[k] |= task.guide[p]
            self._understood[:, k] |= task.shared[:, p]


def _units(task: Task, r: int, present: list[int]) -> list[list[int]]:
    """Who is seated at once: the people of a together block who are there, as far as they fit into one group."""
    units: list[list[int]] = []
    of_block: dict[int, list[list[int]]] = {}
    for p in present:
        if task.locked[r, p] != NOWHERE:
            continue
        block = int(task.block[p])
        for unit in of_block.get(block, []) if block != NOWHERE else []:
            if len(unit) < task.most and not task.clash[p, unit].any():
                unit.append(p)
                break
        else:
            units.append([p])
            of_block.setdefault(block, []).append(units[-1])
    return units


def by_shifts(task: Task, groups: int) -> Ints | None:
    """A plan with so many groups in which nobody meets twice, or None where shifts give none.

    People stand in a table of `groups` columns, sorted so that guides, and people with the same mother tongue, share a
    row. In round k the person in row c and column x sits in group x + k·c; two of a row never meet. Numbers add and
    multiply as integers modulo `groups`, or, where it is a power of a prime, as the field of that size. When all shifts
    are used up, the rows themselves are one more round.
    """
    rounds, people = task.home.shape
    has_wishes = task.bound.any() or (task.locked != NOWHERE).any() or (task.home != NOWHERE).any()
    if any(len(present) < people for present in task.present) or rounds > groups + 1 or has_wishes:
        return None
    order = np.lexsort((task.mix.sum(axis=0), _tongues(task), ~task.guide))
    row, column = np.divmod(np.arange(people), groups)
    if row[-1] >= groups:
        return None
    for plus, times in _arithmetics(groups):
        slots = np.empty_like(task.home)
        for k in range(min(rounds, groups)):
            slots[k, order] = plus[column, times[row, k]]
        if rounds > groups:
            slots[groups, order] = _cut(task, row, groups)
        meetings = sum((slot[:, None] == slot).astype(np.int64) for slot in slots)
        np.fill_diagonal(meetings, 0)
        if meetings.max() <= 1:
            return slots
    return None


def _tongues(task: Task) -> Ints:
    """A number for everybody that is the same for people who had better not meet: the first of them."""
    return np.where(task.mix.any(axis=1), (task.mix > 0).argmax(axis=1), NOWHERE)


def _cut(task: Task, row: Ints, groups: int) -> Ints:
    """Every row cut into groups as equal as can be."""
    parts = -(-groups // task.most)
    place = np.arange(len(row)) % groups
    return row * parts + place * parts // groups


def _arithmetics(size: int) -> Iterator[tuple[Ints, Ints]]:
    """Tables of addition and multiplication of the numbers below `size`."""
    number = np.arange(size)
    yield (number[:, None] + number) % size, number[:, None] * number % size
    prime = next((p for p in range(2, size) if size % p == 0), size)
    degree = next(d for d in range(1, size + 1) if prime**d >= size)
    if degree == 1 or prime**degree != size:
        return
    digits = np.array(list(product(range(prime), repeat=degree)))
    value = prime ** np.arange(degree)[::-1]
    plus = (digits[:, None] + digits) % prime @ value
    for reduced in digits:
        # What x^degree is replaced with; some of them make a field.
        shifted = np.hstack([digits[:, 1:], np.zeros((size, 1), np.int64)])
        by_x = (shifted + digits[:, :1] * reduced) % prime @ value
        times = np.zeros((size, size), np.int64)
        for place in range(degree):
            scaled = digits[None] * digits[:, place][:, None, None] % prime @ value
            times = plus[by_x[times], scaled]
        yield plus, times
