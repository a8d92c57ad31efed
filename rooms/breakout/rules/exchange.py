"""Compiled: what groups cost, and what changes when people of two groups of a round change places.

r is a round, k, a and b are groups, p and q are people. Whoever is to leave a group stands last in it.


Numba compiles a function once more for each literal number that it is called with, hence `np.int64(0)`.
"""

import numpy as np

from rooms.breakout.rules import arrays as at
from rooms.breakout.rules.arrays import NOWHERE, Numbers
from rooms.breakout.rules.compiled import compiled

#: Rows of `scratch`: a and b as they would be; what a group costs.
_NEW_A, _NEW_B, _COSTS = 0, 1, 4


@compiled
def _is_group(size: int, present: int) -> int:
    """Whether so many people are a group: one person is, only when there is nobody else."""
    return 1 if size > 1 or (size == 1 and present == 1) else 0


@compiled
def _group_costs(x: Numbers, r: int, k: int, row: int, size: int) -> None:
    """Add to the last row of scratch what the people in a row of it cost as group k, pair by pair aside."""
    pairs, people, seats, rounds, limits, scratch = x.pairs, x.people, x.seats, x.rounds, x.limits, x.scratch
    members, costs = scratch[row], scratch[_COSTS]
    grouped = _is_group(size, rounds[r, at.PRESENT])
    guides = 0
    for i in range(size):
        p = members[i]
        guides += people[p, at.GUIDE]
        home = seats[r, p, at.HOME]
        if home != NOWHERE and not (grouped and home == k):
            costs[at.MOVED] += 1
        for column in range(at.PARTNERS, people.shape[1]):
            partner = people[p, column]
            if partner != NOWHERE and seats[r, partner, at.GROUP] != NOWHERE:
                costs[at.TOGETHER] += 1
                for j in range(size):
                    costs[at.TOGETHER] -= members[j] == partner
    if not grouped:
        costs[at.ALONE] += size
        return
    off = max(rounds[r, at.LEAST] - size, size - limits[at.MOST], 0)
    costs[at.WRONG_SIZE] += off * off
    costs[at.SIZES] += (size - limits[at.TARGET]) ** 2
    if guides == 0:
        costs[at.NO_GUIDE] += 1
        costs[at.TIE] += size
    for i in range(size):
        p = members[i]
        if people[p, at.NEWCOMER]:
            understood = 0
            for j in range(size):
                if people[members[j], at.GUIDE]:
                    understood |= pairs[p, members[j], at.SHARED]
            costs[at.NEW_LANGUAGE] += 1 - understood
            costs[at.NEW_GUIDE] += guides == 0


@compiled
def _weighed(x: Numbers, r: int, k: int, row: int, size: int) -> int:
    weights, scratch = x.weights, x.scratch
    costs = scratch[_COSTS]
    costs[:] = 0
    if size > 0:
        _group_costs(x, r, k, row, size)
    value = 0
    for i in range(at.COSTS):
        value += costs[i] * weights[i]
    return value


@compiled
def _join(x: Numbers, r: int, a: int, leave_a: int, b: int, leave_b: int, row: int) -> int:
    """Write down who is in a when its last `leave_a` are gone and the last `leave_b` of b are there; how many."""
    groups, scratch = x.groups, x.scratch
    stay, size_b = groups[r, a, at.SIZE] - leave_a, groups[r, b, at.SIZE]
    for i in range(stay):
        scratch[row, i] = groups[r, a, at.MEMBERS + i]
    for i in range(leave_b):
        scratch[row, stay + i] = groups[r, b, at.MEMBERS + size_b - leave_b + i]
    return stay + leave_b


@compiled
def change_of(x: Numbers, r: int, a: int, leave_a: int, b: int, leave_b: int) -> int:
    """By how much the weighted cost changes when the last people of a and of b change places."""
    costs, pairs, people, seats = x.costs, x.pairs, x.people, x.seats
    groups, rounds, limits, weights = x.groups, x.rounds, x.limits, x.weights
    change = 0
    plain = leave_a == leave_b
    for one, leave, other, back in ((a, leave_a, b, leave_b), (b, leave_b, a, leave_a)):
        stay, stay_there = groups[r, one, at.SIZE] - leave, groups[r, other, at.SIZE] - back
        for i in range(stay, stay + leave):
            p = groups[r, one, at.MEMBERS + i]
            plain &= people[p, at.PLAIN] == 1 and seats[r, p, at.HOME] == NOWHERE
            for j in range(stay):
                q = groups[r, one, at.MEMBERS + j]
                change -= costs[p, q]
                if people[p, at.BLOCK] == NOWHERE or not pairs[p, q, at.BOUND]:
                    change += weights[at.REPEATS]
            for j in range(stay_there):
                change += costs[p, groups[r, other, at.MEMBERS + j]]
    if plain:
        return change
    used, present = rounds[r, at.USED], rounds[r, at.PRESENT]
    too_many = max(used - limits[at.MOST_GROUPS], 0)
    for one, leave, other, back, row in ((a, leave_a, b, leave_b, _NEW_A), (b, leave_b, a, leave_a, _NEW_B)):
        size = _join(x, r, one, leave, other, back, row)
        change += _weighed(x, r, one, row, size) - groups[r, one, at.VALUE]
        used += _is_group(size, present) - _is_group(groups[r, one, at.SIZE], present)
    return change + weights[at.ROOMS] * (max(used - limits[at.MOST_GROUPS], 0) - too_many)


@compiled
def _meet(x: Numbers, p: int, q: int, times: int) -> None:
    costs, pairs, weights = x.costs, x.pairs, x.weights
    for one, other in ((p, q), (q, p)):
        pairs[one, other, at.TIMES] += times
        if not pairs[one, other, at.BOUND]:
            costs[one, other] += times * weights[at.REPEATS]


@compiled
def exchange(x: Numbers, r: int, a: int, leave_a: int, b: int, leave_b: int) -> None:
    """Let the last people of a and of b change places."""
    seats, groups, rounds, scratch = x.seats, x.groups, x.rounds, x.scratch
    for one, leave, other, back, row in ((a, leave_a, b, leave_b, _NEW_A), (b, leave_b, a, leave_a, _NEW_B)):
        stay, stay_there = groups[r, one, at.SIZE] - leave, groups[r, other, at.SIZE] - back
        for k, size, times in ((one, stay, -1), (other, stay_there, 1)):
            for i in range(stay, stay + leave):
                for j in range(size):
                    _meet(x, groups[r, one, at.MEMBERS + i], groups[r, k, at.MEMBERS + j], times)
        _join(x, r, one, leave, other, back, row)
    present = rounds[r, at.PRESENT]
    for k, row, more in ((a, _NEW_A, leave_b - leave_a), (b, _NEW_B, leave_a - leave_b)):
        size = groups[r, k, at.SIZE] + more
        rounds[r, at.USED] += _is_group(size, present) - _is_group(groups[r, k, at.SIZE], present)
        groups[r, k, at.SIZE] = size
        for i in range(size):
            groups[r, k, at.MEMBERS + i] = scratch[row, i]
            seats[r, scratch[row, i], at.GROUP] = k
    for k, row in ((a, _NEW_A), (b, _NEW_B)):
        groups[r, k, at.VALUE] = _weighed(x, r, k, row, groups[r, k, at.SIZE])


@compiled
def load(x: Numbers) -> None:
    """Let everybody sit in the group that `seats` says. Before, all groups are empty and nobody has met anybody."""
    for r in range(x.rounds.shape[0]):
        for i in range(x.rounds[r, at.PRESENT]):
            p = x.rounds[r, at.THERE + i]
            k = x.seats[r, p, at.GROUP]
            size = x.groups[r, k, at.SIZE]
            for j in range(size):
                _meet(x, p, x.groups[r, k, at.MEMBERS + j], np.int64(1))
            x.groups[r, k, at.MEMBERS + size] = p
            x.groups[r, k, at.SIZE] = size + 1
        for k in range(x.groups.shape[1]):
            size = _join(x, r, k, np.int64(0), k, np.int64(0), np.int64(_NEW_A))
            x.groups[r, k, at.VALUE] = _weighed(x, r, k, np.int64(_NEW_A), size)
            x.rounds[r, at.USED] += _is_group(size, x.rounds[r, at.PRESENT])


@compiled
def costs_of_groups(x: Numbers) -> None:
    """Add up in the last row of scratch what all groups cost, pair by pair aside."""
    groups, rounds, limits, scratch = x.groups, x.rounds, x.limits, x.scratch
    scratch[_COSTS, :] = 0
    for r in range(rounds.shape[0]):
        scratch[_COSTS, at.ROOMS] += max(rounds[r, at.USED] - limits[at.MOST_GROUPS], 0)
        for k in range(groups.shape[1]):
            size = _join(x, r, k, np.int64(0), k, np.int64(0), np.int64(_NEW_A))
            if size > 0:
                _group_costs(x, r, k, np.int64(_NEW_A), size)
