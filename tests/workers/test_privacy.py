"""What is forgotten by the hour."""

from datetime import timedelta

from sqlalchemy import select

from config import clock
from rooms.people.records.import_lists import ImportList
from rooms.people.service.import_list import KEPT_FOR, keep_list
from tests.support.cast import Cast
from tests.support.town import Town
from workers.loop import Resources
from workers.privacy import erase_due


async def test_uploaded_lists_are_forgotten_after_a_day(resources: Resources, klepp: Town, cast: Cast) -> None:
    now = clock.now()
    async with klepp.work() as work:
        rows = [["Navn"], ["Olha"]]
        await keep_list(work, rows, centre_id=klepp.centre_id, now=now - KEPT_FOR - timedelta(minutes=1))
        young = await keep_list(work, rows, centre_id=klepp.centre_id, now=now - KEPT_FOR + timedelta(hours=1))
    await erase_due(resources)
    async with klepp.work() as work:
        assert (await work.session.scalars(select(ImportList.id))).all() == [young.id]
