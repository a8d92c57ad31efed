"""`sammen breakout plan`: plan groups at the terminal from a task in JSON. Needs no service, writes no groups down."""

import json
import sys
from argparse import Namespace
from collections.abc import Iterable

from rooms.breakout.rules.instance import Instance
from rooms.breakout.rules.json_form import form_of, instance_of
from rooms.breakout.rules.planner import Plan, plan, warm_up
from rooms.breakout.rules.words import text_of


def run(words: Namespace) -> tuple[str, int]:
    """What to print, and the exit code: the plan of the task in `words.file` or from standard input; 2 if it is bad."""
    try:
        task = words.file.read_bytes() if words.file is not None else sys.stdin.buffer.read()
        instance, deadline = instance_of(json.loads(task))
        warm_up()
        made = plan(instance, deadline=deadline)
    except (OSError, ValueError, RecursionError) as error:
        return f"The task is not good: {_one_line(error)}", 2
    if words.json:
        return json.dumps(form_of(instance, made, words.language), ensure_ascii=False), 0
    return "\n".join(_table(instance, made, words.language)), 0


def prepare() -> tuple[str, int]:
    """Make the planner's machine code, or find it made. What to print, and the exit code."""
    warm_up()
    return "The planner is ready.", 0


def _one_line(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"no JSON in line {error.lineno}, column {error.colno}: {error.msg}"
    if isinstance(error, UnicodeDecodeError):
        return "it is not in UTF-8"
    return " ".join((str(error) or type(error).__name__).split())


def _table(instance: Instance, made: Plan, language: str) -> Iterable[str]:
    guides = {member.id for member in instance.members if member.is_guide}
    names = {member.id: member.id for member in instance.members}
    for number, groups in enumerate(made.rounds, 1):
        yield f"Round {number}"
        for index, group in enumerate(groups):
            people = "  ".join(f"{one}*" if one in guides else one for one in group)
            yield f"  group {index + 1:3}  {people or '-'}"
    yield "* guide"
    yield ""
    for field in made.terms.__slots__:
        yield f"{field.replace('_', ' '):28}{getattr(made.terms, field):6}"
    if made.unmet:
        yield ""
        yield "What could not be met:"
        yield from (f"  round {one.round}: {text_of(language, one, names)}" for one in made.unmet)
