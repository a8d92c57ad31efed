"""`sammen breakout plan`, as somebody at a terminal and another program use it."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from rooms.breakout.rules.json_form import instance_of
from rooms.breakout.rules.score import terms_of

TASK: dict[str, Any] = {
    "people": [
        {"id": f"p{i}", "guide": i < 2, "newcomer": i > 6, "languages": [["ar", "so", "uk"][i % 3]], "level": i % 5 + 1}
        for i in range(9)
    ],
    "rounds": 2,
    "together": [["p3", "p4"]],
    "apart": [["p0", "p1"]],
    "history": [["p2", "p5", 2]],
    "seed": 3,
}


def sammen(*words: str, given: str = "", folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run it without any settings: it needs no service."""
    environment = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/nonexistent")}
    command = [sys.executable, "-m", "rooms.cli", "breakout", *words]
    return subprocess.run(
        command, input=given, capture_output=True, text=True, env=environment, cwd=folder, check=False, timeout=120
    )


def test_a_plan_in_json() -> None:
    done = sammen("plan", "--json", given=json.dumps(TASK))
    assert (done.returncode, done.stderr) == (0, "")
    answer = json.loads(done.stdout)
    instance, deadline = instance_of(TASK)
    assert deadline is None
    assert [sorted(one for group in groups for one in group) for groups in answer["rounds"]] == [
        sorted(one["id"] for one in TASK["people"])
    ] * 2
    terms = terms_of(instance, answer["rounds"])
    assert answer["terms"] == {field: getattr(terms, field) for field in terms.__slots__}
    assert json.loads(sammen("plan", "--json", given=json.dumps(TASK)).stdout) == answer


def test_what_cannot_be_met_is_said_in_words(tmp_path: Path) -> None:
    task = tmp_path / "task.json"
    task.write_text(json.dumps({"people": [{"id": "Amina", "newcomer": True}, {"id": "Bo"}, {"id": "Cem"}]}))
    (unmet, *_) = json.loads(sammen("plan", "--json", "--language", "nb", str(task)).stdout)["unmet"]
    assert (unmet["rule"], unmet["round"], unmet["people"]) == ("newcomer_guide", 1, ["Amina"])
    assert unmet["text"].startswith("Amina")
    table = sammen("plan", str(task)).stdout
    assert "Round 1" in table
    assert "Amina: is new, and no guide was free." in table


@pytest.mark.parametrize(
    ("task", "named"),
    [
        ("{", "no JSON in line 1"),
        ("[]", "the task"),
        ("{}", "people"),
        ('{"people": [{"name": "a"}]}', "people[0]"),
        ('{"people": [{"id": "a", "level": 6}]}', "people[0].level"),
        ('{"people": [{"id": "a"}], "apart": [["a", "b"]]}', "b in a pair of apart"),
        ('{"people": [{"id": "a"}], "rounds": 0}', "0 rounds"),
        ('{"people": [{"id": "a"}], "mode": "random"}', "mode"),
        ('{"people": [{"id": "a"}], "deadline": -1}', "deadline"),
        ('{"people": [{"id": "a"}], "mode": "free"}', "choose"),
    ],
)
def test_a_bad_task_is_told_in_one_line(task: str, named: str) -> None:
    done = sammen("plan", "--json", given=task)
    assert (done.returncode, done.stdout) == (2, "")
    assert named in done.stderr
    assert done.stderr.count("\n") == 1


def test_the_planner_is_prepared() -> None:
    assert sammen("prepare").returncode == 0
