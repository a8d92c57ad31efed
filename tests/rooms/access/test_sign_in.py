"""Signing in, in the database: asked, used once, counted, ended."""

import asyncio
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from rooms.access.records import SignIn
from rooms.access.rules.sign_ins import MOST_WRONG_CODES, Verdict, digits_of
from rooms.access.service.sign_in import (
    Outcome,
    ask,
    look,
    make_terminal_sign_in,
    sign_in_codes,
    sign_out,
    staff_language,
    use,
)
from rooms.audit.records import AuditEntry
from rooms.audit.rules import Event
from rooms.people.records.persons import Person
from rooms.people.rules.roles import StaffRole
from rooms.store.scope import AllCentres, OneCentre
from rooms.store.unit_of_work import Store, UnitOfWork
from tests.support.cast import Cast
from tests.support.factories import make_person

KEYS = {"k": "s" * 32}
ALL = AllCentres("a sign-in is found before its centre is known")
BROWSER = "the browser that asked"


async def ask_for(store: Store, email: str, now: datetime) -> dict[str, str]:
    """Ask; the e-mails that went into the outbox as person's name → code."""
    sent: list[SignIn] = []

    async def send(_work: UnitOfWork, sign_in: SignIn) -> None:
        sent.append(sign_in)

    async with store.work(ALL) as work:
        made = await ask(work, email, browser=BROWSER, keys=KEYS, send=send, now=now)
        assert made == sent
        codes = await sign_in_codes(work, [row.id for row in made], {"new": "n" * 32, **KEYS}, now)
        names = {
            row.id: await work.session.scalar(select(Person.name).where(Person.id == row.person_id)) for row in made
        }
    return {str(names[row_id]): code for row_id, code in codes.items()}


async def press(store: Store, code: str, now: datetime, *, browser: str | None = BROWSER, typed: str = "") -> Outcome:
    async with store.work(ALL) as work:
        return await use(work, code, browser=browser, typed=typed, keys=KEYS, now=now)


async def test_the_asking_browser_signs_in_once(store: Store, cast: Cast, now: datetime) -> None:
    codes = await ask_for(store, " Kari@Klepp.EXAMPLE".strip(), now)
    outcome = await press(store, codes["Kari"], now)
    assert outcome.staff is not None
    assert (outcome.staff.person_id, outcome.staff.centre_id) == (cast.coordinator.id, cast.klepp.id)
    assert (await press(store, codes["Kari"], now)).verdict is Verdict.GONE
    async with store.work(ALL) as work:
        events = (await work.session.scalars(select(AuditEntry.event).order_by(AuditEntry.event))).all()
        assert await sign_in_codes(work, [outcome.staff.sign_in_id], KEYS, now) == {}
    assert sorted(events) == sorted([Event.SIGN_IN_ASKED, Event.SIGNED_IN])


async def test_looking_changes_nothing(store: Store, cast: Cast, now: datetime) -> None:
    code = (await ask_for(store, "kari@klepp.example", now))["Kari"]
    async with store.work(ALL) as work:
        for browser, verdict in ((BROWSER, Verdict.OPEN), (None, Verdict.NEEDS_CODE), ("scanner", Verdict.NEEDS_CODE)):
            for _ in range(10):
                assert await look(work, code, browser=browser, keys=KEYS, now=now) is verdict
        row = (await work.session.scalars(select(SignIn))).one()
        assert (row.used_at, row.wrong_codes) == (None, 0)


async def test_of_many_presses_at_once_one_signs_in(store: Store, cast: Cast, now: datetime) -> None:
    code = (await ask_for(store, "kari@klepp.example", now))["Kari"]
    outcomes = await asyncio.gather(*(press(store, code, now) for _ in range(8)))
    assert sorted(o.verdict for o in outcomes) == sorted([Verdict.OPEN, *[Verdict.GONE] * 7])


async def test_a_thief_of_the_mail_has_five_guesses(store: Store, cast: Cast, now: datetime) -> None:
    code = (await ask_for(store, "kari@klepp.example", now))["Kari"]
    right = digits_of(KEYS["k"], BROWSER)
    wrong = f"{(int(right) + 1) % 10**6:06}"
    for left in range(MOST_WRONG_CODES - 1, -1, -1):
        outcome = await press(store, code, now, browser="thief", typed=wrong)
        assert outcome.verdict is (Verdict.WRONG_CODE if left else Verdict.GONE)
    assert (await press(store, code, now, browser="thief", typed=right)).verdict is Verdict.GONE
    assert (await press(store, code, now)).verdict is Verdict.GONE


async def test_guesses_at_the_same_moment_are_all_counted(store: Store, cast: Cast, now: datetime) -> None:
    code = (await ask_for(store, "kari@klepp.example", now))["Kari"]
    wrong = f"{(int(digits_of(KEYS['k'], BROWSER)) + 1) % 10**6:06}"
    outcomes = await asyncio.gather(*(press(store, code, now, browser="thief", typed=wrong) for _ in range(12)))
    assert [o.verdict for o in outcomes].count(Verdict.WRONG_CODE) == MOST_WRONG_CODES - 1


async def test_the_digits_let_in_another_browser(store: Store, cast: Cast, now: datetime) -> None:
    code = (await ask_for(store, "kari@klepp.example", now))["Kari"]
    assert (await press(store, code, now, browser=None)).verdict is Verdict.NEEDS_CODE
    typed = digits_of(KEYS["k"], BROWSER)
    assert (await press(store, code, now, browser=None, typed=f"{typed[:3]} {typed[3:]}")).verdict is Verdict.OPEN


async def test_staff_of_two_centres_get_a_link_for_each(store: Store, cast: Cast, now: datetime) -> None:
    async with store.work(ALL) as work:
        make_person(
            work, cast.kvam.id, now, name="Kari i Kvam", email="KARI@klepp.example", staff_role=StaffRole.COORDINATOR
        )
    codes = await ask_for(store, "kari@klepp.example", now)
    assert set(codes) == {"Kari", "Kari i Kvam"}
    outcome = await press(store, codes["Kari i Kvam"], now)
    assert outcome.staff is not None
    assert outcome.staff.centre_id == cast.kvam.id


async def test_others_get_nothing(store: Store, cast: Cast, now: datetime) -> None:
    async with store.work(ALL) as work:
        make_person(work, cast.klepp.id, now, email="gone@klepp.example", staff_role=StaffRole.COORDINATOR, left_at=now)
    for email in ("nobody@klepp.example", cast.amina.email or "", "gone@klepp.example", "%", "kari@klepp.exampl_"):
        assert await ask_for(store, email, now) == {}
    async with store.work(ALL) as work:
        assert await work.session.scalar(select(func.count()).select_from(SignIn)) == 0


async def test_too_late_is_too_late(store: Store, cast: Cast, now: datetime) -> None:
    code = (await ask_for(store, "kari@klepp.example", now))["Kari"]
    assert (await press(store, code, now + timedelta(minutes=15))).verdict is Verdict.GONE
    async with store.work(ALL) as work:
        ids = (await work.session.scalars(select(SignIn.id))).all()
        assert await sign_in_codes(work, ids, KEYS, now + timedelta(minutes=15)) == {}


@pytest.mark.parametrize("change", [{"staff_role": None}, {"left": True}])
async def test_whoever_is_no_longer_staff_is_out_at_once(
    store: Store, cast: Cast, now: datetime, change: dict[str, object]
) -> None:
    code = (await ask_for(store, "kari@klepp.example", now))["Kari"]
    later = (await ask_for(store, "kari@klepp.example", now))["Kari"]
    staff = (await press(store, code, now)).staff
    assert staff is not None
    async with store.work(OneCentre(cast.klepp.id)) as work:
        assert await staff_language(work, staff.sign_in_id, staff.person_id) == cast.coordinator.ui_language
        person = (await work.session.scalars(select(Person).where(Person.id == cast.coordinator.id))).one()
        if change.get("left"):
            person.left_at = now
        else:
            person.staff_role = None
        await work.session.flush()
        assert await staff_language(work, staff.sign_in_id, staff.person_id) is None
    assert (await press(store, later, now)).verdict is Verdict.GONE


async def test_signing_out_ends_it_for_every_copy_of_the_cookie(store: Store, cast: Cast, now: datetime) -> None:
    staff = (await press(store, (await ask_for(store, "kari@klepp.example", now))["Kari"], now)).staff
    assert staff is not None
    async with store.work(OneCentre(cast.klepp.id)) as work:
        await sign_out(work, staff.sign_in_id, person_id=staff.person_id, centre_id=staff.centre_id, now=now)
    async with store.work(OneCentre(cast.klepp.id)) as work:
        assert await staff_language(work, staff.sign_in_id, staff.person_id) is None


async def test_the_terminals_link_works_in_any_browser_once(store: Store, cast: Cast, now: datetime) -> None:
    async with store.work(ALL) as work:
        path = await make_terminal_sign_in(work, cast.coordinator.id, KEYS, now)
        with pytest.raises(LookupError):
            await make_terminal_sign_in(work, cast.amina.id, KEYS, now)
    code = path.removeprefix("/sign-in/")
    assert (await press(store, code, now, browser=None)).verdict is Verdict.OPEN
    assert (await press(store, code, now, browser=None)).verdict is Verdict.GONE


@pytest.mark.parametrize("text", ["asked", "0" * 16, "\x00" * 16, "🙂" * 16])
async def test_what_is_no_link_is_gone(store: Store, cast: Cast, now: datetime, text: str) -> None:
    assert (await press(store, text, now)).verdict is Verdict.GONE
    async with store.work(ALL) as work:
        assert await look(work, text, browser=None, keys=KEYS, now=now) is Verdict.GONE
