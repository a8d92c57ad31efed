"""A planning task and its plan in JSON, as `sammen breakout plan --json` reads and writes them.

In, where all but `people` may be left out, and an unknown name is refused:

    {"people": [{"id": "a", "guide": false, "newcomer": false, "languages": ["ar", "en"], "level": 2, "woman": false,
                 "women_only": false, "circles": ["c"], "circle_only": null, "rounds": [1, 2]}],
     "sizes": {"min": 3, "max": 5, "target": 4}, "rounds": 2, "mode": "practice", "levels": "mix",
     "together": [["a", "b"]], "apart": [["a", "c"]], "met": [["a", "d", 2]], "previous": [["a", "b", "d"], ["c"]],
     "locked": {"1": {"a": 0}}, "most_groups": 12, "seed": 0, "deadline": 0.5}

`languages`: the mother tongue first, Norwegian left out. `level`: of Norwegian, 1–5 or null. `woman`: known to be one.
`women_only`, `circle_only`: sits only with women, or with people of that closed circle (and is in it). `rounds` of a
person: those in which they are there, from 1; left out: all. `mode`: practice or own_language. `levels`: mix or same.
`met`: how often two people have met before; 1 if no number stands there. `previous`: where people sit now, when the
first round is already running. `locked`: round, person, number of the group from 0. `most_groups`: rooms at hand.
`deadline`: seconds, which the search uses up unless nothing can be better; without one it takes so and so many steps.
`history` may stand for `met`, and `pairs` may hold `together` and `apart`.

Out: {"rounds": [[["a", "b", "d"], ["c", ...]], ...], "terms": {the seven terms of `score.Terms`},
"unmet": [{"rule": a `score.Rule`, "round": 1, "people": ["a"], "count": 1, "text": a sentence}]}. Groups keep their
numbers where people sat or were locked, with [] for a group given up. Who is in no group is in `unmet` as "placed".
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from typing import Any, TypeVar

from rooms.breakout.rules.instance import Instance, Member, Pair, Sizes
from rooms.breakout.rules.modes import Levels, Mode
from rooms.breakout.rules.planner import Plan
from rooms.breakout.rules.words import text_of

_T = TypeVar("_T")
_LOWEST_LEVEL, _HIGHEST_LEVEL = 1, 5


class BadForm(ValueError):
    """The JSON is not in the form; the text names the field."""


def instance_of(form: object) -> tuple[Instance, float | None]:
    """The task and the deadline in seconds. Raises BadForm, and BadInstance when the task contradicts itself."""
    known = {
        "people", "sizes", "rounds", "mode", "levels", "together", "apart", "pairs", "met", "history", "previous",
        "locked", "most_groups", "seed", "deadline",
    }  # fmt: skip
    fields = _object(form, "the task", known)
    if "people" not in fields:
        raise BadForm("people is missing")
    pairs = _object(fields.get("pairs", {}), "pairs", {"together", "apart"})
    for name, twice in (("together", "together" in pairs), ("apart", "apart" in pairs), ("met", "history" in fields)):
        if name in fields and twice:
            raise BadForm(f"{name} stands there twice")
    sizes = _object(fields.get("sizes", {}), "sizes", {"min", "max", "target"})
    usual = Sizes()
    instance = Instance(
        members=tuple(_member(one, f"people[{i}]") for i, one in enumerate(_list(fields["people"], "people"))),
        rounds=_number(fields.get("rounds", 1), "rounds"),
        mode=_choice(fields.get("mode", Mode.PRACTICE), "mode", Mode),
        levels=_choice(fields.get("levels", Levels.MIX), "levels", Levels),
        sizes=Sizes(
            _number(sizes.get("min", usual.least), "sizes.min"),
            _number(sizes.get("max", usual.most), "sizes.max"),
            _number(sizes.get("target", usual.target), "sizes.target"),
        ),
        together=_pairs(fields.get("together", pairs.get("together", [])), "together"),
        apart=_pairs(fields.get("apart", pairs.get("apart", [])), "apart"),
        met=_met(fields.get("met", fields.get("history", []))),
        previous=_or_none(fields.get("previous"), "previous", _groups),
        locked=_locked(fields.get("locked", {})),
        most_groups=_or_none(fields.get("most_groups"), "most_groups", _number),
        seed=_number(fields.get("seed", 0), "seed"),
    )
    return instance, _or_none(fields.get("deadline"), "deadline", _seconds)


def form_of(instance: Instance, plan: Plan, language: str) -> dict[str, object]:
    """The plan as it is written, with sentences in that language."""
    names = {member.id: member.id for member in instance.members}
    return {
        "rounds": plan.rounds,
        "terms": asdict(plan.terms),
        "unmet": [asdict(one) | {"text": text_of(language, one, names)} for one in plan.unmet],
    }


def _member(form: object, where: str) -> Member:
    known = {
        "id", "guide", "newcomer", "languages", "level", "woman", "women_only", "circles", "circle_only", "rounds",
    }  # fmt: skip
    fields = _object(form, where, known)
    if "id" not in fields:
        raise BadForm(f"{where}.id is missing")
    circle_only = _or_none(fields.get("circle_only"), f"{where}.circle_only", _name)
    level = _or_none(fields.get("level"), f"{where}.level", _number)
    if level is not None and not _LOWEST_LEVEL <= level <= _HIGHEST_LEVEL:
        raise BadForm(f"{where}.level is {level}; it goes from {_LOWEST_LEVEL} to {_HIGHEST_LEVEL}")
    return Member(
        id=_name(fields["id"], f"{where}.id"),
        is_guide=_flag(fields.get("guide", False), f"{where}.guide"),
        is_newcomer=_flag(fields.get("newcomer", False), f"{where}.newcomer"),
        languages=tuple(_each(fields.get("languages", []), f"{where}.languages", _name)),
        level=level,
        is_woman=_flag(fields.get("woman", False), f"{where}.woman"),
        women_only=_flag(fields.get("women_only", False), f"{where}.women_only"),
        circles=frozenset(_each(fields.get("circles", []), f"{where}.circles", _name))
        | ({circle_only} if circle_only is not None else set()),
        circle_only=circle_only,
        rounds=_or_none(fields.get("rounds"), f"{where}.rounds", _rounds),
    )


def _met(form: object) -> dict[Pair, int]:
    met: dict[Pair, int] = {}
    for i, one in enumerate(_list(form, "met")):
        where = f"met[{i}]"
        entry = _list(one, where)
        if len(entry) not in {2, 3}:
            raise BadForm(f"{where} must be two people and how often they have met")
        pair = _pair(entry[:2], where)
        met[pair] = met.get(pair, 0) + _number(entry[2] if len(entry) > 2 else 1, where)
    return met


def _locked(form: object) -> dict[int, dict[str, int]]:
    locked: dict[int, dict[str, int]] = {}
    for number, seats in _object(form, "locked", None).items():
        if not number.isdecimal():
            raise BadForm(f"locked.{number} must be a round's number")
        where = f"locked.{number}"
        locked[int(number)] = {
            person: _number(index, f"{where}.{person}") for person, index in _object(seats, where, None).items()
        }
    return locked


def _object(value: object, where: str, known: Iterable[str] | None) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise BadForm(f"{where} must be an object")
    unknown = sorted(value.keys() - set(known)) if known is not None else []
    if unknown:
        raise BadForm(f"{where}: nobody knows {', '.join(map(repr, unknown))}")
    return value


def _list(value: object, where: str) -> list[object]:
    if not isinstance(value, list | tuple):
        raise BadForm(f"{where} must be a list")
    return list(value)


def _each(value: object, where: str, read: Callable[[object, str], _T]) -> list[_T]:
    return [read(one, f"{where}[{i}]") for i, one in enumerate(_list(value, where))]


def _or_none(value: object, where: str, read: Callable[[object, str], _T]) -> _T | None:
    return None if value is None else read(value, where)


def _name(value: object, where: str) -> str:
    if not isinstance(value, str) or not value:
        raise BadForm(f"{where} must be a text")
    return value


def _flag(value: object, where: str) -> bool:
    if not isinstance(value, bool):
        raise BadForm(f"{where} must be true or false")
    return value


def _number(value: object, where: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise BadForm(f"{where} must be a whole number")
    return value


def _seconds(value: object, where: str) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value < float("inf"):
        raise BadForm(f"{where} must be a number of seconds")
    return float(value)


def _rounds(value: object, where: str) -> frozenset[int]:
    return frozenset(_each(value, where, _number))


def _groups(value: object, where: str) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(_each(group, f"{where}[{i}]", _name)) for i, group in enumerate(_list(value, where)))


def _pairs(value: object, where: str) -> frozenset[Pair]:
    return frozenset(_each(value, where, _pair))


def _pair(value: object, where: str) -> Pair:
    pair = frozenset(_each(value, where, _name))
    if len(pair) != 2 or len(_list(value, where)) != 2:
        raise BadForm(f"{where} must be two people")
    return pair


def _choice(value: object, where: str, choices: type[_T]) -> _T:
    try:
        return choices(value)  # type: ignore[call-arg]  # an enum's class takes a value
    except ValueError:
        raise BadForm(f"{where} must be one of {', '.join(choices)}") from None  # type: ignore[arg-type]  # an enum
