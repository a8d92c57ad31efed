"""Migrations and records say the same, from nothing, back to nothing, and from two processes at once."""

import asyncio
import sys
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest
from alembic import command
from pydantic import SecretStr
from sqlalchemy import inspect

from rooms.store.engine import make_engine
from rooms.store.migrate import config, upgrade
from rooms.wiring import METADATA

_VERSION = "alembic_version"


@pytest.fixture
async def fresh(database_url: SecretStr) -> AsyncIterator[SecretStr]:
    """A database without anything in it, on the run's PostgreSQL."""
    name = f"migrations_{uuid.uuid4().hex[:12]}"
    address = database_url.get_secret_value()
    server = await asyncpg.connect(address)
    try:
        await server.execute(f"create database {name}")
        yield SecretStr(urlunsplit(urlsplit(address)._replace(path=f"/{name}")))
        await server.execute(f"drop database {name} with (force)")
    finally:
        await server.close()


async def tables_of(url: SecretStr) -> set[str]:
    engine = make_engine(url, pool_size=1)
    try:
        async with engine.connect() as connection:
            return set(await connection.run_sync(lambda sync: inspect(sync).get_table_names()))
    finally:
        await engine.dispose()


async def test_migrations_make_what_the_records_say(fresh: SecretStr) -> None:
    await asyncio.to_thread(upgrade, fresh, METADATA)
    assert await tables_of(fresh) - {_VERSION} == set(METADATA.tables)
    await asyncio.to_thread(
        command.check, config(fresh, METADATA)
    )  # raises when a new migration would have something to do


async def test_down_to_nothing_and_up_again(fresh: SecretStr) -> None:
    await asyncio.to_thread(upgrade, fresh, METADATA)
    await asyncio.to_thread(command.downgrade, config(fresh, METADATA), "base")
    assert await tables_of(fresh) == {_VERSION}
    await asyncio.to_thread(upgrade, fresh, METADATA)
    await asyncio.to_thread(upgrade, fresh, METADATA)  # nothing to do
    await asyncio.to_thread(command.check, config(fresh, METADATA))


async def test_two_processes_may_start_at_once(fresh: SecretStr, repository: Path) -> None:
    program = "import sys; from pydantic import SecretStr; from rooms.store.migrate import upgrade; "
    program += "from rooms.wiring import METADATA; "
    program += "upgrade(SecretStr(sys.argv[1]), METADATA)"
    arguments = [sys.executable, "-c", program, fresh.get_secret_value()]
    both = [await asyncio.create_subprocess_exec(*arguments, cwd=repository) for _ in range(2)]
    assert [await process.wait() for process in both] == [0, 0]
    assert await tables_of(fresh) - {_VERSION} == set(METADATA.tables)
