"""The same people in every test: two centres, and in each whoever might call."""

from dataclasses import dataclass
from datetime import datetime

from rooms.people.records.centres import Centre
from rooms.people.records.persons import Person
from rooms.people.rules.roles import StaffRole
from rooms.store.scope import AllCentres
from rooms.store.unit_of_work import Store
from tests.support.factories import make_centre, make_person


@dataclass(frozen=True)
class Cast:
    """Klepp is the centre of most tests; Kvam's people are the strangers who must see nothing of it."""

    klepp: Centre
    coordinator: Person
    guide: Person
    amina: Person
    yusuf: Person
    kvam: Centre
    kvam_coordinator: Person
    kvam_participant: Person


async def make_cast(store: Store, now: datetime) -> Cast:
    """Write them to an empty database."""
    async with store.work(AllCentres("tests make both centres")) as work:
        klepp = make_centre(work, now, name="Frivilligsentralen i Klepp", email="post@klepp.example")
        kvam = make_centre(work, now, name="Frivilligsentralen i Kvam", email="post@kvam.example")
        await work.session.flush()
        return Cast(
            klepp=klepp,
            coordinator=make_person(
                work,
                klepp.id,
                now,
                name="Kari",
                email="kari@klepp.example",
                staff_role=StaffRole.COORDINATOR,
                languages=[],
            ),
            guide=make_person(work, klepp.id, now, name="Samira", is_guide=True, norwegian_level=4),
            amina=make_person(work, klepp.id, now, name="Amina", ui_language="ar"),
            yusuf=make_person(work, klepp.id, now, name="Yusuf", languages=["so"], ui_language="en"),
            kvam=kvam,
            kvam_coordinator=make_person(
                work,
                kvam.id,
                now,
                name="Nils",
                email="nils@kvam.example",
                staff_role=StaffRole.COORDINATOR,
                languages=[],
            ),
            kvam_participant=make_person(work, kvam.id, now, name="Olena", languages=["uk"], ui_language="nn"),
        )
