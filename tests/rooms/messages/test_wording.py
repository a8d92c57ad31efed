"""A centre's own words: what is refused, that nothing a reader needs gets lost, and that text stays text."""

import itertools
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.i18n import LANGUAGES
from rooms.messages.rules import WITH_LINK, Kind
from rooms.messages.service.compose import compose, standard_words
from rooms.messages.wording import (
    EDITABLE,
    LONGEST_BODY,
    LONGEST_SUBJECT,
    PLACEHOLDERS,
    OwnWords,
    allowed,
    blocks,
    cleaned,
    fill,
    problems,
    required,
)
from tests.rooms.messages.test_compose import FACTS, LINK

EVERY = list(itertools.product(EDITABLE, LANGUAGES))
GOOD = OwnWords(
    "{title} {day} {time}", "Kjære {name}\n\n{title}\n{day} {time}–{end}\n\n{link}\n\nHilsen {centre}, {phone}"
)


@pytest.mark.parametrize(("kind", "language"), EVERY)
def test_the_standard_words_are_a_good_beginning(kind: Kind, language: str) -> None:
    """Saved as they are, they make the same message."""
    words = standard_words(kind, language)
    assert problems(kind, words) == {}
    before, after = compose(kind, language, FACTS), compose(kind, language, FACTS | {"own_words": words})
    assert after.subject == before.subject
    assert _lines(after.text) == _lines(before.text)
    assert after.html.count(LINK) == before.html.count(LINK)


def _lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line]


@pytest.mark.parametrize("kind", EDITABLE)
def test_nothing_that_a_reader_needs_can_be_left_out(kind: Kind) -> None:
    assert ("link" in required(kind)) == (kind in WITH_LINK)
    words = standard_words(kind, "en")
    for name in required(kind):
        assert "body" in problems(kind, OwnWords(words.subject, words.body.replace(f"{{{name}}}", ""))), name


@pytest.mark.parametrize("kind", EDITABLE)
def test_words_that_lack_something_are_not_sent(kind: Kind) -> None:
    """Such as those that were saved before a rule was made."""
    poor = OwnWords("Hei", "" if kind is Kind.CANCELLATION else "Kom!")
    assert compose(kind, "nb", FACTS | {"own_words": poor}) == compose(kind, "nb", FACTS)


@pytest.mark.parametrize(
    ("subject", "words"),
    [
        ("", "Please fill this in."),
        ("x" * (LONGEST_SUBJECT + 1), "This is too long."),
        ("en\nBcc: to", "The subject has to be one line."),
        ("<b>Hei</b>", "Write plain text, without HTML."),
        ("{link}", "cannot stand in the subject"),
        ("Hei {name}", "cannot stand in the subject"),
        ("{titel}", "in curly brackets"),
    ],
)
def test_what_is_wrong_with_a_subject(subject: str, words: str) -> None:
    found = problems(Kind.INVITATION, OwnWords(subject, GOOD.body))
    assert words in found.pop("subject")
    assert found == {}


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("", "Please fill this in."),
        (GOOD.body + "x" * LONGEST_BODY, "This is too long."),
        (GOOD.body + "<script>alert(1)", "without HTML"),
        (GOOD.body + "&lt;", "without HTML"),
        (GOOD.body + "{navn}", "in curly brackets"),
        (GOOD.body + "{", "in curly brackets"),
        (GOOD.body + "{{ name }}", "in curly brackets"),
        (GOOD.body + "{name.__class__}", "in curly brackets"),
        (GOOD.body + "{people}", "in curly brackets"),  # only guides are told
        (GOOD.body.replace("{link}", ""), "The link is missing."),
        (GOOD.body.replace("{day}", ""), "on which day"),
        (GOOD.body.replace("{link}", "her: {link}"), "on a line of their own"),
        (GOOD.body + "\n{link}", "only once"),
    ],
)
def test_what_is_wrong_with_a_body(body: str, words: str) -> None:
    found = problems(Kind.INVITATION, OwnWords(GOOD.subject, body))
    assert words in found.pop("body")
    assert found == {}


def test_the_words_stand_between_greeting_and_signature() -> None:
    composed = compose(Kind.INVITATION, "nb", FACTS | {"own_words": GOOD})
    assert composed.subject == "Språktrening mandag 23. november 18:00"
    lines = _lines(composed.text)
    start = lines.index("Kjære Amina")
    assert lines[start : start + 5] == [
        "Kjære Amina", "Språktrening", "mandag 23. november 18:00–19:30", LINK,
        "Hilsen Frivilligsentralen i Klepp, +4751000000",
    ]  # fmt: skip
    assert lines[0] == "Hei, Amina!"
    assert lines[-1] == "Frivilligsentralen i Klepp"
    assert composed.html.count(f'<a href="{LINK}"') == 2  # the button, and for whoever cannot press it
    assert "Kjære <bdi>Amina</bdi>" in composed.html


def test_a_guide_reads_who_is_invited() -> None:
    words = OwnWords("Snart", "{title} {day} {time}\n{people}\n{link}")
    composed = compose(Kind.GUIDE_BRIEFING, "nb", FACTS | {"own_words": words})
    assert len([line for line in _lines(composed.text) if line.startswith("- ")]) == 2
    assert composed.html.count("<li>") == 2


def test_what_people_typed_stays_text() -> None:
    nasty = "<b>{link}</b>\r\nBcc: thief@example.org\u202e"
    composed = compose(Kind.INVITATION, "nb", FACTS | {"title": nasty, "name": nasty, "own_words": GOOD})
    assert "<b>" not in composed.html
    assert composed.text.count(LINK) == 1, "a value is no template"
    assert len(composed.subject.splitlines()) == 1
    assert not any(line.startswith("Bcc:") for line in composed.text.splitlines())
    assert "\u202e" not in composed.subject + composed.text + composed.html


@pytest.mark.parametrize("subject", ["2 < 3 & 4 > 1", "Kaffe & kake"])
def test_signs_that_are_no_markup_may_be_written(subject: str) -> None:
    assert problems(Kind.INVITATION, OwnWords(subject, GOOD.body)) == {}


def test_invisible_characters_are_taken_out() -> None:
    assert cleaned(" a\x00b\u202ec\u2066\r\nd\re ") == "abc\nd\ne"


NAMES = st.sampled_from(list(PLACEHOLDERS))
TEXTS = st.text(st.sampled_from(string.ascii_letters + " {}\n<&%.é"), max_size=60)


@given(parts=st.lists(st.one_of(TEXTS, NAMES.map("{{{}}}".format)), max_size=8), kind=st.sampled_from(EDITABLE))
def test_what_passes_the_check_can_always_be_sent(parts: list[str], kind: Kind) -> None:
    """Whatever is typed around what is needed: refused with a sentence, or sent with the facts and one whole link."""
    own = OwnWords("Hei", cleaned("".join(parts) + "\n" + standard_words(kind, "nb").body))
    found = problems(kind, own)
    assert set(found) <= {"body"}
    if found:
        return
    composed = compose(kind, "nb", FACTS | {"own_words": own})
    if kind in WITH_LINK:
        assert [line.strip() for line in composed.text.splitlines()].count(LINK) == 1
        assert composed.html.count(f'<a href="{LINK}"') == 2
    if kind is not Kind.NEW_LINK:
        assert "18:00" in composed.text
        assert "Språktrening" in composed.text
    assert not any(f"{{{name}}}" in composed.text + composed.html for name in PLACEHOLDERS)


@given(value=st.text(max_size=30))
def test_a_value_is_put_in_as_it_is(value: str) -> None:
    assert fill("a {name} b", {"name": value}) == f"a {value} b"
    (block,) = blocks("a {name} b", {"name": value})
    assert [piece.text for line in block.lines for piece in line] == ["a ", *([value] if value else [""]), " b"]


def test_only_what_the_message_knows_can_be_asked_for() -> None:
    assert {name for kind in EDITABLE for name in allowed(kind)} == set(PLACEHOLDERS)
    assert Kind.SIGN_IN not in EDITABLE
