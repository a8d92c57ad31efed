"""Everything that the database knows of a person goes when the person goes."""

import uuid
from datetime import datetime, timedelta

from sqlalchemy import Column, ForeignKeyConstraint, Uuid, delete, select

from rooms.access.records import Device, Feed, Link, SignIn
from rooms.access.service.links import codes_of
from rooms.access.service.sign_in import make_terminal_sign_in
from rooms.audit import service as audit
from rooms.audit.rules import Event
from rooms.breakout.records import Breakout, Pair
from rooms.breakout.rules.modes import Levels, Mode
from rooms.breakout.rules.pairs import PairKind
from rooms.messages.records import Message, Post
from rooms.messages.rules import Audience, Channel, Kind, MessageState
from rooms.people.records.circles import Circle, Membership
from rooms.people.records.consents import Consent
from rooms.people.records.persons import Person
from rooms.people.records.remarks import Remark
from rooms.people.rules.consent import ConsentKind, GivenHow
from rooms.people.rules.roles import StaffRole
from rooms.seating.records import Group, GroupSeat, Presence, RoomClient, Round, Seat, Stranger
from rooms.seating.rules.reasons import GroupSeatReason, SeatReason, StrangerKind
from rooms.store.scope import AllCentres
from rooms.store.unit_of_work import Store, UnitOfWork
from rooms.supply.records import Room
from rooms.supply.rules.room_life import RoomState, Size
from rooms.wiring import KEPT_ABOUT_PERSONS, METADATA
from superuser_training.guides.records import GuideHours, LogLine
from superuser_training.guides.rules import LogKind
from superuser_training.help.records import HelpCall
from tests.support.cast import Cast
from tests.support.factories import make_session

ALL = AllCentres("erasing is tried on every table")


def _of_persons() -> dict[str, list[Column[object]]]:
    """Columns by table that hold a person's id, by a key or by their name."""
    found: dict[str, list[Column[object]]] = {}
    for table in METADATA.sorted_tables:
        for column in table.c:
            by_key = any(key.column.table.name == "person" for key in column.foreign_keys)
            by_name = isinstance(column.type, Uuid) and (
                column.name in {"person_id", "actor_id"} or column.name.endswith("_by")
            )
            if by_key or by_name:
                found.setdefault(table.name, []).append(column)
    return found


def test_what_stays_without_a_key_says_why() -> None:
    loose = {name for name, columns in _of_persons().items() if any(not column.foreign_keys for column in columns)}
    assert loose == set(KEPT_ABOUT_PERSONS)
    assert all(len(reason) > 20 for reason in KEPT_ABOUT_PERSONS.values())


def test_every_key_to_a_person_lets_them_go() -> None:
    """The person's own rows go along; a row that only mentions who did it forgets who."""
    for table in METADATA.sorted_tables:
        for key in table.constraints:
            if isinstance(key, ForeignKeyConstraint) and key.referred_table.name == "person":
                own = {column.name for column in key.columns} <= {"person_id", "one_id", "other_id"}
                assert key.ondelete == ("CASCADE" if own else "SET NULL"), f"{table.name}: {key.column_keys}"


async def _everything_about(work: UnitOfWork, cast: Cast, person: Person, now: datetime) -> None:
    """At least one row with this person in every table that can hold one."""
    session = await make_session(work, cast.klepp.id, now, invited=[person], created_by=person.id)
    common = {"centre_id": cast.klepp.id, "person_id": person.id}
    await codes_of(work, [person.id], {"k": "s" * 32}, now)
    link = (await work.session.scalars(select(Link).where(Link.person_id == person.id))).one()
    device = Device(id=uuid.uuid4(), link_id=link.id, token_hash=b"x", first_seen_at=now, last_seen_at=now, **common)
    circle = Circle(id=uuid.uuid4(), centre_id=cast.klepp.id, name="Kvinnegruppa", created_at=now)
    room = Room(
        id=uuid.uuid4(), centre_id=cast.klepp.id, session_id=session.id, number=1, size=Size.SMALL,
        state=RoomState.WANTED, prefix="x", end_date=now + timedelta(days=1), next_try_at=now, changed_at=now,
    )  # fmt: skip
    work.session.add_all([device, circle, room])
    await work.session.flush()
    seat = Seat(
        id=uuid.uuid4(), session_id=session.id, room_id=room.id, reason=SeatReason.ARRIVED, changed_at=now, **common
    )
    client = RoomClient(
        id=uuid.uuid4(), centre_id=cast.klepp.id, room_id=room.id, participant_id="p", seat_id=seat.id, joined_at=now
    )
    work.session.add(seat)
    await work.session.flush()
    work.session.add(client)
    await work.session.flush()
    work.session.add_all(
        [
            Membership(circle_id=circle.id, joined_at=now, **common),
            Presence(
                seat_id=seat.id, room_id=room.id, device_id=device.id, joined_at=now, last_seen_at=now, **common
            ),
            Message(
                session_id=session.id, kind=Kind.INVITATION, channel=Channel.EMAIL, idempotency_key="x",
                cause_id=session.id, state=MessageState.DUE, created_at=now, next_try_at=now, **common,
            ),
            Stranger(
                client_id=client.id, room_id=room.id, session_id=session.id, kind=StrangerKind.SECOND_BROWSER,
                seen_at=now, answered_by=person.id, centre_id=cast.klepp.id,
            ),
            Pair(
                one_id=min(person.id, cast.amina.id), other_id=max(person.id, cast.amina.id), kind=PairKind.APART,
                reason="", created_at=now, created_by=person.id, centre_id=cast.klepp.id,
            ),
            HelpCall(session_id=session.id, asked_at=now, answered_at=now, answered_by=person.id, **common),
            Remark(text="x", written_at=now, written_by=person.id, **common),
            Consent(
                kind=ConsentKind.LISTED, how=GivenHow.PAPER, given_at=now, recorded_by=person.id, **common,
            ),
            LogLine(kind=LogKind.GROUP_TRAINING, subject="", version="", at=now, written_by=person.id, **common),
            GuideHours(weekly=["1 18:00-20:00"], **common),
            Feed(key_name="k", code_hash=b"x", made_at=now, **common),
            Post(audience=Audience.EVERYBODY, texts={}, sent_at=now, sent_by=person.id, centre_id=cast.klepp.id),
        ]
    )  # fmt: skip
    await _in_a_group(work, session.id, person, now)
    await make_terminal_sign_in(work, person.id, {"k": "s" * 32}, now)
    audit.record(work, Event.PERSON_ADDED, now=now, actor_id=person.id, **common)


async def _in_a_group(work: UnitOfWork, session_id: uuid.UUID, person: Person, now: datetime) -> None:
    common = {"centre_id": person.centre_id, "session_id": session_id}
    breakout = Breakout(
        id=uuid.uuid4(), mode=Mode.PRACTICE, levels=Levels.MIX, lead_minutes=0, rounds=1, round_minutes=10,
        pause_minutes=0, starts_itself=False, merges_itself=False, seed=0, created_at=now, **common,
    )  # fmt: skip
    round_ = Round(id=uuid.uuid4(), breakout_id=breakout.id, number=1, **common)
    group = Group(id=uuid.uuid4(), round_id=round_.id, number=1, **common)
    seat = GroupSeat(
        round_id=round_.id, group_id=group.id, person_id=person.id, reason=GroupSeatReason.PLANNED, changed_at=now,
        centre_id=person.centre_id,
    )  # fmt: skip
    for row in (breakout, round_, group, seat):
        work.session.add(row)
        await work.session.flush()


async def test_erasing_a_person_leaves_no_trace_but_what_is_listed(store: Store, cast: Cast, now: datetime) -> None:
    async with store.work(ALL) as work:
        person = await work.session.get_one(Person, cast.guide.id)
        person.staff_role = StaffRole.COORDINATOR
        await _everything_about(work, cast, person, now)
    async with store.work(ALL) as work:
        assert await _tables_that_know(work, person.id) == set(_of_persons()) | {"person"}
        assert (await work.session.scalars(select(SignIn))).all()
    async with store.work(ALL) as work:
        await work.session.execute(delete(Person).where(Person.id == person.id))
    async with store.work(ALL) as work:
        assert await _tables_that_know(work, person.id) == set(KEPT_ABOUT_PERSONS)


async def _tables_that_know(work: UnitOfWork, person_id: uuid.UUID) -> set[str]:
    """Tables in which any id column holds this id."""
    found = set()
    for table in METADATA.sorted_tables:
        for column in table.c:
            if isinstance(column.type, Uuid):
                rows = await work.session.execute(select(column).where(column == person_id).limit(1))
                if rows.first() is not None:
                    found.add(table.name)
    return found
