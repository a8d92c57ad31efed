"""The reader: what is missing is said, and a lost connection is made anew."""

from datetime import datetime

import pytest
from sqlalchemy import select

from config.settings import Settings
from rooms.people.records.centres import Centre
from rooms.store.reader import Reader, Statement, value
from rooms.store.scope import AllCentres
from rooms.store.unit_of_work import Store
from tests.support.factories import make_centre

BY_NAME = Statement(select(Centre.id, Centre.phone).where(Centre.name == value("name", Centre.name)).limit(1))


def test_a_wrong_name_is_said() -> None:
    with pytest.raises(KeyError):
        BY_NAME.arguments({"nam": "x"})
    with pytest.raises(KeyError):
        BY_NAME.arguments({})


async def test_it_reads_again_after_its_connections_were_cut(store: Store, settings: Settings, now: datetime) -> None:

    async with store.work(AllCentres("a test")) as work:
        make_centre(work, now, name="Klepp", phone="+4751000000")
    reader = Reader(settings.database_url, connections=1)
    await reader.open()
    try:
        (row,) = await reader.rows(BY_NAME, name="Klepp")
        assert row["phone"] == "+4751000000"
        async with store.work(AllCentres("a test")) as work:
            connection = await work.session.connection()
            await connection.exec_driver_sql(
                "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'sammen-reader'"
            )

        (row,) = await reader.rows(BY_NAME, name="Klepp")
        assert row["phone"] == "+4751000000"
    finally:
        await reader.close()
