"""A person with a link, and what the tests of the person's page need around them."""

import uuid
from datetime import datetime

import pytest

from config.settings import Settings
from rooms.access.service.links import codes_of
from rooms.people.records.persons import Person
from rooms.store.scope import AllCentres
from rooms.store.unit_of_work import Store


class Links:
    """Personal links as messages carry them."""

    def __init__(self, store: Store, settings: Settings, now: datetime) -> None:
        self._store, self._settings, self._now = store, settings, now

    async def of(self, person: Person) -> str:
        """The path of a person's link."""
        return f"/l/{(await self._codes([person.id]))[person.id]}"

    async def _codes(self, ids: list[uuid.UUID]) -> dict[uuid.UUID, str]:
        async with self._store.work(AllCentres("tests make links for everybody")) as work:
            return await codes_of(work, ids, self._settings.key_ring, self._now)


@pytest.fixture
def links(store: Store, settings: Settings, now: datetime) -> Links:
    return Links(store, settings, now)
