"""Makes groups: from people, constraints and history the best plan that a search finds; `score` says what best means.

The search is simulated annealing, compiled: `start` puts people one by one or by shifts, `search` exchanges people
between groups, `runs` repeats that. The same instance and seed give the same plan, unless a deadline ends the search.
"""

import time
from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from rooms.breakout.rules.instance import Groups, Instance, Member, Sizes
from rooms.breakout.rules.modes import Mode
from rooms.breakout.rules.score import Terms, Unmet, terms_of, unmet

#: Steps of the search for each person and round: 50 people and 3 rounds take a quarter of a second.
EFFORT = 2000


@dataclass(frozen=True, slots=True)
class Plan:
    """The groups of each round, what they cost, and what could not be met.

    Where people sat already or were locked, a group keeps its number, and () stands for a group given up; else groups
    are in the order of their first members. Who is in no group can sit with nobody: they stay in the big room.
    """

    rounds: tuple[Groups, ...]
    terms: Terms
    unmet: tuple[Unmet, ...]


def plan(
    instance: Instance,
    *,
    deadline: float | None = None,
    effort: int | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Plan:
    """Plan all rounds. Takes CPU and lets other threads run: call it in one.

    `deadline`: seconds, from when the machine code is there (`warm_up`). `effort`: steps for each person and round. The
    search ends with the best plan so far when either is used up, or when it knows that none can be better. Without
    either it takes EFFORT; with a deadline alone, all the time there is.
    Raises ValueError in the mode in which participants choose.
    """
    if instance.mode is Mode.FREE:
        raise ValueError("in the mode free, participants choose their groups: there is nothing to plan")
    if not instance.members:
        rounds: tuple[Groups, ...] = ((),) * instance.rounds
    else:
        # Loading numpy and Numba takes most of a second and 100 MB, which only processes that plan shall pay.
        from rooms.breakout.rules.runs import Time, best_slots  # noqa: PLC0415

        steps = None if effort is None and deadline is not None else effort or EFFORT
        slots = best_slots(instance, steps, Time(deadline, clock)).tolist()
        rounds = tuple(_groups(instance, number, of_round) for number, of_round in enumerate(slots, 1))
    return Plan(rounds, terms_of(instance, rounds), tuple(unmet(instance, rounds)))


def warm_up() -> None:
    """Have the search ready: load its machine code, or make it (some 15 s, once for each installation)."""
    members = tuple(Member(str(i), is_guide=i < 2, is_newcomer=i > 5) for i in range(8))
    plan(Instance(members, rounds=2, sizes=Sizes(2, 4, 3)), effort=10)


def _groups(instance: Instance, number: int, slots: Sequence[int]) -> Groups:
    """A round's groups, in their order; without those who cannot be with anybody."""
    found: defaultdict[int, list[Member]] = defaultdict(list)
    present = instance.present(number)
    locked = instance.locked.get(number, {})
    for member, slot in zip(instance.members, slots, strict=True):
        if member.is_in(number):
            found[slot].append(member)
    kept: dict[int, tuple[str, ...]] = {}
    for slot, group in found.items():
        safe = _without_conflicts(instance, group, locked.keys())
        if len(safe) > 1 or len(present) == 1:
            kept[slot] = tuple(member.id for member in safe)
    numbered = set(locked.values())
    if number == 1:
        numbered |= {slot for slot, group in enumerate(instance.previous or ()) if group}
    if not numbered:
        return tuple(kept.values())
    free = iter(slot for slot in range(len(numbered) + len(kept)) if slot not in numbered)
    placed = {slot if slot in numbered else next(free): group for slot, group in kept.items()}
    return tuple(placed.get(slot, ()) for slot in range(max(placed, default=-1) + 1))


def _without_conflicts(instance: Instance, group: list[Member], locked: Collection[str]) -> list[Member]:
    """The group without those who may not be in it, fewest first: the search avoids that if there is any way."""
    safe = list(group)
    while True:
        conflicts = [sum(instance.conflict(one, other) for other in safe if other is not one) for one in safe]
        if not any(conflicts):
            return safe
        worst = max(range(len(safe)), key=lambda i: (safe[i].id not in locked and conflicts[i] > 0, conflicts[i]))
        del safe[worst]
