"""What the planner is told: people, sizes, rounds, pairs, history. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from rooms.breakout.rules.modes import Levels, Mode

Pair = frozenset[str]
#: The groups of one round, each a tuple of ids. The place in it is the group's index; () is a group given up.
Groups = tuple[tuple[str, ...], ...]


class BadInstance(ValueError):
    """What was asked contradicts itself; the text says where."""


@dataclass(frozen=True, slots=True)
class Member:
    """A person as the planner sees them."""

    id: str
    is_guide: bool = False
    #: A guide is never treated as a newcomer.
    is_newcomer: bool = False
    #: The mother tongue first; Norwegian is left out.
    languages: tuple[str, ...] = ()
    #: Of Norwegian, 1–5; None: not known.
    level: int | None = None
    #: Whoever is not known to be a woman is none.
    is_woman: bool = False
    #: Sits only with women.
    women_only: bool = False
    #: Closed circles that they are in.
    circles: frozenset[str] = frozenset()
    #: Sits only with people of this closed circle.
    circle_only: str | None = None
    #: In which rounds they are there, from 1; None: in all.
    rounds: frozenset[int] | None = None

    def is_in(self, round_number: int) -> bool:
        """Whether they are there in that round (from 1)."""
        return self.rounds is None or round_number in self.rounds


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many people a group has: from, to, best."""

    least: int = 3
    most: int = 5
    target: int = 4


@dataclass(frozen=True, slots=True)
class Instance:
    """One planning task. Raises BadInstance when it contradicts itself."""

    members: tuple[Member, ...]
    rounds: int = 1
    mode: Mode = Mode.PRACTICE
    levels: Levels = Levels.MIX
    sizes: Sizes = Sizes()
    together: frozenset[Pair] = frozenset()
    apart: frozenset[Pair] = frozenset()
    #: How often two people have met in earlier sessions. Pairs with somebody who is not here do not count.
    met: Mapping[Pair, int] = field(default_factory=dict)
    #: Where people sit now, when the first round is already running.
    previous: Groups | None = None
    #: Round (from 1) -> person -> index of the group that a coordinator locked them into.
    locked: Mapping[int, Mapping[str, int]] = field(default_factory=dict)
    #: Rooms at hand: no round has more groups.
    most_groups: int | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        for problem in _problems(self):
            raise BadInstance(problem)

    def present(self, round_number: int) -> tuple[Member, ...]:
        """Who is there in that round (from 1), in the order of `members`."""
        return tuple(member for member in self.members if member.is_in(round_number))

    def by_id(self) -> dict[str, Member]:
        """The members by their ids."""
        return {member.id: member for member in self.members}

    def conflict(self, one: Member, other: Member) -> bool:
        """Whether the two may never sit in one group: kept apart, or one of them is not safe with the other."""
        return frozenset((one.id, other.id)) in self.apart or unsafe(one, other) or unsafe(other, one)


def unsafe(one: Member, other: Member) -> bool:
    """Whether `one` sits only with women, or with people of a closed circle, and `other` is not known to be that."""
    return (one.women_only and not other.is_woman) or (
        one.circle_only is not None and one.circle_only not in other.circles
    )


def _problems(instance: Instance) -> Iterable[str]:
    counts = Counter(member.id for member in instance.members)
    sizes = instance.sizes
    yield from (f"the person {name} is named {count} times" for name, count in counts.items() if count > 1)
    if instance.rounds < 1:
        yield f"there are {instance.rounds} rounds; it takes at least 1"
    if not 1 <= sizes.least <= sizes.target <= sizes.most or sizes.most < 2:
        yield f"sizes from {sizes.least} to {sizes.most} around {sizes.target} are not possible"
    if instance.most_groups is not None and instance.most_groups < 1:
        yield f"most_groups is {instance.most_groups}; it takes at least 1"
    for member in instance.members:
        for number in sorted(member.rounds or ()):
            if not 1 <= number <= instance.rounds:
                yield f"{member.id} is there in round {number}, and there are {instance.rounds}"
    yield from _pair_problems(instance, counts)
    yield from _seat_problems(instance, counts)


def _pair_problems(instance: Instance, counts: Mapping[str, int]) -> Iterable[str]:
    for name, pairs in (("together", instance.together), ("apart", instance.apart), ("met", instance.met)):
        yield from (f"a pair in {name} is {sorted(pair)}; it takes two people" for pair in pairs if len(pair) != 2)
    for name, pairs in (("together", instance.together), ("apart", instance.apart)):
        yield from (
            f"{one} in a pair of {name} is nobody here" for one in sorted(frozenset().union(*pairs) - counts.keys())
        )
    yield from (f"{_both(pair)} are to be both together and apart" for pair in instance.together & instance.apart)
    yield from (f"{_both(pair)} have met {times} times" for pair, times in instance.met.items() if times < 0)


def _seat_problems(instance: Instance, counts: Mapping[str, int]) -> Iterable[str]:
    """What is wrong with where people sit already, or have to."""
    sitting = Counter(person for group in instance.previous or () for person in group)
    yield from (f"{one} in the previous groups is nobody here" for one in sorted(sitting.keys() - counts.keys()))
    yield from (f"{one} sits in {count} of the previous groups" for one, count in sitting.items() if count > 1)
    members = {member.id: member for member in instance.members}
    for number, seats in instance.locked.items():
        if not 1 <= number <= instance.rounds:
            yield f"people are locked in round {number}, and there are {instance.rounds}"
        for person, index in seats.items():
            if person not in counts:
                yield f"{person}, locked in round {number}, is nobody here"
            elif not 0 <= index < max(len(counts), 1):
                yield f"{person} is locked in group {index} of round {number}, which cannot be"
        there = [(members[one], index) for one, index in seats.items() if one in members and members[one].is_in(number)]
        for place, (one, index) in enumerate(there):
            for other, other_index in there[:place]:
                if index == other_index and instance.conflict(one, other):
                    yield f"{_both((one.id, other.id))} are locked into one group of round {number} and may not be"


def _both(pair: Iterable[str]) -> str:
    return " and ".join(sorted(pair))
