"""An instance in numbers, as the compiled search wants it: people, rounds and groups are counted from 0.

What the search reads side by side stands side by side: each table's last axis holds several facts, named below.
"""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rooms.breakout.rules.instance import Instance, Member, Pair
from rooms.breakout.rules.modes import Levels, Mode

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Random = NDArray[np.uint64]

#: In place of a group or a person: none.
NOWHERE = -1
#: What a plan costs, in order: hard rules, the seven terms, and what breaks ties.
CLASH, ALONE, WRONG_SIZE, ROOMS, TOGETHER, MOVED, NEW_GUIDE, NO_GUIDE, NEW_LANGUAGE, REPEATS, MIX, SIZES, TIE = range(
    13
)
COSTS = 13
#: Facts of `pairs`: whether the two are to be together; whether newcomer and guide share a language; rounds together.
BOUND, SHARED, TIMES = range(3)
#: Of `people`. PLAIN: changes nothing but pairs. BLOCK: who hangs together by together pairs has the same number, and
#: from PARTNERS on stand those in a pair with them.
GUIDE, NEWCOMER, PLAIN, BLOCK, PARTNERS = range(5)
#: Of `seats`: where somebody sits in a round, sat before, and has to sit.
GROUP, HOME, LOCKED = range(3)
#: Of `groups`: their people from MEMBERS on, and their weighted cost without pairs.
SIZE, VALUE, MEMBERS = range(3)
#: Of `rounds`: how many are there and who; groups in use, one person alone being none; the least in a group.
PRESENT, USED, LEAST, THERE = range(4)
#: Of `limits`.
MOST, TARGET, MOST_GROUPS = range(3)
#: Who has met more often than that has met often enough: it keeps `strict` weights within 64 bits.
_OFTEN = 100
_MOST_WEIGHT = 2**54


class Numbers(NamedTuple):
    """A plan on which the compiled search works, and what it needs to know. n people, R rounds, K groups a round."""

    costs: Ints  # n x n: weighted, of one more round together
    pairs: Ints  # n x n x facts
    people: Ints  # n x facts
    seats: Ints  # R x n x facts
    groups: Ints  # R x K x facts
    rounds: Ints  # R x facts
    limits: Ints
    weights: Ints  # of the costs
    scratch: Ints  # 5 rows
    random: Random


class Task:
    """An instance in numbers. Nothing in it changes."""

    def __init__(self, instance: Instance) -> None:
        members, sizes = instance.members, instance.sizes
        number = {member.id: i for i, member in enumerate(members)}
        self.present = [[number[one.id] for one in instance.present(r + 1)] for r in range(instance.rounds)]
        self.guide = np.array([member.is_guide for member in members], np.bool_)
        self.newcomer = np.array([member.is_newcomer and not member.is_guide for member in members], np.bool_)
        self.clash = _clashes(instance) | _marked(instance.apart, number)
        self.shared = _shared(members) & self.guide
        self.bound = _marked(instance.together, number)
        self.block = _blocks(self.bound)
        self.mix = _mixes(instance)
        self.met = _met(instance, number)
        self.home = np.full((instance.rounds, len(members)), NOWHERE)
        self.locked = np.full_like(self.home, NOWHERE)
        for k, group in enumerate(instance.previous or ()):
            self.home[0, [number[one] for one in group if one in number]] = k
        for round_number, seats in instance.locked.items():
            self.locked[round_number - 1, [number[one] for one in seats]] = list(seats.values())
        self.least = [min(sizes.least, len(present)) for present in self.present]
        self.most, self.target = sizes.most, sizes.target
        self.most_groups = instance.most_groups or max(len(members), 1)

    def numbers(self, slots: Ints, groups: int, weights: Ints, seed: int) -> Numbers:
        """The plan `slots` (rounds x people: the group, or NOWHERE) with room for so many groups; to be loaded."""
        rounds, people = slots.shape
        repeats = np.where(self.bound, 0, self.met * weights[REPEATS])
        never = np.zeros_like(self.bound)
        partners = _partners(self.bound)
        plain = ~(self.guide | self.newcomer | self.bound.any(axis=1))
        facts = np.array([self.guide, self.newcomer, plain, self.block], np.int64).T
        largest = max((int(np.bincount(row[row != NOWHERE]).max(initial=0)) for row in slots), default=0)
        places = max(largest, 2 * self.most + 2)
        in_rounds = np.zeros((rounds, THERE + people), np.int64)
        for r, there in enumerate(self.present):
            in_rounds[r, [PRESENT, LEAST]] = len(there), self.least[r]
            in_rounds[r, THERE : THERE + len(there)] = there
        # All in one memory order: Numba would compile everything once more for another.
        return Numbers(
            costs=np.ascontiguousarray(self.clash * weights[CLASH] + self.mix * weights[MIX] + repeats),
            pairs=np.ascontiguousarray(np.stack([self.bound, self.shared, never], axis=-1), np.int64),
            people=np.ascontiguousarray(np.hstack([facts, partners])),
            seats=np.ascontiguousarray(np.stack([slots, self.home, self.locked], axis=-1)),
            groups=np.zeros((rounds, groups, MEMBERS + places), np.int64),
            rounds=in_rounds,
            limits=np.array([self.most, self.target, self.most_groups]),
            weights=weights,
            scratch=np.zeros((5, max(places, COSTS)), np.int64),
            # Multiplied, so that seeds that lie close begin far apart; xorshift never leaves 0.
            random=np.array([(seed * 0x9E3779B97F4A7C15 + 0x1234567) % 2**64 or 1], np.uint64),
        )

    def pair_costs(self, numbers: Numbers) -> dict[int, int]:
        """What the pairs of a loaded plan cost, without weights."""
        times = numbers.pairs[..., TIMES]
        repeats = np.where(self.bound, 0, times * self.met + times * (times - 1) // 2)
        return {
            cost: int(matrix.sum()) // 2
            for cost, matrix in ((CLASH, times * self.clash), (MIX, times * self.mix), (REPEATS, repeats))
        }

    def soft(self) -> Ints:
        """Weights to walk by: each cost clearly above the next, and yet a way over small hills."""
        weights = np.zeros(COSTS, np.int64)
        weights[[TIE, SIZES, MIX, REPEATS]] = 1, 4, 12, 60
        weights[[NEW_LANGUAGE, NO_GUIDE, NEW_GUIDE, MOVED]] = 800, 6000, 40_000, 60_000
        weights[[TOGETHER, ROOMS, WRONG_SIZE, ALONE, CLASH]] = 10**5, 4 * 10**5, 4 * 10**5, 10**6, 2 * 10**6
        return weights

    def strict(self) -> Ints:
        """Weights under which an exchange costs less exactly if it lowers the first cost that it changes.

        Each weight is larger than all that one exchange between two groups can change in the costs below it.
        """
        places = self.most + 2
        people, pairs = 2 * places, places * (places - 1)
        most_met, most_mix = int(self.met.max(initial=0)) + len(self.present), int(self.mix.max(initial=0))
        most_partners = int(self.bound.sum(axis=0).max(initial=0))
        largest = {
            TIE: people, SIZES: 2 * max(places - self.target, self.target) ** 2, MIX: pairs * most_mix,
            REPEATS: pairs * most_met, NEW_LANGUAGE: people, NO_GUIDE: 2, NEW_GUIDE: people, MOVED: people,
            TOGETHER: people * most_partners, ROOMS: 2, WRONG_SIZE: places**2, ALONE: 2, CLASH: pairs,
        }  # fmt: skip
        weights, below = np.zeros(COSTS, np.int64), 0
        for cost in reversed(range(COSTS)):
            weights[cost] = min(below + 1, _MOST_WEIGHT)
            below += int(weights[cost]) * largest[cost]
        return weights


def _met(instance: Instance, number: dict[str, int]) -> Ints:
    met = np.zeros((len(number), len(number)), np.int64)
    for pair, times in instance.met.items():
        if pair <= number.keys():
            one, other = (number[person] for person in pair)
            met[one, other] = met[other, one] = min(times, _OFTEN)
    return met


def _marked(pairs: Iterable[Pair], number: dict[str, int]) -> Flags:
    flags = np.zeros((len(number), len(number)), np.bool_)
    for one, other in pairs:
        flags[number[one], number[other]] = flags[number[other], number[one]] = True
    return flags


def _clashes(instance: Instance) -> Flags:
    members = instance.members
    wishes_women = np.array([member.women_only for member in members], np.bool_)
    flags = np.outer(wishes_women, [not member.is_woman for member in members])
    for circle in {member.circle_only for member in members if member.circle_only is not None}:
        wishes = [member.circle_only == circle for member in members]
        flags |= np.outer(wishes, [circle not in member.circles for member in members])
    flags |= flags.T
    np.fill_diagonal(flags, val=False)
    return flags


def _shared(members: tuple[Member, ...]) -> Flags:
    """Which two people have a language in common."""
    number = {name: i for i, name in enumerate(sorted({name for member in members for name in member.languages}))}
    speaks = np.zeros((len(members), len(number)), np.int64)
    for i, member in enumerate(members):
        speaks[i, [number[name] for name in member.languages]] = 1
    shared: Flags = (speaks @ speaks.T) > 0
    return shared


def _mixes(instance: Instance) -> Ints:
    """`score.mix_of` of every pair without guides, all at once."""
    members = instance.members
    if instance.mode is Mode.PRACTICE:
        number = {
            name: i for i, name in enumerate(sorted({member.languages[0] for member in members if member.languages}))
        }
        first = np.array([number[member.languages[0]] if member.languages else NOWHERE for member in members])
        costs: Ints = ((first[:, None] == first) & (first != NOWHERE)).astype(np.int64)
    else:
        costs = (~_shared(members)).astype(np.int64)
    level = np.array([NOWHERE if member.level is None else member.level for member in members])
    apart = np.abs(level[:, None] - level)
    known = (level[:, None] != NOWHERE) & (level != NOWHERE)
    level_costs = (apart == 0).astype(np.int64) if instance.levels is Levels.MIX else apart
    costs += known * level_costs
    guide = np.array([member.is_guide for member in members], np.bool_)
    costs[guide, :] = costs[:, guide] = 0
    np.fill_diagonal(costs, 0)
    return costs


def _partners(bound: Flags) -> Ints:
    partners = np.full((len(bound), int(bound.sum(axis=1).max(initial=0)) + 1), NOWHERE)
    for i, row in enumerate(bound):
        found = np.flatnonzero(row)
        partners[i, : len(found)] = found
    return partners


def _blocks(bound: Flags) -> Ints:
    block = np.full(len(bound), NOWHERE)
    for start in np.flatnonzero(bound.any(axis=1)):
        reached = [int(start)] if block[start] == NOWHERE else []
        for one in reached:
            block[one] = start
            reached += [
                int(other) for other in np.flatnonzero(bound[one]) if block[other] == NOWHERE and other not in reached
            ]
    return block
