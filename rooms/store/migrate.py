"""Bring a database to the newest revision. Run from the outermost layer: Alembic reads `rooms.wiring`."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from pydantic import SecretStr

from rooms.store.engine import make_engine

ROOT = Path(__file__).resolve().parents[2]


def config(url: SecretStr) -> Config:
    """Alembic's configuration (from pyproject.toml) for one database."""
    alembic = Config(toml_file=str(ROOT / "pyproject.toml"))
    alembic.attributes["engine"] = make_engine(url, pool_size=1)
    return alembic


def upgrade(url: SecretStr) -> None:
    """Apply what is missing. Blocks; harmless when there is nothing to do, or when two processes do it at once."""
    command.upgrade(config(url), "head")
