"""A worker's resources in this process, on the run's services, with a real mailbox and a real room server."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from pydantic import SecretStr

from config.settings import Settings
from rooms.embedded.mailbox.serve import Mailbox, running
from rooms.store.unit_of_work import Store
from tests.support.provider import Provider, provider_with_faults
from workers.loop import Resources, open_resources


@pytest.fixture
async def mailbox(tmp_path: Path) -> AsyncIterator[Mailbox]:
    async with running(tmp_path / "mail") as mailbox:
        yield mailbox


@pytest.fixture
async def provider(tmp_path: Path) -> AsyncIterator[Provider]:
    async with provider_with_faults(tmp_path / "rooms") as provider:
        yield provider


@pytest.fixture
def worker_settings(settings: Settings, mailbox: Mailbox, provider: Provider) -> Settings:
    return settings.model_copy(
        update={
            "smtp_url": SecretStr(mailbox.smtp_url),
            "whereby_api_url": provider.url,
            "whereby_points_per_minute": 1000,
        }
    )


@pytest.fixture
async def resources(store: Store, worker_settings: Settings) -> AsyncIterator[Resources]:
    """With an empty database."""
    async with AsyncExitStack() as stack:
        yield await open_resources(worker_settings, stack)
