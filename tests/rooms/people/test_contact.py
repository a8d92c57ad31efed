"""Ways to reach people are written one way only, whatever was typed."""

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rooms.people.rules.contact import BadContact, email_address, phone_number


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("51 00 00 00", "+4751000000"),
        (" 912 34 567 ", "+4791234567"),
        ("004791234567", "+4791234567"),
        ("+47 912 34 567", "+4791234567"),
        ("+46 70 123 45 67", "+46701234567"),
        ("+380 50 123 4567", "+380501234567"),
    ],
)
def test_a_number_without_a_country_code_is_norwegian(typed: str, stored: str) -> None:
    assert phone_number(typed) == stored


@pytest.mark.parametrize("typed", ["", "hei", "123", "+", "+47", "1" * 40, "+4791234567891234"])
def test_what_reaches_nobody_is_refused(typed: str) -> None:
    with pytest.raises(BadContact):
        phone_number(typed)


_regions = st.sampled_from(["NO", "SE", "UA", "SY", "SO", "ER", "PL", "US"])


@given(region=_regions, spread=st.lists(st.sampled_from(["", " ", "-", "  "]), min_size=20, max_size=20))
def test_however_a_number_is_spaced_it_is_the_same_number(region: str, spread: list[str]) -> None:
    example = phonenumbers.example_number_for_type(region, phonenumbers.PhoneNumberType.MOBILE)
    assert example is not None
    plain = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)
    spaced = "+" + "".join(digit + gap for digit, gap in zip(plain[1:], spread, strict=False))
    assert phone_number(spaced) == plain
    assert phone_number(phone_number(spaced)) == plain


@given(st.text(max_size=40))
def test_any_text_is_a_number_in_its_one_form_or_refused(typed: str) -> None:
    try:
        found = phone_number(typed)
    except BadContact:
        return
    assert found.startswith("+")
    assert found[1:].isdigit()
    assert phone_number(found) == found


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        (" kari@klepp.example ", "kari@klepp.example"),
        ("Kari@KLEPP.example", "Kari@klepp.example"),
        ("kari+sammen@bø.example", "kari+sammen@bø.example"),
    ],
)
def test_an_address_in_its_normal_form(typed: str, stored: str) -> None:
    assert email_address(typed) == stored


@pytest.mark.parametrize(
    "typed",
    ["", "kari", "@klepp.example", "kari@", "kari@klepp", "a b@klepp.example", "kari@x.example\nBcc: y", "ø@x.no"],
)
def test_what_no_mail_reaches_is_refused(typed: str) -> None:
    with pytest.raises(BadContact):
        email_address(typed)


@given(st.emails())
def test_an_address_in_its_normal_form_stays(typed: str) -> None:
    try:
        found = email_address(typed)
    except BadContact:
        return
    assert email_address(found) == found


@given(st.text(max_size=80))
def test_any_text_is_an_address_of_one_line_or_refused(typed: str) -> None:
    try:
        found = email_address(typed)
    except BadContact:
        return
    assert found.count("@") == 1
    assert not any(letter.isspace() for letter in found)
