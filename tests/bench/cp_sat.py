"""The planner's rival: OR-tools' CP-SAT, round by round, told the hard rules, and the terms as one weighted sum."""

import time
from collections import Counter
from itertools import combinations

from ortools.sat.python import cp_model

from rooms.breakout.rules.instance import Groups, Instance, Member, Pair
from rooms.breakout.rules.score import mix_of, pairs_of

#: Of the terms from newcomers without a guide to sizes: each above all that the later ones are likely to add up to.
WEIGHTS = {"newcomer": 10**6, "guide": 10**5, "language": 10**4, "repeat": 100, "mix": 10, "size": 1}
WORKERS = 2


def plan(instance: Instance, seconds: float) -> tuple[Groups, ...] | None:
    """The groups of all rounds, or None when there was no time for one of them."""
    met: Counter[Pair] = Counter(instance.met)
    rounds: list[Groups] = []
    end = time.monotonic() + seconds
    for number in range(1, instance.rounds + 1):
        share = (end - time.monotonic()) / (instance.rounds - number + 1)
        groups = _round(instance, number, met, share)
        if groups is None:
            return None
        rounds.append(groups)
        met.update(pair for group in groups for pair in pairs_of(group))
    return tuple(rounds)


def _round(instance: Instance, number: int, met: Counter[Pair], seconds: float) -> Groups | None:
    began = time.monotonic()
    task = _Model(instance, number, met)
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = max(seconds - (time.monotonic() - began), 0.01)
    solver.parameters.num_workers = WORKERS
    if solver.solve(task.model) not in {cp_model.OPTIMAL, cp_model.FEASIBLE}:
        return None
    found = (tuple(one.id for one in task.people if solver.value(task.sits[one.id, k])) for k in task.groups)
    return tuple(group for group in found if group)


class _Model:
    """One round: who sits in which group, and what that costs."""

    def __init__(self, instance: Instance, number: int, met: Counter[Pair]) -> None:
        self._instance, self._met = instance, met
        self.model = cp_model.CpModel()
        self.people = instance.present(number)
        self.groups = range(len(self.people) // instance.sizes.least)
        self.sits = {(one.id, k): self.model.new_bool_var("") for one in self.people for k in self.groups}
        self._costs: list[cp_model.LinearExprT] = []
        for one in self.people:
            self.model.add_exactly_one(self.sits[one.id, k] for k in self.groups)
        for k in self.groups:
            self._sizes_and_guides(k)
            for one, other in combinations(self.people, 2):
                self._pair(k, one, other)
        self.model.minimize(sum(self._costs))

    def _pay(self, weight: str, least: cp_model.LinearExprT, times: int = 1) -> None:
        """Pay so much if `least` is more than 0."""
        pays = self.model.new_bool_var("")
        self.model.add(pays >= least)
        self._costs.append(WEIGHTS[weight] * times * pays)

    def _sizes_and_guides(self, k: int) -> None:
        model, sits, sizes = self.model, self.sits, self._instance.sizes
        used, off = model.new_bool_var(""), model.new_bool_var("")
        size = sum(sits[one.id, k] for one in self.people)
        model.add(size >= sizes.least * used)
        model.add(size <= sizes.most * used)
        model.add(size == sizes.target * used).only_enforce_if(~off)
        self._costs.append(WEIGHTS["size"] * off)
        guides = [one for one in self.people if one.is_guide]
        guided = sum(sits[guide.id, k] for guide in guides)
        self._pay("guide", used - guided)
        for one in self.people:
            if one.is_newcomer and not one.is_guide:
                understood = sum(sits[guide.id, k] for guide in guides if set(guide.languages) & set(one.languages))
                self._pay("newcomer", sits[one.id, k] - guided)
                self._pay("language", sits[one.id, k] - understood)

    def _pair(self, k: int, one: Member, other: Member) -> None:
        pair, sits = frozenset((one.id, other.id)), self.sits
        both = sits[one.id, k] + sits[other.id, k] - 1
        if self._instance.conflict(one, other):
            self.model.add(both <= 0)
        elif pair in self._instance.together:
            self.model.add(sits[one.id, k] == sits[other.id, k])
        else:
            mix = 0 if one.is_guide or other.is_guide else mix_of(self._instance, one, other)
            if self._met[pair]:
                self._pay("repeat", both, self._met[pair])
            if mix:
                self._pay("mix", both, mix)
