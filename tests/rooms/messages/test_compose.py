"""What people read: whole in each language, the link easy to press and to copy, nothing loaded from anywhere."""

import itertools
import re
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import UndefinedError

from config.i18n import LANGUAGES
from rooms.messages.rules import WITH_LINK, Kind, one_line
from rooms.messages.service import compose as service
from rooms.messages.service.compose import compose

LINK = "http://localhost:8080/l/0123456789abcdef"
FACTS: dict[str, object] = {
    "subject": "Vi holder stengt",
    "words": "Vi sees igjen på mandag.",
    "name": "Amina",
    "centre_name": "Frivilligsentralen i Klepp",
    "centre_phone": "+4751000000",
    "link": LINK,
    "title": "Språktrening",
    "starts_at": datetime(2026, 11, 23, 17, 0, tzinfo=UTC),
    "ends_at": datetime(2026, 11, 23, 18, 30, tzinfo=UTC),
    "people": [
        {"name": "Fatima", "languages": "العربية, Soomaali", "level": "A2"},
        {"name": "Olha", "languages": "", "level": ""},
    ],
    "sessions": [
        {
            "title": "Treff",
            "starts_at": datetime(2026, 11, 24, 17, tzinfo=UTC),
            "invited": 9,
            "unreached": 2,
            "guides": 0,
        },
    ],
    "failed": 2,
    "month": date(2026, 11, 1),
    "alarm": "will_not_last",
    "used": 4321,
    "limit": 5000,
    "expected": 6200,
    "lasts_until": datetime(2026, 11, 27, 17, 0, tzinfo=UTC),
}
EVERY = list(itertools.product(Kind, LANGUAGES))
#: A post says what a coordinator wrote; its link is for SMS only.
LINKED = [*sorted(WITH_LINK - {Kind.POST}), Kind.SIGN_IN, Kind.USAGE_WARNING]
WITH_DAY = [Kind.INVITATION, Kind.CHANGE, Kind.CANCELLATION, Kind.REMINDER_DAY]


@pytest.mark.parametrize(("kind", "language"), EVERY)
def test_a_message_is_whole_in_every_language(kind: Kind, language: str) -> None:
    composed = compose(kind, language, FACTS)
    assert composed.subject
    assert "\n" not in composed.subject
    for body in (composed.text, composed.html):
        assert "Amina" in body
        assert "Frivilligsentralen i Klepp" in body
    assert not re.search(r"%\(|\{\{|\}\}", composed.subject + composed.text + composed.html)
    direction = LANGUAGES[language].direction
    assert f'<html lang="{language}" dir="{direction}">' in composed.html


@pytest.mark.parametrize(("kind", "language"), [pair for pair in EVERY if pair[1] != "en" and pair[0] is not Kind.POST])
def test_no_sentence_is_left_in_english(kind: Kind, language: str) -> None:
    here, english = compose(kind, language, FACTS), compose(kind, "en", FACTS)
    same = set(here.text.splitlines()) & set(english.text.splitlines())
    assert same <= {"", LINK, "- Olha", "Frivilligsentralen i Klepp", "Språktrening", "18:00–19:30"}
    assert here.subject != english.subject


@pytest.mark.parametrize(("kind", "language"), list(itertools.product(LINKED, LANGUAGES)))
def test_the_link_stands_alone_and_is_a_button(kind: Kind, language: str) -> None:
    composed = compose(kind, language, FACTS)
    assert LINK in composed.text.splitlines()
    assert composed.html.count(f'<a href="{LINK}"') == 2  # the button, and for whoever cannot press it
    assert f">{LINK}</a>" in composed.html


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_cancellation_asks_for_nothing(language: str) -> None:
    composed = compose(Kind.CANCELLATION, language, FACTS)
    assert "http" not in composed.text
    assert "<a " not in composed.html


@pytest.mark.parametrize(
    ("kind", "language"),
    list(itertools.product(WITH_DAY, LANGUAGES)),
)
def test_times_are_the_centre_s(kind: Kind, language: str) -> None:
    """17:00 UTC is 18:00 on the wall in Klepp, in November."""
    composed = compose(kind, language, FACTS)
    assert "18:00–19:30" in composed.text
    assert "18:00" in composed.subject
    assert "23" in composed.subject


@pytest.mark.parametrize(("kind", "language"), EVERY)
def test_nothing_is_loaded_from_anywhere(kind: Kind, language: str) -> None:
    html = compose(kind, language, FACTS).html
    assert not re.search(r"<(?:img|script|link|iframe|object|svg|form)\b|url\(|\bsrc=|@import", html, re.IGNORECASE)


@pytest.mark.parametrize("kind", Kind)
def test_what_people_typed_stays_text(kind: Kind) -> None:
    nasty = "<b>x</b>\r\nBcc: thief@example.org\r\n\r\n<script>"
    composed = compose(kind, "nb", FACTS | {"name": nasty, "title": nasty, "centre_name": nasty})
    assert "<b>" not in composed.html
    assert "<script>" not in composed.html
    assert len(composed.subject.splitlines()) == 1
    assert not any(line.startswith("Bcc:") for line in composed.text.splitlines())


def test_a_missing_fact_is_an_error() -> None:
    with pytest.raises(UndefinedError):
        compose(Kind.INVITATION, "nb", {"name": "Amina"})


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_warning_says_how_much_and_until_when_and_that_nothing_is_stopped(language: str) -> None:
    until = compose(Kind.USAGE_WARNING, language, FACTS)
    texts = {compose(Kind.USAGE_WARNING, language, FACTS | {"alarm": alarm}).text for alarm in ("low", "used_up")}
    assert len(texts | {until.text}) == 3
    for body in (until.text, until.html):
        figures = re.sub(r"[^0-9 ]", "", body.replace(",", "").replace("\N{NO-BREAK SPACE}", ""))
        assert {"4321", "5000", "6200", "27"} <= set(figures.split())
    lasts = compose(Kind.USAGE_WARNING, language, FACTS | {"lasts_until": None})
    assert len(lasts.text.splitlines()) == len(until.text.splitlines()) - 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_guide_reads_who_is_invited_or_that_nobody_is(language: str) -> None:
    briefing = compose(Kind.GUIDE_BRIEFING, language, FACTS)
    lines = [line for line in briefing.text.splitlines() if line.startswith("- ")]
    assert [line.split()[1] for line in lines] == ["Fatima", "Olha"]
    assert "العربية, Soomaali" in lines[0]
    assert lines[0].endswith("A2")
    assert briefing.html.count("<li>") == 2
    alone = compose(Kind.GUIDE_BRIEFING, language, FACTS | {"people": []})
    assert "Fatima" not in alone.text
    assert "<ul" not in alone.html


@given(name=st.text(max_size=40), kind=st.sampled_from([Kind.INVITATION, Kind.CANCELLATION, Kind.NEW_LINK]))
def test_each_reader_s_own_is_put_in_as_the_templates_would(name: str, kind: Kind) -> None:
    facts = FACTS | {"name": name, "link": one_line(f"https://sammen.example/l/{name}&<")}
    del facts["people"], facts["sessions"]
    assert compose(kind, "nb", facts) == service._render(kind, "nb", facts.items())
