"""A centre's first coordinator, made at the server's terminal: nobody else could let one in."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from rooms.access.service.sign_in import make_terminal_sign_in
from rooms.people.records.persons import Person
from rooms.people.rules.contact import email_address
from rooms.people.rules.roles import StaffRole
from rooms.people.service.centres import add_centre, centre_by_email
from rooms.people.service.persons import PersonFacts, add_person
from rooms.store.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class NewCoordinator:
    """What the terminal was told. `centre_phone` is what people who need help call."""

    centre_name: str
    centre_email: str
    centre_phone: str
    name: str
    email: str


async def invite_coordinator(work: UnitOfWork, asked: NewCoordinator, keys: dict[str, str], now: datetime) -> str:
    """Make the centre and the coordinator unless they are there; the path of a sign-in link for them.

    Needs a unit of work that sees all centres. Raises BadContact.
    """
    centre = await centre_by_email(work, asked.centre_email) or await add_centre(
        work, name=asked.centre_name, email=asked.centre_email, phone=asked.centre_phone, now=now
    )
    email = email_address(asked.email)
    person = await work.session.scalar(
        select(Person).where(
            Person.centre_id == centre.id, func.lower(Person.email) == email.lower(), Person.staff_role.is_not(None)
        )
    )
    if person is None:
        facts = PersonFacts(asked.name, "nb", email=email, staff_role=StaffRole.COORDINATOR)
        person = await add_person(work, facts, centre_id=centre.id, actor_id=None, now=now)
    return await make_terminal_sign_in(work, person.id, keys, now)
