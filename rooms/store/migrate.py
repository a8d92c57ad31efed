"""Bring a database to the newest revision. The caller hands in the records' metadata (`rooms.wiring`)."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from pydantic import SecretStr
from sqlalchemy import MetaData

from rooms.store.engine import make_engine

ROOT = Path(__file__).resolve().parents[2]


def config(url: SecretStr, metadata: MetaData) -> Config:
    """Alembic's configuration (from pyproject.toml) for one database."""
    alembic = Config(toml_file=str(ROOT / "pyproject.toml"))
    alembic.attributes["engine"] = make_engine(url, pool_size=1)
    alembic.attributes["metadata"] = metadata
    return alembic


def upgrade(url: SecretStr, metadata: MetaData) -> None:
    """Apply what is missing. Blocks; harmless when there is nothing to do, or when two processes do it at once."""
    command.upgrade(config(url, metadata), "head")
