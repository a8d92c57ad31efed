"""Retries that spread and end, and texts that cannot say more than they should."""

import unicodedata
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rooms.messages.rules import MOST_ATTEMPTS, Kind, idempotency_key, mail_address, next_try, one_line

NOW = datetime(2026, 11, 23, 17, tzinfo=UTC)
luck = st.floats(0, 1, exclude_max=True)


@given(attempts=st.integers(1, MOST_ATTEMPTS - 1), luck=luck)
def test_a_pause_doubles_within_bounds(attempts: int, luck: float) -> None:
    again = next_try(attempts, NOW, luck)
    assert again is not None
    plain = min(timedelta(seconds=30 * 2 ** (attempts - 1)), timedelta(hours=2))
    assert plain * 0.75 <= again - NOW <= plain * 1.25


@given(luck=luck)
def test_trying_ends_within_a_night(luck: float) -> None:
    moment, attempts = NOW, 1
    while (again := next_try(attempts, moment, luck)) is not None:
        moment, attempts = again, attempts + 1
    assert attempts == MOST_ATTEMPTS
    assert timedelta(hours=3) < moment - NOW < timedelta(hours=12)


@given(first=luck, second=luck)
def test_luck_spreads_the_tries(first: float, second: float) -> None:
    one, other = next_try(3, NOW, first), next_try(3, NOW, second)
    assert one is not None
    assert other is not None
    assert (one < other) == (first < second) or abs(first - second) < 1e-6


def test_a_key_tells_causes_people_and_versions_apart() -> None:
    cause, person = uuid.uuid4(), uuid.uuid4()
    keys = {
        idempotency_key(Kind.INVITATION, cause, person),
        idempotency_key(Kind.INVITATION, cause, person, version=2),
        idempotency_key(Kind.CANCELLATION, cause, person),
        idempotency_key(Kind.INVITATION, person, cause),
    }
    assert len(keys) == 4
    assert idempotency_key(Kind.INVITATION, cause, person) in keys


@given(st.text())
def test_one_line_is_one_line(text: str) -> None:
    line = one_line(text)
    assert len(line.splitlines()) <= 1
    assert not any(unicodedata.category(letter) == "Cc" for letter in line)
    assert one_line(line) == line


def test_one_line_keeps_words() -> None:
    assert one_line("  Språk\r\n trening\t\u202eمرحبا ") == "Språk trening مرحبا"


@given(st.text())
def test_an_address_says_nothing_else(text: str) -> None:
    try:
        address = mail_address(text)
    except ValueError:
        return
    assert address.isascii()
    assert not set(address) & set(' \t\r\n<>()[],;:"\\')
    assert address.count("@") == 1


@pytest.mark.parametrize(
    ("given_", "sent"),
    [("amina@example.org", "amina@example.org"), ("ola+x@blåbær.example", "ola+x@xn--blbr-roah.example")],
)
def test_a_domain_is_written_in_ascii(given_: str, sent: str) -> None:
    assert mail_address(given_) == sent


@pytest.mark.parametrize("text", ["", "amina", "a@b@c", "a@x\r\nRCPT TO:<b@c>", "a b@c", "<a@b>", "a@..", "å@b.no"])
def test_what_is_no_address(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        mail_address(text)
