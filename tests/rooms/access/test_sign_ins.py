"""What it takes to use a sign-in link, case by case."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rooms.access.rules.sign_ins import (
    LIFE,
    MOST_WRONG_CODES,
    OneTime,
    Verdict,
    digits_of,
    hash_browser,
    hash_digits,
    read_digits,
    verdict,
)

NOW = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)
SECRET, OTHER = "s" * 32, "t" * 32
DIGITS = digits_of(SECRET, "hers")
ASKED = OneTime(NOW + LIFE, None, 0, hash_browser("hers"), hash_digits(SECRET, DIGITS))


def judge(
    facts: OneTime,
    browser: str | None = None,
    typed: str = "",
    secrets: tuple[str, ...] = (SECRET,),
    now: datetime = NOW,
) -> Verdict:
    return verdict(facts, browser=browser, typed=typed, secrets=secrets, now=now)


def wrong_digits() -> str:
    return f"{(int(DIGITS) + 1) % 10**6:06}"


def test_the_asking_browser_needs_no_digits() -> None:
    assert judge(ASKED, "hers") is Verdict.OPEN


@pytest.mark.parametrize("browser", [None, "", "another"])
def test_any_other_browser_needs_them(browser: str | None) -> None:
    assert judge(ASKED, browser) is Verdict.NEEDS_CODE
    assert judge(ASKED, browser, wrong_digits()) is Verdict.WRONG_CODE
    assert judge(ASKED, browser, DIGITS) is Verdict.OPEN


def test_digits_made_before_a_key_was_added_still_count() -> None:
    assert judge(ASKED, None, DIGITS, (OTHER, SECRET)) is Verdict.OPEN
    assert judge(ASKED, None, DIGITS, (OTHER,)) is Verdict.WRONG_CODE


def test_the_terminals_link_needs_neither() -> None:
    assert judge(replace(ASKED, browser_hash=None, code_hash=None)) is Verdict.OPEN


@pytest.mark.parametrize(
    "gone",
    [
        replace(ASKED, used_at=NOW),
        replace(ASKED, expires_at=NOW),
        replace(ASKED, wrong_codes=MOST_WRONG_CODES),
        replace(ASKED, browser_hash=None, code_hash=None, used_at=NOW),
    ],
)
def test_gone_is_gone_for_everybody(gone: OneTime) -> None:
    for browser, typed in (("hers", ""), (None, DIGITS), (None, "")):
        assert judge(gone, browser, typed) is Verdict.GONE


def test_it_works_for_fifteen_minutes() -> None:
    assert judge(ASKED, "hers", now=NOW + timedelta(minutes=15) - timedelta(seconds=1)) is Verdict.OPEN
    assert judge(ASKED, "hers", now=NOW + timedelta(minutes=15)) is Verdict.GONE


@pytest.mark.parametrize("typed", ["٤٢٠ ٩٩٩", "420-999", " 420999 ", "۴۲۰۹۹۹"])
def test_digits_are_read_as_people_write_them(typed: str) -> None:
    assert read_digits(typed) == "420999"


@given(st.text(max_size=30), st.text(min_size=1, max_size=30))
def test_whatever_is_typed_gets_a_verdict(typed: str, browser: str) -> None:
    assert judge(ASKED, browser, typed) in {Verdict.OPEN, Verdict.NEEDS_CODE, Verdict.WRONG_CODE}


@given(st.text(min_size=1, max_size=40))
def test_digits_are_six_and_follow_from_browser_and_key(browser: str) -> None:
    digits = digits_of(SECRET, browser)
    assert len(digits) == 6
    assert digits.isdecimal()
    assert digits == digits_of(SECRET, browser)
    assert hash_digits(SECRET, digits) != hash_digits(OTHER, digits)
