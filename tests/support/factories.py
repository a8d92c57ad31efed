"""Rows for tests: valid as they come, anything can be said otherwise."""

import itertools
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from rooms.people.records.centres import Centre
from rooms.people.records.persons import Person
from rooms.schedule.records import Invitation, Session
from rooms.schedule.rules.formats import Format
from rooms.store.unit_of_work import UnitOfWork

_numbers = itertools.count(1)


def make_centre(work: UnitOfWork, now: datetime, **facts: Any) -> Centre:
    """A volunteer centre, added to the unit of work (which has to see all centres)."""
    number = next(_numbers)
    centre = Centre(
        **{
            "id": uuid.uuid4(),
            "name": f"Frivilligsentralen nr. {number}",
            "email": f"post{number}@sentral.example",
            "phone": "+4751000000",
            "created_at": now,
        }
        | facts
    )
    work.session.add(centre)
    return centre


def make_person(work: UnitOfWork, centre_id: uuid.UUID, now: datetime, **facts: Any) -> Person:
    """A participant who speaks Arabic and reads bokmål, unless told otherwise."""
    number = next(_numbers)
    person = Person(
        **{
            "id": uuid.uuid4(),
            "centre_id": centre_id,
            "name": f"Person {number}",
            "languages": ["ar"],
            "norwegian_level": 2,
            "email": f"person{number}@post.example",
            "ui_language": "nb",
            "created_at": now,
        }
        | facts
    )
    work.session.add(person)
    return person


async def make_session(
    work: UnitOfWork, centre_id: uuid.UUID, now: datetime, *, invited: Sequence[Person] = (), **facts: Any
) -> Session:
    """A practice that starts in an hour and lasts one, with people invited. No message is written."""
    session = Session(
        **{
            "id": uuid.uuid4(),
            "centre_id": centre_id,
            "title": "Språktrening",
            "format": Format.PRACTICE,
            "starts_at": now + timedelta(hours=1),
            "ends_at": now + timedelta(hours=2),
            "created_at": now,
        }
        | facts
    )
    work.session.add(session)
    await work.session.flush()
    for person in invited:
        work.session.add(
            Invitation(id=uuid.uuid4(), centre_id=centre_id, session_id=session.id, person_id=person.id, invited_at=now)
        )
    return session
