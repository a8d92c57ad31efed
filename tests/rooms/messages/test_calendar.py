"""What a calendar reads in an e-mail, by a reader that shares no code with the writer."""

import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.clock import OSLO
from config.i18n import LANGUAGES
from rooms.messages.channels.calendar import Appointment, calendar_part
from rooms.messages.channels.mime import CalendarPart, Sender, build
from rooms.messages.rules import Composed
from tests.support.calendars import Component, read_calendar

NOW = datetime(2026, 11, 23, 17, tzinfo=UTC)
HOUR = timedelta(hours=1)
KLEPP = Sender("Frivilligsentralen i Klepp", "sammen@example.org", "post@klepp.example")
LINK = "https://sammen.example/l/0123456789abcdef"
SESSION = Appointment(uuid.uuid4(), 3, "Språktrening", NOW + HOUR, NOW + 2 * HOUR, OSLO, LINK)


def part(appointment: Appointment = SESSION, *, name: str = "Amina", language: str = "nb") -> CalendarPart:
    return calendar_part(
        appointment,
        "amina@post.example",
        name,
        KLEPP,
        language=language,
        public_url="https://sammen.example",
        now=NOW,
    )


def event(of: CalendarPart) -> Component:
    (found,) = read_calendar(of.text).all("VEVENT")
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_request_says_what_when_who_and_where(language: str) -> None:
    made = part(language=language)
    calendar = read_calendar(made.text)
    (found,) = calendar.all("VEVENT")
    assert made.method == calendar.line("METHOD").value == "REQUEST"
    assert calendar.line("VERSION").value == "2.0"
    assert found.line("UID").value == f"{SESSION.session_id}@sammen.example"
    assert found.line("SEQUENCE").value == "3"
    assert found.line("SUMMARY").text == "Språktrening"
    assert found.line("STATUS").value == "CONFIRMED"
    assert found.line("URL").value == LINK
    assert found.line("DESCRIPTION").text.splitlines()[1:] == [LINK]
    assert found.line("DTSTAMP").value == "20261123T170000Z"
    organizer, attendee = found.line("ORGANIZER"), found.line("ATTENDEE")
    assert (organizer.value, organizer.parameters["CN"]) == ("mailto:sammen@example.org", KLEPP.name)
    assert (attendee.value, attendee.parameters["CN"]) == ("mailto:amina@post.example", "Amina")
    assert found.moment("DTSTART", calendar) == SESSION.starts_at
    assert found.moment("DTEND", calendar) == SESSION.ends_at


def test_the_sentence_is_in_the_reader_s_language() -> None:
    sentences = {event(part(language=language)).line("DESCRIPTION").text.splitlines()[0] for language in LANGUAGES}
    assert len(sentences) == len(LANGUAGES)


def test_a_cancellation_takes_away_the_same_meeting_and_tells_no_link() -> None:
    made = part(replace(SESSION, link=None, version=4))
    found = event(made)
    assert made.method == read_calendar(made.text).line("METHOD").value == "CANCEL"
    assert found.line("UID").value == event(part()).line("UID").value
    assert int(found.line("SEQUENCE").value) > int(event(part()).line("SEQUENCE").value)
    assert found.line("STATUS").value == "CANCELLED"
    assert LINK not in made.text.replace("\r\n ", "")


@given(minutes=st.integers(0, 365 * 24 * 12), length=st.integers(1, 48))
def test_every_moment_of_2027_is_read_as_it_was_meant(minutes: int, length: int) -> None:
    """The hour that the autumn repeats is told apart by nothing but its offset, which a TZID cannot say: its first."""
    starts_at = datetime(2027, 1, 1, tzinfo=UTC) + minutes * timedelta(minutes=5)
    ends_at = starts_at + length * timedelta(minutes=10)
    calendar = read_calendar(part(replace(SESSION, starts_at=starts_at, ends_at=ends_at)).text)
    (found,) = calendar.all("VEVENT")
    for name, meant in (("DTSTART", starts_at), ("DTEND", ends_at)):
        if not meant.astimezone(OSLO).fold and not (meant + HOUR).astimezone(OSLO).fold:
            assert found.moment(name, calendar) == meant


@pytest.mark.parametrize(
    ("starts_at", "wall", "onsets"),
    [
        (datetime(2027, 3, 27, 17, tzinfo=UTC), "20270327T180000", ["20261025T030000"]),
        (datetime(2027, 3, 28, 16, tzinfo=UTC), "20270328T180000", ["20261025T030000", "20270328T020000"]),
        (datetime(2027, 10, 30, 16, tzinfo=UTC), "20271030T180000", []),
        (datetime(2027, 10, 31, 17, tzinfo=UTC), "20271031T180000", ["20271031T030000"]),
    ],
)
def test_the_clocks_change_when_they_do(starts_at: datetime, wall: str, onsets: list[str]) -> None:
    calendar = read_calendar(part(replace(SESSION, starts_at=starts_at, ends_at=starts_at + HOUR)).text)
    (found,) = calendar.all("VEVENT")
    (zone,) = calendar.all("VTIMEZONE")
    assert (found.line("DTSTART").value, found.line("DTSTART").parameters["TZID"]) == (wall, "Europe/Oslo")
    changes = [
        each.line("DTSTART").value
        for each in zone.parts
        if each.line("TZOFFSETFROM").value != each.line("TZOFFSETTO").value
    ]
    assert changes == onsets


@given(st.text(max_size=60))
def test_what_people_typed_stays_text(text: str) -> None:
    nasty = f'{text}\r\nMETHOD:CANCEL\r\nX;Y"=:,\\n{text}'
    made = part(replace(SESSION, title=nasty), name=nasty)
    calendar = read_calendar(made.text)
    assert calendar.line("METHOD").value == "REQUEST"
    assert event(made).line("SUMMARY").text == " ".join(event(made).line("SUMMARY").text.splitlines())
    assert event(made).line("ATTENDEE").value == "mailto:amina@post.example"


@pytest.mark.parametrize(("link", "method"), [(LINK, "REQUEST"), (None, "CANCEL")])
def test_it_is_the_last_part_of_the_e_mail(link: str | None, method: str) -> None:
    made = part(replace(SESSION, link=link))
    email = build(
        uuid.uuid4(), "amina@post.example", KLEPP, Composed("Hei", "Hei", "<p>Hei"), language="nb", now=NOW,
        calendar=made,
    )  # fmt: skip
    sent = message_from_bytes(email.raw, policy=policy.default)
    assert sent.get_content_type() == "multipart/alternative"
    *_, last = sent.iter_parts()
    assert [each.get_content_type() for each in sent.iter_parts()] == ["text/plain", "text/html", "text/calendar"]
    assert last.get_param("method") == method
    assert last.get_content_charset() == "utf-8"
    payload = last.get_payload(decode=True)
    assert isinstance(payload, bytes)
    assert payload.decode() == made.text
