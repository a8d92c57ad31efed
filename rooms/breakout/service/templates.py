"""Agendas that a centre keeps under a name."""

import uuid
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from rooms.breakout.records import BreakoutTemplate
from rooms.breakout.service.plans import Agenda
from rooms.store.unit_of_work import UnitOfWork


async def list_templates(work: UnitOfWork) -> list[BreakoutTemplate]:
    """The centre's templates, by name."""
    return list(await work.session.scalars(select(BreakoutTemplate).order_by(BreakoutTemplate.name)))


async def save_template(work: UnitOfWork, name: str, agenda: Agenda, *, centre_id: uuid.UUID, now: datetime) -> None:
    """Keep an agenda under a name; one of the same name is replaced."""
    values = {field: getattr(agenda, field) for field in Agenda.__dataclass_fields__}
    await work.session.execute(
        insert(BreakoutTemplate)
        .values(id=uuid.uuid4(), centre_id=centre_id, name=name, created_at=now, **values)
        .on_conflict_do_update(index_elements=["centre_id", "name"], set_=values)
    )


async def forget_template(work: UnitOfWork, template_id: uuid.UUID) -> None:
    """Nothing for one that is gone already."""
    await work.session.execute(delete(BreakoutTemplate).where(BreakoutTemplate.id == template_id))
