"""Coordinators sign in by a one-time e-mail link; no password.

`access` lies below `messages`, so the caller hands in how to put a message into the outbox (`send`): sign-in and
message are one transaction, and no worker has to scan for sign-ins without one.
"""

import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select

from rooms.access.records import SignIn
from rooms.access.rules.codes import Purpose, hash_code, make_code, read_code
from rooms.access.rules.sign_ins import (
    LIFE,
    MOST_WRONG_CODES,
    OneTime,
    Verdict,
    digits_of,
    hash_browser,
    hash_digits,
    verdict,
)
from rooms.audit import service as audit
from rooms.audit.rules import Event
from rooms.people.records.persons import Person
from rooms.store.unit_of_work import UnitOfWork

Send = Callable[[UnitOfWork, SignIn], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Staff:
    """Somebody who has signed in."""

    sign_in_id: uuid.UUID
    person_id: uuid.UUID
    centre_id: uuid.UUID
    language: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What using a link led to; `staff` when the verdict is open and the link was consumed."""

    verdict: Verdict
    staff: Staff | None = None


async def ask(
    work: UnitOfWork, email: str, *, browser: str, keys: Mapping[str, str], send: Send, now: datetime
) -> list[SignIn]:
    """Make a sign-in for each centre in which this address belongs to staff, and send its link; none for others.

    `browser`: the random cookie of the browser that asked. Takes longer for a known address: call it when the answer
    has been given. Needs a unit of work that sees all centres.
    """
    secret = next(iter(keys.values()))
    persons = await work.session.scalars(
        select(Person).where(
            func.lower(Person.email) == email.lower(), Person.staff_role.is_not(None), Person.left_at.is_(None)
        )
    )
    made = []
    for person in persons.all():
        sign_in, _code = _new(person, keys, now)
        sign_in.browser_hash = hash_browser(browser)
        sign_in.code_hash = hash_digits(secret, digits_of(secret, browser))
        work.session.add(sign_in)
        await work.session.flush()
        await send(work, sign_in)
        audit.record(
            work,
            Event.SIGN_IN_ASKED,
            centre_id=person.centre_id,
            now=now,
            actor_id=None,
            person_id=person.id,
        )
        made.append(sign_in)
    return made


async def make_terminal_sign_in(work: UnitOfWork, person_id: uuid.UUID, keys: Mapping[str, str], now: datetime) -> str:
    """The path of a one-time link for whoever sits at the server's terminal: any browser, no digits.

    Raises LookupError when there is no such person on a staff.
    """
    person = await work.session.scalar(
        select(Person).where(Person.id == person_id, Person.staff_role.is_not(None), Person.left_at.is_(None))
    )
    if person is None:
        raise LookupError("no such person on a staff")
    sign_in, code = _new(person, keys, now)
    work.session.add(sign_in)
    audit.record(work, Event.SIGN_IN_ASKED, centre_id=person.centre_id, now=now, actor_id=None, person_id=person.id)
    return sign_in_path(code)


def sign_in_path(code: str) -> str:
    """Where a sign-in's code leads, without the host."""
    return f"/sign-in/{code}"


async def sign_in_codes(
    work: UnitOfWork, ids: Sequence[uuid.UUID], keys: Mapping[str, str], now: datetime
) -> dict[uuid.UUID, str]:
    """The codes of those sign-ins that still open something, for the worker that writes the e-mails."""
    rows = await work.session.execute(
        select(SignIn.id, SignIn.token_hash).where(
            SignIn.id.in_(ids), SignIn.used_at.is_(None), SignIn.expires_at > now
        )
    )
    codes = {}
    for sign_in_id, token_hash in rows:
        for secret in keys.values():
            code = make_code(Purpose.SIGN_IN, secret, sign_in_id)
            if hash_code(code) == token_hash:
                codes[sign_in_id] = code
    return codes


async def look(work: UnitOfWork, text: str, *, browser: str | None, keys: Mapping[str, str], now: datetime) -> Verdict:
    """What the link `/sign-in/{text}` asks of this browser. Changes nothing, so previews may fetch it."""
    code = read_code(text)
    sign_in = await work.session.scalar(select(SignIn).where(SignIn.token_hash == hash_code(code))) if code else None
    if sign_in is None:
        return Verdict.GONE
    return verdict(_facts(sign_in), browser=browser, typed="", secrets=keys.values(), now=now)


async def use(
    work: UnitOfWork, text: str, *, browser: str | None, typed: str, keys: Mapping[str, str], now: datetime
) -> Outcome:
    """Consume a link, or count a wrong code. Of two tries at the same moment one waits for the other.

    Needs a unit of work that sees all centres.
    """
    code = read_code(text)
    if code is None:
        return Outcome(Verdict.GONE)
    found = (
        await work.session.execute(
            select(SignIn, Person)
            .join(Person, Person.id == SignIn.person_id)
            .where(SignIn.token_hash == hash_code(code), Person.staff_role.is_not(None), Person.left_at.is_(None))
            .with_for_update(of=SignIn)
        )
    ).one_or_none()
    if found is None:
        return Outcome(Verdict.GONE)
    sign_in, person = found
    answer = verdict(_facts(sign_in), browser=browser, typed=typed, secrets=keys.values(), now=now)
    if answer is Verdict.WRONG_CODE:
        sign_in.wrong_codes += 1
        answer = Verdict.WRONG_CODE if sign_in.wrong_codes < MOST_WRONG_CODES else Verdict.GONE
    if answer is not Verdict.OPEN:
        return Outcome(answer)
    sign_in.used_at = now
    audit.record(work, Event.SIGNED_IN, centre_id=person.centre_id, now=now, actor_id=person.id, person_id=person.id)
    return Outcome(answer, Staff(sign_in.id, person.id, person.centre_id, person.ui_language))


async def staff_language(work: UnitOfWork, sign_in_id: uuid.UUID, person_id: uuid.UUID) -> str | None:
    """The UI language of somebody who is signed in; None when they signed out, left, or are no staff any more."""
    language: str | None = await work.session.scalar(
        select(Person.ui_language)
        .join(SignIn, SignIn.person_id == Person.id)
        .where(
            SignIn.id == sign_in_id,
            Person.id == person_id,
            Person.staff_role.is_not(None),
            Person.left_at.is_(None),
        )
    )
    return language


async def sign_out(
    work: UnitOfWork, sign_in_id: uuid.UUID, *, person_id: uuid.UUID, centre_id: uuid.UUID, now: datetime
) -> None:
    """End a sign-in: without its row no copy of its cookie opens anything."""
    await work.session.execute(delete(SignIn).where(SignIn.id == sign_in_id, SignIn.person_id == person_id))
    audit.record(work, Event.SIGNED_OUT, centre_id=centre_id, now=now, actor_id=person_id, person_id=person_id)


def _new(person: Person, keys: Mapping[str, str], now: datetime) -> tuple[SignIn, str]:
    sign_in_id = uuid.uuid4()
    code = make_code(Purpose.SIGN_IN, next(iter(keys.values())), sign_in_id)
    sign_in = SignIn(
        id=sign_in_id,
        centre_id=person.centre_id,
        person_id=person.id,
        token_hash=hash_code(code),
        made_at=now,
        expires_at=now + LIFE,
    )
    return sign_in, code


def _facts(sign_in: SignIn) -> OneTime:
    return OneTime(sign_in.expires_at, sign_in.used_at, sign_in.wrong_codes, sign_in.browser_hash, sign_in.code_hash)
