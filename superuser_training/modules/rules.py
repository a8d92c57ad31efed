"""What a module of the training is made of, and when its check is passed."""

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Module(StrEnum):
    """The modules, in the order in which they are best read. Their names are kept in the guide log."""

    PLATFORM = "platform"
    HELPING_ON = "helping_on"
    DEVICES = "devices"
    CONVERSATION = "conversation"
    BREAKOUTS = "breakouts"
    SAFETY = "safety"
    PASSING_ON = "passing_on"


@dataclass(frozen=True, slots=True)
class Question:
    """A question with one right answer: `right` counts from 0. `why` is shown after answering."""

    ask: str
    answers: tuple[str, ...]
    right: int
    why: str


@dataclass(frozen=True, slots=True)
class Content:
    """A module in one language. `version` changes with every change of its text: who was trained on what."""

    module: Module
    title: str
    goals: tuple[str, ...]
    text: tuple[str, ...]
    questions: tuple[Question, ...]
    exercises: tuple[str, ...]
    version: str


def parse(module: Module, language: str, raw: bytes) -> Content:
    """A content file as it stands on disk. Raises KeyError, ValueError (TOML, a right answer that is none)."""
    found = tomllib.loads(raw.decode())
    questions = tuple(
        Question(one["ask"], tuple(one["answers"]), one["right"], one["why"]) for one in found["questions"]
    )
    if any(not 0 <= one.right < len(one.answers) for one in questions):
        raise ValueError(f"{module}: no such answer")
    return Content(
        module=module,
        title=found["title"],
        goals=tuple(found["goals"]),
        text=tuple(found["text"]),
        questions=questions,
        exercises=tuple(found["exercises"]),
        version=f"{language}-{hashlib.sha256(raw).hexdigest()[:12]}",
    )


def wrong(content: Content, answers: Mapping[int, int]) -> list[int]:
    """The numbers of the questions (from 0) that are not answered rightly. The check is passed when there is none."""
    return [number for number, one in enumerate(content.questions) if answers.get(number) != one.right]
