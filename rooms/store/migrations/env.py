"""Alembic's door: one transaction for all steps, one process at a time."""

import asyncio
from typing import Literal

from alembic import context
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine

from rooms.store.base import UtcDateTime

#: Any number will do, as long as nothing else of ours takes the same advisory lock.
_LOCK = 7_246_001


def _render(kind: str, item: object, _context: object) -> str | Literal[False]:
    """Migrations outlive our types: they say what the database has."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, UtcDateTime) else False


def _run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=context.config.attributes["metadata"],
        compare_server_default=True,
        render_item=_render,
    )
    with context.begin_transaction():
        connection.execute(text(f"select pg_advisory_xact_lock({_LOCK})"))
        context.run_migrations()


async def _migrate(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        await connection.run_sync(_run)
        await connection.commit()
    await engine.dispose()


asyncio.run(_migrate(context.config.attributes["engine"]))
