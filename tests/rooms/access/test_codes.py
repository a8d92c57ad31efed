"""Codes of links and sign-ins."""

import uuid

from hypothesis import given
from hypothesis import strategies as st

from rooms.access.rules.codes import Purpose, hash_code, make_code, read_code

SECRET = "s" * 32


@given(st.uuids(), st.sampled_from(Purpose))
def test_a_code_is_read_as_it_was_made_however_it_is_typed(row_id: uuid.UUID, purpose: Purpose) -> None:
    code = make_code(purpose, SECRET, row_id)
    spoken = "-".join(code[place : place + 4] for place in range(0, 16, 4)).upper().replace("0", "O").replace("1", "I")
    assert code == make_code(purpose, SECRET, row_id) == read_code(code) == read_code(f" {spoken} ")


@given(st.uuids(), st.uuids())
def test_another_row_purpose_or_key_gives_another_code(one: uuid.UUID, other: uuid.UUID) -> None:
    codes = {
        make_code(purpose, secret, row_id)
        for purpose in Purpose
        for secret in (SECRET, "t" * 32)
        for row_id in {one, other}
    }
    assert len(codes) == 2 * len(Purpose) * len({one, other})


@given(st.text(max_size=40))
def test_whatever_is_typed_is_a_code_or_none(text: str) -> None:
    code = read_code(text)
    assert code is None or (len(code) == 16 and read_code(code) == code)


def test_what_is_stored_does_not_show_the_code() -> None:
    code = make_code(Purpose.LINK, SECRET, uuid.UUID(int=7))
    assert code.encode() not in hash_code(code)
    assert len(hash_code(code)) == 32
