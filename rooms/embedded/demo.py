"""The demo of the embedded default: a centre, a coordinator, three participants, a session to walk into.

Harmless to run at every start: the centre is made once, and a session only when none is on or about to begin.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from config import clock
from config.settings import Settings
from rooms.access.service.links import codes_of, link_address
from rooms.access.service.sign_in import make_terminal_sign_in
from rooms.people.records.centres import Centre
from rooms.people.records.persons import Person
from rooms.people.rules.roles import StaffRole
from rooms.people.service.centres import add_centre, centre_by_email
from rooms.people.service.persons import PersonFacts, add_person, list_persons
from rooms.schedule.rules.formats import Format
from rooms.schedule.service.sessions import SessionPlan, plan_session
from rooms.seating.service.board import sessions_between
from rooms.store.opening import opened_store
from rooms.store.scope import AllCentres, OneCentre
from rooms.store.unit_of_work import Store, UnitOfWork

_EMAIL = "demo@sentral.example"
_STAFF = PersonFacts("Kari", "nb", email="kari@sentral.example", staff_role=StaffRole.COORDINATOR)
_PEOPLE = (
    PersonFacts("Samira", "nb", ("ar",), 4, "samira@post.example", is_guide=True),
    PersonFacts("Amina", "ar", ("ar",), 1, "amina@post.example"),
    PersonFacts("Yusuf", "en", ("so", "en"), 2, "yusuf@post.example"),
)


@dataclass(frozen=True, slots=True)
class Demo:
    """Where to go: a sign-in link, and each participant's name with their personal link. Secrets, all of them."""

    sign_in: str
    links: dict[str, str]


async def show_demo(settings: Settings) -> Demo:
    """Make what is missing, and say where to go."""
    async with opened_store(settings) as store:
        return await _show(store, settings, clock.now())


async def _show(store: Store, settings: Settings, now: datetime) -> Demo:
    async with store.work(AllCentres("the demo makes its centre")) as work:
        centre = await centre_by_email(work, _EMAIL) or await _make_centre(work, now)
    async with store.work(OneCentre(centre.id)) as work:
        people = {person.name: person for person in await list_persons(work)}
        kari = people.pop(_STAFF.name)
        guests = [people[facts.name] for facts in _PEOPLE if facts.name in people]
        await _have_a_session(work, kari, guests, now)
        path = await make_terminal_sign_in(work, kari.id, settings.key_ring, now)
        codes = await codes_of(work, [guest.id for guest in guests], settings.key_ring, now)
    return Demo(
        sign_in=settings.public_url + path,
        links={guest.name: link_address(settings.public_url, codes[guest.id]) for guest in guests},
    )


async def _make_centre(work: UnitOfWork, now: datetime) -> Centre:
    centre = await add_centre(work, name="Frivilligsentralen (demo)", email=_EMAIL, phone="51 00 00 00", now=now)
    for facts in (_STAFF, *_PEOPLE):
        await add_person(work, facts, centre_id=centre.id, actor_id=None, now=now)
    return centre


async def _have_a_session(work: UnitOfWork, kari: Person, guests: list[Person], now: datetime) -> None:
    """One that is open now, so that a link leads into a room at once."""
    for counts in await sessions_between(work, now, now + timedelta(minutes=1), now):
        session = counts.session
        if session.cancelled_at is None and session.ended_at is None and session.opens_at <= now < session.ends_at:
            return
    plan = SessionPlan(
        title="Språktrening",
        format=Format.PRACTICE,
        starts_at=now + timedelta(minutes=5),
        ends_at=now + timedelta(minutes=125),
        person_ids=[guest.id for guest in guests],
    )
    await plan_session(work, plan, centre_id=kari.centre_id, actor_id=kari.id, now=now)


def as_text(demo: Demo) -> str:
    """What the person at the terminal reads."""
    lines = ["", "Where to go:", f"  coordinator  {demo.sign_in}"]
    lines += [f"  {name.lower():<11}  {link}" for name, link in demo.links.items()]
    return "\n".join(lines)
