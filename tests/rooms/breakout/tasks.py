"""Planning tasks for tests: random ones, and those of the social golfer."""

import random
from itertools import combinations

from hypothesis import strategies as st

from rooms.breakout.rules.instance import Instance, Member, Sizes
from rooms.breakout.rules.modes import Levels, Mode

LANGUAGES = ("ar", "fa", "so", "ti", "uk")


def golfers(groups: int, size: int, rounds: int) -> Instance:
    """So many groups of one size, and nothing to look at but who has met whom."""
    people = tuple(Member(f"p{i}") for i in range(groups * size))
    return Instance(people, rounds=rounds, sizes=Sizes(size, size, size))


def random_task(
    seed: int, people: int, rounds: int = 1, *, absent: bool = False, safety: bool = True, pairs: bool = True
) -> Instance:
    """People as they are: a fifth guides, a third newcomers, some wishes for safety, some pairs, some history."""
    dice = random.Random(seed)
    members = tuple(_member(dice, f"p{i}", rounds, absent=absent, safety=safety) for i in range(people))
    instance = Instance(members, rounds=rounds)
    together, apart, met = set(), set(), {}
    for one, other in combinations(members, 2):
        pair, luck = frozenset((one.id, other.id)), dice.random()
        if pairs and luck < 0.4 / people and not instance.conflict(one, other):
            together.add(pair)
        elif pairs and luck < 0.9 / people:
            apart.add(pair)
        elif luck > 0.9:
            met[pair] = dice.randint(1, 3)
    return Instance(
        members,
        rounds=rounds,
        mode=dice.choice([Mode.PRACTICE, Mode.OWN_LANGUAGE]),
        levels=dice.choice(list(Levels)),
        together=frozenset(together),
        apart=frozenset(apart),
        met=met,
        seed=seed,
    )


def _member(dice: random.Random, name: str, rounds: int, *, absent: bool, safety: bool) -> Member:
    guide, woman = dice.random() < 0.2, dice.random() < 0.6
    circle = "circle" if safety and dice.random() < 0.1 else None
    return Member(
        name,
        is_guide=guide,
        is_newcomer=dice.random() < 0.3,
        languages=tuple(dice.sample(LANGUAGES, dice.choice([0, 1, 1, 2]))),
        level=dice.choice([None, 1, 2, 3, 4, 5]),
        is_woman=woman,
        women_only=safety and woman and dice.random() < 0.15,
        circles=frozenset({"circle"}) if circle or dice.random() < 0.5 else frozenset(),
        circle_only=circle if dice.random() < 0.5 else None,
        rounds=frozenset(i for i in range(1, rounds + 1) if dice.random() < 0.8) if absent else None,
    )


def random_tasks(*, most_people: int = 40, rounds: int = 3) -> st.SearchStrategy[Instance]:
    """Tasks of all kinds, shrinking towards few people and one round."""
    return st.builds(
        random_task,
        st.integers(0, 10**6),
        st.integers(1, most_people),
        st.integers(1, rounds),
        absent=st.booleans(),
        safety=st.booleans(),
        pairs=st.booleans(),
    )
