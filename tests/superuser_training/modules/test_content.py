"""The training's texts: every module in every language, alike in all of them, and its check."""

import pytest

from config.i18n import LANGUAGES
from superuser_training.modules.library import FOLDER, content, curriculum
from superuser_training.modules.rules import Content, Module, parse, wrong


def shape(one: Content) -> object:
    return (
        len(one.goals),
        len(one.text),
        len(one.exercises),
        [(len(question.answers), question.right) for question in one.questions],
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_all_modules_with_the_same_questions(language: str) -> None:
    assert [one.module for one in curriculum(language)] == list(Module)
    assert [shape(one) for one in curriculum(language)] == [shape(one) for one in curriculum("nb")]
    assert {path.stem for path in (FOLDER / language).iterdir()} == {module.value for module in Module}


def test_no_language_stands_in_for_another() -> None:
    for module in Module:
        assert len({content(module, language).text for language in LANGUAGES}) == len(LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_module_has_goals_a_check_and_something_to_practise(language: str) -> None:
    for one in curriculum(language):
        assert one.goals
        assert one.text
        assert one.exercises
        assert 3 <= len(one.questions) <= 4
        for question in one.questions:
            assert len(set(question.answers)) == len(question.answers)
            assert question.why


def test_the_right_answer_is_not_always_in_the_same_place() -> None:
    for one in curriculum("nb"):
        assert len({question.right for question in one.questions}) > 1


def test_the_check_names_what_is_wrong_and_what_is_not_answered() -> None:
    one = content(Module.SAFETY, "nb")
    right = {number: question.right for number, question in enumerate(one.questions)}
    assert wrong(one, right) == []
    assert wrong(one, {**right, 1: (right[1] + 1) % 3}) == [1]
    assert wrong(one, {0: right[0]}) == [1, 2]
    assert wrong(one, {}) == [0, 1, 2]


def test_a_changed_text_is_another_version() -> None:
    raw = (FOLDER / "nb" / "safety.toml").read_bytes()
    before, after = parse(Module.SAFETY, "nb", raw), parse(Module.SAFETY, "nb", raw + b"\n# changed\n")
    assert before.version == content(Module.SAFETY, "nb").version
    assert before.version != after.version
    assert len({content(Module.SAFETY, language).version for language in LANGUAGES}) == len(LANGUAGES)


def test_a_right_answer_that_is_none_is_refused() -> None:
    raw = (FOLDER / "nb" / "safety.toml").read_text("utf-8").replace("right = 2", "right = 3")
    with pytest.raises(ValueError, match="no such answer"):
        parse(Module.SAFETY, "nb", raw.encode())
