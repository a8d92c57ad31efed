"""How good a plan is, and why a person landed in a group: the planner looks for the plan whose terms are smallest.

Hard rules come first (`broken`): each person in exactly one group of each of their rounds; nobody with somebody they
are kept apart from or not safe with; every size within the limits; people of a *together* pair in one group; no more
groups than rooms. Then the seven `Terms`, in order: a smaller earlier term is worth any number of the later ones. So
whoever asks why Amina sits with Bo rather than with Cem scores both plans and looks at the first term that differs.

Of two plans with the same terms the planner takes the one with fewer people in groups without a guide, so that the
larger groups have one. This is no term: it only breaks ties.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass
from enum import StrEnum
from itertools import combinations

from rooms.breakout.rules.instance import Groups, Instance, Member, Pair
from rooms.breakout.rules.modes import Levels, Mode

#: A round's groups, whoever made them.
AnyGroups = Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True, order=True)
class Terms:
    """What a plan costs, the most important first; summed over its rounds. Smaller is better, and they compare so."""

    #: People who leave the group in which they sit; only where a round is running.
    moved: int = 0
    newcomers_without_guide: int = 0
    groups_without_guide: int = 0
    #: Newcomers who share no language with a guide of their group, those without a guide included.
    newcomers_without_language: int = 0
    #: For each pair in a group: how often they have met before, in earlier sessions and rounds. *Together* pairs aside.
    repeats: int = 0
    #: Pairs without guides: the same mother tongue, or no shared language, as the mode asks; and their levels.
    mix: int = 0
    #: (size - target)² of each group.
    sizes: int = 0

    def __add__(self, other: "Terms") -> "Terms":
        return Terms(*(one + two for one, two in zip(astuple(self), astuple(other), strict=True)))


class Rule(StrEnum):
    """What a plan should meet; hard rules first."""

    #: Is in no group of a round in which they are there.
    PLACED = "placed"
    #: Is in two groups of a round, or in one of a round in which they are not there.
    ONCE = "once"
    APART = "apart"
    SAFE = "safe"
    SIZE = "size"
    ROOMS = "rooms"
    TOGETHER = "together"
    NEWCOMER_GUIDE = "newcomer_guide"
    GROUP_GUIDE = "group_guide"
    NEWCOMER_LANGUAGE = "newcomer_language"
    MET_BEFORE = "met_before"


@dataclass(frozen=True, slots=True)
class Unmet:
    """One rule that a plan does not meet, in one round (from 1), and whom that concerns.

    `count`: of ROOMS the groups too many, of MET_BEFORE the earlier meetings; else the people.
    """

    rule: Rule
    round: int
    people: tuple[str, ...]
    count: int


def terms_of(instance: Instance, rounds: Sequence[AnyGroups]) -> Terms:
    """What the plan costs. Groups and pairs that break a hard rule are counted as any other."""
    total = Terms()
    met: Counter[Pair] = Counter(instance.met)
    for number, groups in enumerate(rounds, 1):
        for group in groups:
            total += terms_of_group(instance, group, met)
        total += Terms(moved=len(_moved(instance, groups, number)))
        met.update(pair for group in groups for pair in pairs_of(group))
    return total


def terms_of_group(instance: Instance, group: Sequence[str], met: Counter[Pair]) -> Terms:
    """What one group costs where people have `met` so often before, without what it took to bring them there."""
    if not group:
        return Terms()
    members = instance.by_id()
    people = [members[one] for one in group]
    guides = [one for one in people if one.is_guide]
    newcomers = [one for one in people if one.is_newcomer and not one.is_guide]
    return Terms(
        newcomers_without_guide=0 if guides else len(newcomers),
        groups_without_guide=0 if guides else 1,
        newcomers_without_language=sum(not _has_guide_of_language(one, guides) for one in newcomers),
        repeats=sum(met[pair] for pair in pairs_of(group) if pair not in instance.together),
        mix=sum(
            mix_of(instance, one, other)
            for one, other in combinations(people, 2)
            if not one.is_guide and not other.is_guide
        ),
        sizes=(len(group) - instance.sizes.target) ** 2,
    )


def mix_of(instance: Instance, one: Member, other: Member) -> int:
    """How badly two people, neither a guide, go together by mode and level.

    Practice: 1 for the same mother tongue (who has none known differs from everybody). Own language: 1 if they share
    none. Levels, if both are known: mixed: 1 for equal ones; alike: their difference.
    """
    if instance.mode is Mode.PRACTICE:
        cost = int(one.languages[:1] == other.languages[:1] != ())
    else:
        cost = int(not set(one.languages) & set(other.languages))
    if one.level is None or other.level is None:
        return cost
    return cost + (int(one.level == other.level) if instance.levels is Levels.MIX else abs(one.level - other.level))


def without_guide(instance: Instance, rounds: Sequence[AnyGroups]) -> int:
    """How many people sit in groups without a guide: what breaks ties between plans of the same terms."""
    guides = {member.id for member in instance.members if member.is_guide}
    return sum(len(group) for groups in rounds for group in groups if not guides.intersection(group))


def broken(instance: Instance, rounds: Sequence[AnyGroups]) -> list[Unmet]:
    """The hard rules that the plan breaks, round for round."""
    return [found for number, groups in enumerate(rounds, 1) for found in _broken_in_round(instance, groups, number)]


def unmet(instance: Instance, rounds: Sequence[AnyGroups]) -> list[Unmet]:
    """What a coordinator should know of: the hard rules that are broken, and what guides and history leave open."""
    found = broken(instance, rounds)
    met: Counter[Pair] = Counter(instance.met)
    members = instance.by_id()
    for number, groups in enumerate(rounds, 1):
        for group in groups:
            guides = [members[one] for one in group if members[one].is_guide]
            newcomers = [one for one in group if members[one].is_newcomer and not members[one].is_guide]
            if group and not guides:
                found.append(Unmet(Rule.GROUP_GUIDE, number, tuple(group), len(group)))
            rule = Rule.NEWCOMER_LANGUAGE if guides else Rule.NEWCOMER_GUIDE
            found += [
                Unmet(rule, number, (one,), 1) for one in newcomers if not _has_guide_of_language(members[one], guides)
            ]
            found += [
                Unmet(Rule.MET_BEFORE, number, tuple(sorted(pair)), met[pair])
                for pair in pairs_of(group)
                if met[pair] and pair not in instance.together
            ]
        met.update(pair for group in groups for pair in pairs_of(group))
    order = list(Rule)
    return sorted(found, key=lambda one: (one.round, order.index(one.rule)))


def size_is_right(instance: Instance, group: Sequence[str], present: int) -> bool:
    """Whether a group may be so large in a round with `present` people: fewer than `least` are one group."""
    least = min(instance.sizes.least, present)
    return not group or least <= len(group) <= instance.sizes.most


def pairs_of(group: Iterable[str]) -> list[Pair]:
    """All pairs in a group."""
    return [frozenset(pair) for pair in combinations(group, 2)]


def _has_guide_of_language(newcomer: Member, guides: Iterable[Member]) -> bool:
    return any(set(newcomer.languages) & set(guide.languages) for guide in guides)


def _moved(instance: Instance, groups: AnyGroups, number: int) -> list[str]:
    """Who sat in another group before, of those who are still there. Only the first round can be running."""
    if number != 1 or instance.previous is None:
        return []
    there = {member.id for member in instance.present(1)}
    return [
        one
        for index, group in enumerate(instance.previous)
        for one in group
        if one in there and (index >= len(groups) or one not in groups[index])
    ]


def _broken_in_round(instance: Instance, groups: AnyGroups, number: int) -> Iterable[Unmet]:
    members = instance.by_id()
    present = [member.id for member in instance.present(number)]
    seats = Counter(one for group in groups for one in group)
    yield from (Unmet(Rule.PLACED, number, (one,), 1) for one in present if not seats[one])
    yield from (Unmet(Rule.ONCE, number, (one,), 1) for one in seats if seats[one] > 1 or one not in present)
    for group in groups:
        for one, other in combinations(sorted(group), 2):
            if instance.conflict(members[one], members[other]):
                rule = Rule.APART if frozenset((one, other)) in instance.apart else Rule.SAFE
                yield Unmet(rule, number, (one, other), 2)
        if not size_is_right(instance, group, len(present)):
            yield Unmet(Rule.SIZE, number, tuple(group), len(group))
    filled: Groups = tuple(tuple(group) for group in groups if group)
    if instance.most_groups is not None and len(filled) > instance.most_groups:
        yield Unmet(Rule.ROOMS, number, (), len(filled) - instance.most_groups)
    group_of = {one: index for index, group in enumerate(groups) for one in group}
    for pair in sorted(map(sorted, instance.together)):
        if all(one in present for one in pair) and group_of.get(pair[0], -1) != group_of.get(pair[1], -2):
            yield Unmet(Rule.TOGETHER, number, tuple(pair), 2)
