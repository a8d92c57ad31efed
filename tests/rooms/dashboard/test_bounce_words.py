"""Why mail came back, in words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rooms.dashboard.views.words import message_error


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ("5.1.1", "no such address"),
        ("5.2.2", "mailbox is full"),
        ("5.2.1", "takes no mail"),
        ("4.4.7", "could not be reached"),
        ("5.7.26", "does not want mail from us"),
        ("5.0.0", "came back"),
        ("550", "refuses the address"),
        ("421", "could not be sent"),
    ],
)
def test_a_code_in_words(error: str, words: str) -> None:
    assert words in message_error(error)


@given(st.from_regex(r"[245]\.[0-9]{1,3}\.[0-9]{1,3}", fullmatch=True))
def test_every_report_is_told_from_an_answer(error: str) -> None:
    assert message_error(error).startswith("The e-mail came back")
