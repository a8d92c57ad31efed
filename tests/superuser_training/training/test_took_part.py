"""Attendance at trainings: half of the time in its rooms, however often somebody dropped out."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from rooms.schedule.rules.formats import Format
from superuser_training.guides.rules import Logged, LogKind
from superuser_training.training.rules import took_part
from superuser_training.training.service import attended
from tests.support.stays import was_there
from tests.support.town import Town

BEGINS = datetime(2027, 3, 2, 17, tzinfo=UTC)
ENDS = BEGINS + timedelta(minutes=60)


def stay(first: int, last: int) -> tuple[datetime, datetime]:
    return BEGINS + timedelta(minutes=first), BEGINS + timedelta(minutes=last)


minute = st.integers(-30, 90)
stays = st.lists(st.tuples(minute, minute).map(lambda pair: stay(min(pair), max(pair))), max_size=8)


@given(stays)
def test_every_minute_in_a_room_counts_once(found: list[tuple[datetime, datetime]]) -> None:
    counted = sum(
        any(joined <= BEGINS + timedelta(minutes=number) < left for joined, left in found) for number in range(60)
    )
    assert took_part(found, BEGINS, ENDS) == (counted >= 30)
    assert took_part(found[::-1], BEGINS, ENDS) == took_part(found, BEGINS, ENDS)


def test_a_session_that_was_ended_before_it_began_trained_nobody() -> None:
    assert not took_part([stay(-30, 90)], BEGINS, BEGINS)
    assert not took_part([stay(-30, 90)], ENDS, BEGINS)


async def test_only_trainings_that_are_over_count(klepp: Town, now: datetime) -> None:
    guide, short = await klepp.person(), await klepp.person()
    begins, ends = now - timedelta(hours=3), now - timedelta(hours=2)
    for form, lasts, facts in (
        (Format.TRAINING, 60, {}),
        (Format.TRAINING, 60, {"cancelled_at": begins}),
        (Format.PRACTICE, 60, {}),
        (Format.TRAINING, 181, {}),  # goes on
    ):
        session = await klepp.session(
            guide, short, starts_in=begins - now, lasts=timedelta(minutes=lasts), format=form, **facts
        )
        await was_there(klepp, session, guide, begins, begins + timedelta(minutes=20))
        await was_there(klepp, session, guide, begins + timedelta(minutes=30), ends)
        await was_there(klepp, session, short, begins, begins + timedelta(minutes=29))
    async with klepp.work() as work:
        assert await attended(work, [guide.id, short.id], now) == {guide.id: [Logged(LogKind.GROUP_TRAINING, ends)]}
