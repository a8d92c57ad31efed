"""Late-comers find a place, groups that have become small are mended: with the least disruption. Pure.

What is best is what the planner finds best (`score`); a group is named by its index.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import astuple, dataclass
from itertools import combinations

from rooms.breakout.rules.instance import Instance
from rooms.breakout.rules.score import AnyGroups, Terms, terms_of_group

#: Two are better off than each with nobody, when two wait and nobody else can be spared.
_PAIR = 2


@dataclass(frozen=True, slots=True)
class Merge:
    """People who move so that nobody sits in a group that is too small: person → index of their new group."""

    moves: dict[str, int]
    terms: Terms


def best_group(instance: Instance, groups: AnyGroups, person: str, *, most: int | None = None) -> int | None:
    """The group that becomes least worse by this person; nobody is moved for them. None when there is none.

    Whoever is to be together with somebody goes there if they can. A group is full at `most` (else the instance's
    largest size), and closed to whom somebody in it may not sit with. An empty group is none.
    """
    members = instance.by_id()
    most = instance.sizes.most if most is None else most
    met: Counter[frozenset[str]] = Counter(instance.met)
    wanted = {other for pair in instance.together if person in pair for other in pair - {person}}
    best: tuple[tuple[int, ...], int] | None = None
    for index, group in enumerate(groups):
        if not group or len(group) >= most:
            continue
        if any(instance.conflict(members[person], members[other]) for other in group):
            continue
        change = _minus(terms_of_group(instance, [*group, person], met), terms_of_group(instance, group, met))
        cost = (-len(wanted.intersection(group)), *change)
        if best is None or cost < best[0]:
            best = cost, index
    return best[1] if best is not None else None


def open_for_waiting(instance: Instance, groups: AnyGroups, waiting: Sequence[str]) -> list[str] | None:
    """Who makes up a new group when two or more wait and no other has a place for them; None: nobody yet.

    Three or more who go together need nobody else. Two get a third from a group of more than three; failing that they
    are two. Somebody who may sit with nobody of those who wait goes on waiting. At most as many as a group holds.
    """
    members = instance.by_id()
    chosen: list[str] = []
    for person in waiting:
        if len(chosen) < instance.sizes.most and not any(
            instance.conflict(members[person], members[other]) for other in chosen
        ):
            chosen.append(person)
    if len(chosen) < _PAIR:
        return None
    if len(chosen) >= instance.sizes.least:
        return chosen
    met: Counter[frozenset[str]] = Counter(instance.met)
    together = frozenset().union(*instance.together)
    best: tuple[tuple[int, ...], str] | None = None
    for group in groups:
        if len(group) <= instance.sizes.least:
            continue
        for person in group:
            rest = [other for other in group if other != person]
            if person in together or any(instance.conflict(members[person], members[other]) for other in chosen):
                continue
            loses = _minus(terms_of_group(instance, rest, met), terms_of_group(instance, group, met))
            gains = terms_of_group(instance, [*chosen, person], met)
            cost = (-len(group), *(one + two for one, two in zip(loses, astuple(gains), strict=True)))
            if best is None or cost < best[0]:
                best = cost, person
    return [*chosen, best[1]] if best is not None else chosen


def too_small(instance: Instance, groups: AnyGroups) -> list[int]:
    """Groups with somebody in them, and fewer than there should be."""
    return [index for index, group in enumerate(groups) if 0 < len(group) < instance.sizes.least]


def merges(instance: Instance, groups: AnyGroups, index: int) -> list[Merge]:
    """Ways to mend a group that has become too small, the least disruptive first: fewest people move, then the terms.

    Its people go to one other group, or each to the best that has a place; or somebody of a group of more than three
    comes to them. Never is anybody brought together with whom they may not sit.
    """
    small = list(groups[index])
    met: Counter[frozenset[str]] = Counter(instance.met)

    def cost(moves: dict[str, int]) -> Merge:
        after = [[one for one in group if one not in moves] for group in groups]
        for person, place in moves.items():
            after[place].append(person)
        total = Terms()
        for group in after:
            total += terms_of_group(instance, group, met)
        return Merge(moves, total)

    found = [cost(moves) for moves in _ways(instance, groups, index, small)]
    return sorted(found, key=lambda merge: (len(merge.moves), merge.terms, sorted(merge.moves.items())))


def _ways(instance: Instance, groups: AnyGroups, index: int, small: Sequence[str]) -> Iterator[dict[str, int]]:
    members = instance.by_id()

    def fit(people: Collection[str]) -> bool:
        return len(people) <= instance.sizes.most and not any(
            instance.conflict(members[one], members[other]) for one, other in combinations(people, 2)
        )

    for place, group in enumerate(groups):
        if place == index or not group:
            continue
        if fit([*small, *group]):
            yield dict.fromkeys(small, place)
        if len(group) > instance.sizes.least and len(small) == instance.sizes.least - 1:
            together = frozenset().union(*instance.together)
            yield from ({one: index} for one in group if one not in together and fit([*small, one]))
    spread: dict[str, int] = {}
    after = [[] if place == index else list(group) for place, group in enumerate(groups)]
    for person in small:
        home = best_group(instance, after, person)
        if home is None:
            return
        spread[person] = home
        after[home].append(person)
    if len(set(spread.values())) > 1:
        yield spread


def guide_for(instance: Instance, group: Sequence[str], free: Collection[str]) -> str | None:
    """Which of the free guides suits a group without one best; None: none may sit there, or it is full."""
    members = instance.by_id()
    if len(group) >= instance.sizes.most + 1:  # a room holds one more than anybody plans for
        return None
    met: Counter[frozenset[str]] = Counter(instance.met)
    fitting = [
        guide
        for guide in sorted(free)
        if members[guide].is_guide and not any(instance.conflict(members[guide], members[other]) for other in group)
    ]
    return min(fitting, key=lambda guide: terms_of_group(instance, [*group, guide], met), default=None)


def without_guide(instance: Instance, groups: AnyGroups) -> list[int]:
    """Groups with people and no guide, those with newcomers and most people first."""
    members = instance.by_id()
    lacking = [index for index, group in enumerate(groups) if group and not any(members[one].is_guide for one in group)]
    return sorted(
        lacking, key=lambda index: (-sum(members[one].is_newcomer for one in groups[index]), -len(groups[index]), index)
    )


def _minus(one: Terms, other: Terms) -> tuple[int, ...]:
    return tuple(mine - theirs for mine, theirs in zip(astuple(one), astuple(other), strict=True))
