"""Engine and session factory: one of each per process (per event loop), with bounded pools."""

from pydantic import SecretStr
from sqlalchemy import URL, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

#: Seconds. Nothing in a request or task may wait longer on a statement; a page is worthless by then.
STATEMENT_TIMEOUT = 15


def async_url(url: SecretStr) -> URL:
    """`postgresql://…` as SQLAlchemy wants it for asyncpg; `?host=/folder` (a Unix socket) is kept."""
    return make_url(url.get_secret_value()).set(drivername="postgresql+asyncpg")


def make_engine(url: SecretStr, *, pool_size: int = 10, max_overflow: int = 10) -> AsyncEngine:
    """An engine for one event loop. Dispose of it on that loop."""
    return create_async_engine(
        async_url(url),
        pool_size=pool_size,
        max_overflow=max_overflow,
        pool_timeout=5,
        pool_pre_ping=True,
        hide_parameters=True,  # an error's text goes to the log, and parameters are people's names
        connect_args={
            "timeout": 5,
            "command_timeout": STATEMENT_TIMEOUT,
            "server_settings": {
                "application_name": "sammen",
                "timezone": "UTC",
                "idle_in_transaction_session_timeout": "30000",
            },
        },
    )
