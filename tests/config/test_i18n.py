"""Languages and formats: days and times as each reader knows them, on both nights of the clock change."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from babel.lists import format_list
from hypothesis import given
from hypothesis import strategies as st

from config import i18n
from config.clock import local, now

EVENING = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("nb", "mandag 23. november 18:00"),
        ("nn", "måndag 23. november 18:00"),
        ("en", "Monday 23 November 18:00"),
        ("ar", "الاثنين 23 نوفمبر 18:00"),
    ],
)
def test_a_moment_in_each_language(code: str, expected: str) -> None:
    assert i18n.day_and_time(EVENING, code) == expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("nb", ("november 2026", "12 345", "12 345,50 kr")),
        ("nn", ("november 2026", "12 345", "12 345,50 kr")),
        ("en", ("November 2026", "12,345", "12,345.50 NOK")),
        ("ar", ("نوفمبر 2026", "12,345", "12,345.50 NOK")),
    ],
)
def test_months_numbers_and_money(code: str, expected: tuple[str, str, str]) -> None:
    shown = (
        i18n.month(date(2026, 11, 1), code), i18n.number(12345, code), i18n.kroner(Decimal("12345.5"), code)
    )  # fmt: skip
    assert tuple(text.replace("\N{NO-BREAK SPACE}", " ") for text in shown) == expected


@pytest.mark.parametrize("code", i18n.LANGUAGES)
def test_digits_are_those_of_norwegian_clocks_everywhere(code: str) -> None:
    shown = i18n.day_and_time(EVENING, code)
    assert [letter for letter in shown if letter.isdecimal()] == list("231800")


@pytest.mark.parametrize("code", i18n.LANGUAGES)
@pytest.mark.parametrize(
    ("utc", "clock", "iso"),
    [
        (datetime(2026, 3, 29, 0, 59, tzinfo=UTC), "01:59", "2026-03-29T01:59+01:00"),
        (datetime(2026, 3, 29, 1, 0, tzinfo=UTC), "03:00", "2026-03-29T03:00+02:00"),
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "02:30", "2026-10-25T02:30+02:00"),
        (datetime(2026, 10, 25, 1, 30, tzinfo=UTC), "02:30", "2026-10-25T02:30+01:00"),
        (datetime(2026, 12, 31, 23, 30, tzinfo=UTC), "00:30", "2027-01-01T00:30+01:00"),
    ],
)
def test_the_clock_changes_with_oslo(code: str, utc: datetime, clock: str, iso: str) -> None:
    assert i18n.clock_time(utc, code) == clock
    assert i18n.iso_local(utc) == iso


def test_the_day_is_oslos_day() -> None:
    assert i18n.day(datetime(2026, 7, 31, 22, 30, tzinfo=UTC), "nb") == "lørdag 1. august"


def test_a_naive_time_is_refused() -> None:
    with pytest.raises(ValueError, match="without a zone"):
        local(datetime(2026, 11, 23, 18, 0))  # noqa: DTZ001 - the mistake itself


def test_now_is_in_utc() -> None:
    assert now().tzinfo is UTC


@pytest.mark.parametrize(
    ("wish", "code"),
    [("no", "nb"), ("nb-NO", "nb"), ("NN", "nn"), ("ar_EG", "ar"), ("so", None), ("", None), (None, None)],
)
def test_which_language_a_code_means(wish: str | None, code: str | None) -> None:
    assert i18n.known(wish) == code


@given(st.lists(st.none() | st.text(max_size=10), max_size=3), st.text(max_size=60))
def test_everybody_gets_a_language_that_there_is(wishes: list[str | None], accept: str) -> None:
    assert i18n.choose(*wishes, accept=accept) in i18n.LANGUAGES


def test_a_wish_comes_before_the_browser_and_the_first_wish_before_the_second() -> None:
    assert i18n.choose(None, "so", "nn", "ar", accept="en") == "nn"
    assert i18n.choose(accept="fr, en;q=0.4, ar;q=0.7") == "ar"


def test_a_text_is_translated_with_its_values_or_comes_back_in_english() -> None:
    assert i18n.gettext("nb", "Sign in") == "Logg inn"
    assert i18n.gettext("en", "Sign in") == "Sign in"
    assert i18n.gettext("nb", "Nobody has translated %(what)s", what="this") == "Nobody has translated this"


def test_arabic_runs_from_right_to_left_and_the_rest_does_not() -> None:
    assert {code for code, language in i18n.LANGUAGES.items() if language.direction == "rtl"} == {"ar"}


@pytest.mark.parametrize("code", list(i18n.LANGUAGES))
@pytest.mark.parametrize("count", range(6))
def test_names_are_listed_as_unicode_does(code: str, count: int) -> None:
    names = [f"N{number}" for number in range(count)]
    locale = {"nb": "nb_NO", "nn": "nn_NO", "en": "en_GB", "ar": "ar_EG"}[code]
    assert i18n.listed(names, code) == (format_list(names, locale=locale) if names else "")
