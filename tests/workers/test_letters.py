"""Whether a message still has to be sent, decided at the moment of sending."""

import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from config.clock import OSLO
from rooms.messages.records import Message
from rooms.messages.rules import REMINDERS, Kind, idempotency_key, reminder_version
from rooms.people.service.persons import Addressee
from rooms.schedule.rules.formats import Format
from rooms.schedule.service.invitations import Coming, SessionFacts
from workers.letters import Known, appointment_of, facts_of

NOW = datetime(2026, 11, 23, 17, tzinfo=UTC)
HOUR = timedelta(hours=1)
PERSON, CAUSE = uuid.uuid4(), uuid.uuid4()
AMINA = Addressee("Amina", "ar", "amina@post.example", "Klepp", "post@klepp.example", "+4751000000")
SESSION = SessionFacts(
    title="Språktrening",
    format=Format.PRACTICE,
    version=1,
    zone=OSLO,
    starts_at=NOW + HOUR,
    ends_at=NOW + 2 * HOUR,
    opens_at=NOW + HOUR - timedelta(minutes=10),
    cancelled=False,
    ended=False,
    centre_name="Klepp",
    centre_email="post@klepp.example",
    centre_phone="+4751000000",
)
CANCELLED = replace(SESSION, cancelled=True)


def message(kind: Kind) -> Message:
    return Message(id=uuid.uuid4(), kind=kind, cause_id=CAUSE, person_id=PERSON)


def known(session: SessionFacts | None = SESSION, *, needless: set[uuid.UUID] | None = None) -> Known:
    return Known(
        people={PERSON: AMINA},
        sessions={CAUSE: session} if session is not None else {},
        links={PERSON: "https://x.example/l/abc"},
        sign_ins={CAUSE: "https://x.example/sign-in/abc"},
        needless=needless or set(),
    )


def test_an_invitation_says_what_where_and_when() -> None:
    facts = facts_of(message(Kind.INVITATION), known(), NOW)
    assert facts == {
        "name": "Amina",
        "centre_name": "Klepp",
        "centre_phone": "+4751000000",
        "title": "Språktrening",
        "starts_at": SESSION.starts_at,
        "ends_at": SESSION.ends_at,
        "link": "https://x.example/l/abc",
    }


@pytest.mark.parametrize(
    ("session", "now"),
    [
        (None, NOW),
        (CANCELLED, NOW),
        (replace(SESSION, ended=True), NOW),
        (SESSION, SESSION.ends_at),
    ],
)
def test_nobody_is_invited_to_what_is_over(session: SessionFacts | None, now: datetime) -> None:
    assert facts_of(message(Kind.INVITATION), known(session), now) is None


def test_one_can_still_be_invited_while_it_goes_on() -> None:
    assert facts_of(message(Kind.INVITATION), known(), SESSION.ends_at - timedelta(minutes=1)) is not None


def reminder(kind: Kind, starts_at: datetime) -> Message:
    key = idempotency_key(kind, CAUSE, PERSON, reminder_version(starts_at))
    return Message(id=uuid.uuid4(), kind=kind, cause_id=CAUSE, person_id=PERSON, idempotency_key=key)


@pytest.mark.parametrize("kind", [Kind.REMINDER_DAY, Kind.REMINDER_HOUR, Kind.GUIDE_BRIEFING])
def test_a_reminder_carries_the_link_until_it_is_too_late(kind: Kind) -> None:
    end = SESSION.starts_at - (HOUR if kind is Kind.REMINDER_DAY else timedelta())
    there = known(replace(SESSION, opens_at=NOW - 2 * HOUR))
    facts = facts_of(reminder(kind, SESSION.starts_at), there, end - timedelta(seconds=1))
    assert facts is not None
    assert facts["link"] == "https://x.example/l/abc"
    assert facts_of(reminder(kind, SESSION.starts_at), there, end) is None


@pytest.mark.parametrize("kind", REMINDERS)
@pytest.mark.parametrize(
    "session", [CANCELLED, replace(SESSION, ended=True), replace(SESSION, starts_at=SESSION.starts_at + HOUR)]
)
def test_nobody_is_reminded_of_what_no_longer_holds(kind: Kind, session: SessionFacts) -> None:
    assert facts_of(reminder(kind, SESSION.starts_at), known(session), NOW - HOUR) is None


def test_a_guide_is_told_of_the_others_by_first_name_only() -> None:
    guide = Coming(PERSON, "Samira", ("ar",), 4)
    others = [Coming(uuid.uuid4(), "Amina", ("ar", "so"), 1), Coming(uuid.uuid4(), "Olha", (), None)]
    there = replace(known(), coming={CAUSE: [guide, *others]})
    facts = facts_of(reminder(Kind.GUIDE_BRIEFING, SESSION.starts_at), there, NOW)
    assert facts is not None
    assert facts["people"] == [
        {"name": "Amina", "languages": "العربية, Soomaali", "level": "A1"},
        {"name": "Olha", "languages": "", "level": ""},
    ]


def test_a_new_link_is_told_while_there_is_one() -> None:
    facts = facts_of(message(Kind.NEW_LINK), known(), NOW)
    assert facts is not None
    assert facts["link"] == "https://x.example/l/abc"
    assert facts_of(message(Kind.NEW_LINK), replace(known(), links={}), NOW) is None


@pytest.mark.parametrize("kind", [Kind.INVITATION, Kind.CHANGE, Kind.CANCELLATION])
def test_a_calendar_hears_of_a_meeting_and_its_changes(kind: Kind) -> None:
    appointment = appointment_of(message(kind), known(replace(SESSION, version=7)))
    assert appointment is not None
    assert (appointment.session_id, appointment.version) == (CAUSE, 7)
    assert (appointment.link is None) == (kind is Kind.CANCELLATION)


@pytest.mark.parametrize("kind", [*REMINDERS, Kind.NEW_LINK, Kind.SIGN_IN, Kind.USAGE_WARNING])
def test_a_calendar_hears_of_nothing_else(kind: Kind) -> None:
    assert appointment_of(message(kind), known()) is None


def test_a_cancellation_carries_no_link() -> None:
    facts = facts_of(message(Kind.CANCELLATION), known(CANCELLED), NOW)
    assert facts is not None
    assert "link" not in facts


def test_a_cancellation_is_for_those_who_were_invited() -> None:
    told = message(Kind.CANCELLATION)
    assert facts_of(told, known(CANCELLED, needless={told.id}), NOW) is None


@pytest.mark.parametrize(("session", "now"), [(SESSION, NOW), (CANCELLED, CANCELLED.ends_at)])
def test_a_cancellation_holds_while_it_is_one(session: SessionFacts, now: datetime) -> None:
    assert facts_of(message(Kind.CANCELLATION), known(session), now) is None


def test_a_sign_in_holds_while_its_link_opens_something() -> None:
    there = known()
    facts = facts_of(message(Kind.SIGN_IN), there, NOW)
    assert facts is not None
    assert facts["link"] == "https://x.example/sign-in/abc"
    assert facts_of(message(Kind.SIGN_IN), replace(there, sign_ins={}), NOW) is None


@pytest.mark.parametrize("kind", Kind)
def test_whoever_was_erased_gets_nothing(kind: Kind) -> None:
    assert facts_of(message(kind), replace(known(CANCELLED), people={}), NOW) is None


@pytest.mark.parametrize("kind", REMINDERS)
def test_whoever_said_meanwhile_that_they_cannot_come_is_not_reminded(kind: Kind) -> None:
    reminder = message(kind)
    reminder.idempotency_key = idempotency_key(kind, CAUSE, PERSON, reminder_version(SESSION.starts_at))
    soon = SESSION.starts_at - timedelta(minutes=90 if kind is Kind.REMINDER_DAY else 5)
    assert facts_of(reminder, known(), soon) is not None
    assert facts_of(reminder, replace(known(), absent={(CAUSE, PERSON)}), soon) is None
