"""No query without a centre: every table says whose it is, and no way of asking or writing gets around it."""

import uuid
from collections.abc import Awaitable, Callable
from datetime import datetime

import pytest
from sqlalchemy import ForeignKeyConstraint, delete, exists, func, literal, select, text, union_all, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import aliased

from rooms.access.records import Link
from rooms.access.service.links import codes_of
from rooms.people.records.persons import Person
from rooms.schedule.records import Invitation, Session
from rooms.store.base import Base, OfCentre
from rooms.store.scope import AllCentres, OneCentre, WrongCentre
from rooms.store.unit_of_work import Store, UnitOfWork
from rooms.wiring import METADATA
from tests.support.cast import Cast
from tests.support.factories import make_person, make_session

ALL = AllCentres("tests look everywhere")
KEYS = {"k": "s" * 32}

#: Tables without a centre of their own, and why that is right.
NOT_OF_ONE_CENTRE = {
    "centre": "it is the centre; its name and ways of contact are shown to everybody it invites",
    "spare_room": "belongs to no centre until a session needs it; then its facts go over to the session's room",
    "provider_event": "comes from outside with the provider's ids only; a worker finds out whose it is",
    "channel_pause": "the way that all centres share; it says nothing of anybody",
}


def test_every_table_is_of_a_centre_or_says_why_not() -> None:
    records = {mapper.local_table: mapper.class_ for mapper in Base.registry.mappers}
    without = {table.name for table in METADATA.sorted_tables if not issubclass(records[table], OfCentre)}
    assert without == set(NOT_OF_ONE_CENTRE)


def test_whatever_points_at_a_person_or_a_centre_is_of_a_centre() -> None:
    for table in METADATA.sorted_tables:
        points_at = {key.referred_table.name for key in table.constraints if isinstance(key, ForeignKeyConstraint)}
        if points_at & {"person", "centre"}:
            assert "centre_id" in table.c, table.name
            assert not table.c.centre_id.nullable, table.name


@pytest.fixture
async def both(store: Store, cast: Cast, now: datetime) -> Cast:
    """Sessions, invitations and links at both centres, as alike as can be."""
    async with store.work(ALL) as work:
        for centre, person in ((cast.klepp, cast.amina), (cast.kvam, cast.kvam_participant)):
            await make_session(work, centre.id, now, invited=[person], title="Språktrening")
            await codes_of(work, [person.id], KEYS, now)
    return cast


a_person, a_link = aliased(Person), aliased(Link)


people = select(Person.id, Person.centre_id).cte("people")

#: Ways of asking; each answers with centres, and may answer with one only.
QUESTIONS = {
    "a record": select(Person.centre_id),
    "a column without the centre": select(Person.centre_id).where(Person.name.is_not(None)),
    "an alias": select(a_person.centre_id),
    "two aliases": select(a_person.centre_id).join(Person, Person.norwegian_level == a_person.norwegian_level),
    "a join": select(Link.centre_id).join(Person, Person.id == Link.person_id),
    "the joined side": select(Person.centre_id).select_from(Invitation).join(Person, Person.id == Invitation.person_id),
    "a join on something both centres share": select(Session.centre_id).join(
        a_person, a_person.norwegian_level.is_not(None)
    ),
    "an outer join": select(Person.centre_id).outerjoin(Link, Link.person_id == Person.id),
    "an alias in an outer join": select(a_link.centre_id).select_from(Person).outerjoin(
        a_link, a_link.person_id == Person.id
    ).where(a_link.id.is_not(None)),
    "a subquery": select(select(Person.centre_id).subquery().c.centre_id),
    "a common table expression": select(people.c.centre_id),
    "a union": select(union_all(select(Person.centre_id), select(Link.centre_id)).subquery().c.centre_id),
    "a scalar subquery": select(
        select(a_person.centre_id).where(a_person.name == "Olena").scalar_subquery().label("theirs")
    ),
    "exists": select(Person.centre_id).where(exists().where(Link.person_id == Person.id)),
    "a lateral": select(
        select(Invitation.centre_id).where(Invitation.session_id == Session.id).lateral("invited").c.centre_id
    ).select_from(Session),
    "a group": select(Person.centre_id, func.count()).group_by(Person.centre_id),
}  # fmt: skip


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS.keys())
async def test_no_way_of_asking_sees_another_centre(store: Store, both: Cast, question: object) -> None:
    for centre in (both.klepp, both.kvam, both.klepp):  # a statement that was compiled for one serves the other
        async with store.work(OneCentre(centre.id)) as work:
            rows = (await work.session.execute(question)).all()  # type: ignore[call-overload]  # all kinds of selects
        found = {row[0] for row in rows} - {None}
        assert found <= {centre.id}
        assert found or question is QUESTIONS["a scalar subquery"]


async def test_counting_counts_the_own_centre_only(store: Store, both: Cast) -> None:
    async with store.work(OneCentre(both.kvam.id)) as work:
        assert await work.session.scalar(select(func.count()).select_from(Person)) == 2
        assert await work.session.scalar(select(func.count(Person.id))) == 2
        assert await work.session.scalar(select(func.count()).select_from(select(Person).subquery())) == 2


async def test_a_row_is_not_found_by_its_id(store: Store, both: Cast) -> None:
    async with store.work(OneCentre(both.kvam.id)) as work:
        assert await work.session.get(Person, both.amina.id) is None
        assert await work.session.scalar(select(Person).where(Person.id == both.amina.id)) is None
        assert await work.session.get(Person, both.kvam_participant.id) is not None


async def test_update_and_delete_reach_the_own_rows_only(store: Store, both: Cast) -> None:
    async with store.work(OneCentre(both.kvam.id)) as work:
        await work.session.execute(update(Person).values(norwegian_level=5))
        await work.session.execute(update(Person).where(Person.id == both.amina.id).values(norwegian_level=5))
        await work.session.execute(delete(Link))
        await work.session.execute(delete(Invitation).where(Invitation.person_id == both.amina.id))
        returned = await work.session.execute(update(Session).values(title="Ny").returning(Session.centre_id))
        assert set(returned.scalars()) == {both.kvam.id}
    async with store.work(ALL) as work:
        levels = (await work.session.execute(select(Person.centre_id, Person.norwegian_level))).all()
        assert all((level == 5) == (centre == both.kvam.id) for centre, level in levels)
        assert (await work.session.scalars(select(Link.centre_id))).all() == [both.klepp.id]
        assert len((await work.session.scalars(select(Invitation))).all()) == 2
        titles = (await work.session.execute(select(Session.centre_id, Session.title))).all()
        assert {centre for centre, title in titles if title == "Ny"} == {both.kvam.id}


Write = Callable[[UnitOfWork, Cast, datetime], Awaitable[object]]


async def add(work: UnitOfWork, cast: Cast, now: datetime) -> None:
    make_person(work, cast.klepp.id, now)
    await work.session.flush()


async def insert_one(work: UnitOfWork, cast: Cast, now: datetime) -> None:
    await work.session.execute(insert(Person).values(_row(cast.klepp.id, now)))


async def insert_many(work: UnitOfWork, cast: Cast, now: datetime) -> None:
    await work.session.execute(insert(Person).values([_row(cast.kvam.id, now), _row(cast.klepp.id, now)]))


async def insert_with_parameters(work: UnitOfWork, cast: Cast, now: datetime) -> None:
    await work.session.execute(insert(Person), [_row(cast.kvam.id, now), _row(cast.klepp.id, now)])


async def insert_from_a_select(work: UnitOfWork, cast: Cast, now: datetime) -> None:
    chosen = select(literal(uuid.uuid4()), literal(cast.klepp.id), literal("x"))
    await work.session.execute(insert(Person).from_select(["id", "centre_id", "name"], chosen))


async def move_by_statement(work: UnitOfWork, cast: Cast, now: datetime) -> None:
    await work.session.execute(update(Person).values(centre_id=cast.klepp.id))


async def move_by_row(work: UnitOfWork, cast: Cast, now: datetime) -> None:
    person = await work.session.get_one(Person, cast.kvam_participant.id)
    person.centre_id = cast.klepp.id
    await work.session.flush()


async def bare_table(work: UnitOfWork, cast: Cast, now: datetime) -> None:
    await work.session.execute(select(METADATA.tables["person"]))


async def bare_column_beside_a_record(work: UnitOfWork, cast: Cast, now: datetime) -> None:
    person = METADATA.tables["person"]
    await work.session.execute(select(Link.id, person.c.name).join(person, person.c.id == Link.person_id))


async def bare_table_in_a_subquery(work: UnitOfWork, cast: Cast, now: datetime) -> None:
    person = METADATA.tables["person"]
    await work.session.execute(select(Link.id).where(Link.person_id.in_(select(person.c.id))))


async def bare_alias_beside_its_record(work: UnitOfWork, cast: Cast, now: datetime) -> None:
    person = METADATA.tables["person"].alias()
    await work.session.execute(select(Person.id, person.c.name).join(person, person.c.id != Person.id))


async def bare_table_beside_an_alias_of_its_record(work: UnitOfWork, cast: Cast, now: datetime) -> None:
    person = METADATA.tables["person"]
    await work.session.execute(select(a_person.id, person.c.name).join(person, person.c.id != a_person.id))


async def bare_update(work: UnitOfWork, cast: Cast, now: datetime) -> None:
    await work.session.execute(update(METADATA.tables["person"]).values(norwegian_level=5))


async def bare_insert(work: UnitOfWork, cast: Cast, now: datetime) -> None:
    await work.session.execute(insert(METADATA.tables["person"]).values(_row(cast.klepp.id, now)))


async def text_of_its_own(work: UnitOfWork, cast: Cast, now: datetime) -> None:
    await work.session.execute(text("select name from person"))


def _row(centre_id: uuid.UUID, now: datetime) -> dict[str, object]:
    return {
        "id": uuid.uuid4(), "centre_id": centre_id, "name": "x", "languages": [], "ui_language": "nb",
        "is_guide": False, "version": 1, "created_at": now,
    }  # fmt: skip


@pytest.mark.parametrize(
    "attempt",
    [
        add,
        insert_one,
        insert_many,
        insert_with_parameters,
        insert_from_a_select,
        move_by_statement,
        move_by_row,
        bare_table,
        bare_column_beside_a_record,
        bare_table_in_a_subquery,
        bare_alias_beside_its_record,
        bare_table_beside_an_alias_of_its_record,
        bare_update,
        bare_insert,
        text_of_its_own,
    ],
    ids=lambda attempt: attempt.__name__,
)
async def test_what_cannot_be_scoped_is_refused(store: Store, both: Cast, now: datetime, attempt: Write) -> None:
    with pytest.raises(WrongCentre):
        async with store.work(OneCentre(both.kvam.id)) as work:
            await attempt(work, both, now)
    async with store.work(ALL) as work:
        assert await work.session.scalar(select(func.count()).select_from(Person)) == 6


async def test_rows_of_the_own_centre_are_written_in_all_these_ways(store: Store, both: Cast, now: datetime) -> None:
    async with store.work(OneCentre(both.kvam.id)) as work:
        make_person(work, both.kvam.id, now)
        await work.session.flush()
        await work.session.execute(insert(Person).values(_row(both.kvam.id, now)))
        await work.session.execute(insert(Person).values([_row(both.kvam.id, now), _row(both.kvam.id, now)]))
        await work.session.execute(insert(Person), [_row(both.kvam.id, now), _row(both.kvam.id, now)])
        await work.session.execute(update(Person).where(Person.centre_id == both.kvam.id).values(norwegian_level=1))
    async with store.work(OneCentre(both.kvam.id)) as work:
        assert (
            await work.session.scalar(select(func.count()).select_from(Person).where(Person.norwegian_level == 1)) == 8
        )
