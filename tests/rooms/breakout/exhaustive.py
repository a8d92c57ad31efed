"""The best plan by looking at every plan there is: the judge of the planner on tiny tasks.

Written from the objective alone (docs/decisions/0012-breakout-planner.md), and not with the code of `score`.
"""

from collections.abc import Iterator
from itertools import product

from rooms.breakout.rules.instance import Instance, Member
from rooms.breakout.rules.modes import Levels, Mode

Groups = tuple[tuple[Member, ...], ...]


def best(instance: Instance) -> tuple[int, ...]:
    """The smallest costs: people in no group, wrong sizes, together pairs broken, then the terms without `moved`."""
    rounds = [
        [
            (groups, _alone_costs(instance, groups, people))
            for groups in _partitions(people)
            if _is_safe(instance, groups)
        ]
        for people in ([one for one in instance.members if one.is_in(i + 1)] for i in range(instance.rounds))
    ]
    return min(
        tuple(sum(costs) for costs in zip(*(costs for _, costs in plan), _repeats(instance, plan), strict=True))
        for plan in product(*rounds)
    )


def _partitions(people: list[Member]) -> Iterator[Groups]:
    if not people:
        yield ()
        return
    first, *rest = people
    for groups in _partitions(rest):
        yield ((first,), *groups)
        for i, group in enumerate(groups):
            yield (*groups[:i], (first, *group), *groups[i + 1 :])


def _is_safe(instance: Instance, groups: Groups) -> bool:
    for group in groups:
        for one in group:
            for other in group:
                if one is other:
                    continue
                if {one.id, other.id} in instance.apart or (one.women_only and not other.is_woman):
                    return False
                if one.circle_only and one.circle_only not in other.circles:
                    return False
    return True


def _alone_costs(instance: Instance, groups: Groups, people: list[Member]) -> tuple[int, ...]:
    """All costs of a round but meetings, in whose place stands 0."""
    real = [group for group in groups if len(group) > 1 or len(people) == 1]
    least, most, target = min(3, len(people)), instance.sizes.most, instance.sizes.target
    wrong = sum(max(least - len(group), len(group) - most, 0) ** 2 for group in real)
    ids = {one.id for one in people}
    kept = {pair for group in real for pair in instance.together if pair <= {one.id for one in group}}
    split = sum(pair <= ids for pair in instance.together) - len(kept)
    unguided = misunderstood = without = mix = 0
    for group in real:
        guides = [one for one in group if one.is_guide]
        others = [one for one in group if not one.is_guide]
        newcomers = [one for one in others if one.is_newcomer]
        without += not guides
        unguided += len(newcomers) * (not guides)
        for one in newcomers:
            misunderstood += all(set(one.languages).isdisjoint(guide.languages) for guide in guides)
        for i, one in enumerate(others):
            for other in others[:i]:
                mix += _mix(instance, one, other)
    sizes = sum((len(group) - target) ** 2 for group in real)
    return len(people) - sum(map(len, real)), wrong, split, unguided, without, misunderstood, 0, mix, sizes


def _mix(instance: Instance, one: Member, other: Member) -> int:
    if instance.mode is Mode.PRACTICE:
        cost = int(bool(one.languages) and bool(other.languages) and one.languages[0] == other.languages[0])
    else:
        cost = int(set(one.languages).isdisjoint(other.languages))
    if one.level is not None and other.level is not None:
        apart = abs(one.level - other.level)
        cost += int(apart == 0) if instance.levels is Levels.MIX else apart
    return cost


def _repeats(instance: Instance, plan: tuple[tuple[Groups, tuple[int, ...]], ...]) -> tuple[int, ...]:
    """The costs of meetings, as one more row to add up."""
    times = dict(instance.met)
    total = 0
    for groups, _ in plan:
        for group in groups:
            for i, one in enumerate(group):
                for other in group[:i]:
                    pair = frozenset((one.id, other.id))
                    if pair not in instance.together:
                        total += times.get(pair, 0)
                    times[pair] = times.get(pair, 0) + 1
    return 0, 0, 0, 0, 0, 0, total, 0, 0
