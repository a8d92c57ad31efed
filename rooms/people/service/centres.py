"""Centres: made on the server's terminal, read everywhere."""

import uuid
from datetime import datetime

from sqlalchemy import func, select

from rooms.people.records.centres import Centre
from rooms.people.rules.contact import email_address, phone_number
from rooms.store.unit_of_work import UnitOfWork


async def add_centre(work: UnitOfWork, *, name: str, email: str, phone: str, now: datetime) -> Centre:
    """A new centre. Needs a unit of work that sees all centres. Raises BadContact."""
    centre = Centre(
        id=uuid.uuid4(), name=name.strip(), email=email_address(email), phone=phone_number(phone), created_at=now
    )
    work.session.add(centre)
    await work.session.flush()
    return centre


async def centre_by_email(work: UnitOfWork, email: str) -> Centre | None:
    """The centre with this address, if there is one."""
    centre: Centre | None = await work.session.scalar(select(Centre).where(func.lower(Centre.email) == email.lower()))
    return centre


async def centre(work: UnitOfWork, centre_id: uuid.UUID) -> Centre:
    """A centre by its id. Raises LookupError."""
    found: Centre | None = await work.session.get(Centre, centre_id)
    if found is None:
        raise LookupError("no such centre")
    return found
