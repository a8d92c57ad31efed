"""Forms: a value or an error beside its field, and what was typed is kept."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import MultiDict

from rooms.web.forms import Form

OSLO = ZoneInfo("Europe/Oslo")


def moment(day: str, clock: str) -> tuple[datetime | None, dict[str, str]]:
    form = Form({"day": day, "clock": clock})
    return form.moment("day", "clock", OSLO), form.errors


@pytest.mark.parametrize(
    ("day", "clock", "utc"),
    [
        ("2026-07-01", "18:00", datetime(2026, 7, 1, 16, 0, tzinfo=UTC)),
        ("2026-11-23", "18:00", datetime(2026, 11, 23, 17, 0, tzinfo=UTC)),
        ("2026-11-23", "18:00:30.5", datetime(2026, 11, 23, 17, 0, tzinfo=UTC)),
    ],
)
def test_a_time_on_the_wall_is_a_moment(day: str, clock: str, utc: datetime) -> None:
    assert moment(day, clock) == (utc, {})


def test_the_night_of_29_march_2026_has_no_half_past_two() -> None:
    assert moment("2026-03-29", "02:30")[0] is None
    assert set(moment("2026-03-29", "02:30")[1]) == {"clock"}
    assert moment("2026-03-29", "01:59")[0] == datetime(2026, 3, 29, 0, 59, tzinfo=UTC)
    assert moment("2026-03-29", "03:00")[0] == datetime(2026, 3, 29, 1, 0, tzinfo=UTC)


def test_the_night_of_25_october_2026_has_half_past_two_twice_and_the_first_is_meant() -> None:
    found, errors = moment("2026-10-25", "02:30")
    assert found is not None
    assert found.astimezone(UTC) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert errors == {}


@given(st.text(max_size=20), st.text(max_size=20))
def test_whatever_is_typed_as_a_time_is_one_or_an_error(day: str, clock: str) -> None:
    found, errors = moment(day, clock)
    assert (found is None) == bool(errors)
    assert found is None or found.tzinfo is not None


@given(st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1)))  # noqa: DTZ001 - what a clock on the wall shows
def test_every_time_that_exists_is_shown_again_as_it_was_typed(wall: datetime) -> None:
    found, errors = moment(wall.date().isoformat(), wall.strftime("%H:%M"))
    if not errors:
        assert found is not None
        assert found.astimezone(UTC).astimezone(OSLO).strftime("%Y-%m-%d %H:%M") == wall.strftime("%Y-%m-%d %H:%M")


@pytest.mark.parametrize(("typed", "error"), [("", True), ("  ", True), ("x" * 201, True), (" Amina ", False)])
def test_text(typed: str, error: bool) -> None:
    form = Form({"name": typed})
    form.text("name")
    assert ("name" in form.errors) is error
    assert form.typed("name") == typed.strip()


def test_what_no_database_can_hold_is_left_out() -> None:
    assert Form({"name": "Ami\0na"}).text("name") == "Amina"


def test_what_may_be_left_empty() -> None:
    form = Form({})
    assert form.text("name", required=False) == ""
    assert form.choice("level", {"1": 1}, required=False) == ""
    assert form.errors == {}


@pytest.mark.parametrize(("typed", "error"), [("a", False), ("c", True), ("", True)])
def test_a_choice_is_one_of_the_known(typed: str, error: bool) -> None:
    form = Form({"one": typed})
    assert form.choice("one", frozenset({"a", "b"})) == ("" if error else typed)
    assert ("one" in form.errors) is error


@pytest.mark.parametrize(
    ("typed", "error"), [("5", False), ("0", True), ("121", True), ("x", True), ("", True), ("5.5", True)]
)
def test_a_number_is_whole_and_within_bounds(typed: str, error: bool) -> None:
    form = Form({"minutes": typed})
    form.number("minutes", least=5, most=120)
    assert ("minutes" in form.errors) is error


def test_the_first_error_of_a_field_stays() -> None:
    form = Form({"name": ""})
    form.text("name")
    first = form.errors["name"]
    form.fail("name", "something else")
    assert form.errors["name"] == first


def test_a_field_that_comes_several_times() -> None:
    posted = MultiDict([("person", "a"), ("person", "b"), ("other", "c")])
    assert Form(posted).chosen("person") == ["a", "b"]
    assert Form(posted).chosen("missing") == []
    assert Form({"person": "a"}).chosen("person") == ["a"]
