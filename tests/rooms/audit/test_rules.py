"""Areas and places of the log."""

import uuid
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rooms.audit.rules import Area, Event, Place, area_of, place_from

moments = st.datetimes(datetime(2000, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - bounds


def test_every_event_has_an_area_and_every_area_an_event() -> None:
    assert {area_of(event) for event in Event} == set(Area)


@given(moments, st.uuids())
def test_a_place_is_read_as_it_was_written(at: datetime, entry_id: uuid.UUID) -> None:
    assert place_from(str(Place(at, entry_id))) == Place(at, entry_id)


@given(st.text() | st.from_regex(r"[0-9]{1,30}_[0-9a-f-]{36}", fullmatch=True))
def test_what_is_no_place_is_refused_in_one_way(text: str) -> None:
    try:
        place = place_from(text)
    except ValueError:
        return
    assert isinstance(place, Place)


@pytest.mark.parametrize("text", ["", "1", "99999999999999999_" + "0" * 36, "٣_" + "0" * 36, "1_" + "-" * 36])
def test_these_are_no_places(text: str) -> None:
    with pytest.raises(ValueError, match=r"place|hexadecimal"):
        place_from(text)
