"""Worker and beat as processes of their own, as they run in earnest."""

import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from config.settings import Settings
from config.settings.embedded import ROOT
from rooms.embedded import processes
from rooms.embedded.processes import Child


def environment_of(settings: Settings) -> dict[str, str]:
    """The variables that make these settings."""
    return {
        **os.environ,
        "DATABASE_URL": settings.database_url.get_secret_value(),
        "REDIS_URL": settings.redis_url.get_secret_value(),
        "SMTP_URL": settings.smtp_url.get_secret_value(),
        "WHEREBY_API_URL": settings.whereby_api_url,
        "WHEREBY_API_KEY": settings.whereby_api_key.get_secret_value(),
        "WHEREBY_WEBHOOK_SECRET": settings.whereby_webhook_secret.get_secret_value(),
        "WHEREBY_POINTS_PER_MINUTE": str(settings.whereby_points_per_minute),
        "ROOM_HOSTS": ",".join(settings.room_hosts),
        "SECRET_KEYS": settings.secret_keys.get_secret_value(),
        "PUBLIC_URL": settings.public_url,
    }


@asynccontextmanager
async def running(command: str, settings: Settings, log: Path, *options: str) -> AsyncIterator[Child]:
    """`sammen worker`, `sammen beat` or another of its commands. Killed in the end, with its children."""
    child = await processes.start(
        command,
        [sys.executable, "-m", "rooms.cli", command, *options],
        log=log,
        environment=environment_of(settings),
        folder=ROOT,
    )
    try:
        yield child
    finally:
        await child.stop(patience=0)
