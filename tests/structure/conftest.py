"""Klepp's ids for the addresses of routes, and a browser for each kind of caller."""

import uuid
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from sqlalchemy import select

from config import clock
from config.settings import Settings
from rooms.access.records import Device, Link
from rooms.access.service.feeds import feed_code
from rooms.access.service.links import codes_of
from rooms.access.service.sign_in import make_terminal_sign_in
from rooms.breakout.records import Breakout, BreakoutTemplate, ConversationCard, Pair
from rooms.breakout.rules.pairs import PairKind
from rooms.breakout.service.plans import Agenda, write_agenda
from rooms.messages.records import Message
from rooms.messages.rules import Channel, Kind, MessageState
from rooms.people.records.circles import Circle
from rooms.people.records.persons import Person
from rooms.people.records.remarks import Remark
from rooms.people.rules.roles import GuestRole
from rooms.people.service.import_list import keep_list
from rooms.schedule.records import Session
from rooms.schedule.rules.formats import Format
from rooms.seating.records import Group, GroupSeat, RoomClient, Round, Stranger
from rooms.seating.rules.reasons import GroupSeatReason, StrangerKind
from rooms.store.scope import AllCentres
from rooms.store.unit_of_work import Store, UnitOfWork
from rooms.supply.records import Room
from rooms.supply.rules.room_life import RoomState, Size
from rooms.web.keys import PAGES
from superuser_training.help.records import HelpCall
from tests.structure.routes import Callers, Samples
from tests.support.callers import another_browser, be, code_of, cookies_of_coordinator, cookies_of_participant
from tests.support.cast import Cast
from tests.support.factories import make_person, make_session

ALL = AllCentres("tests look everywhere")


@pytest.fixture
async def samples(cast: Cast, store: Store, settings: Settings, now: datetime, app: web.Application) -> Samples:
    async with store.work(ALL) as work:
        feed = await feed_code(work, cast.amina, settings.key_ring, actor_id=None, now=now)
        session = await make_session(
            work, cast.klepp.id, now, invited=[cast.amina, cast.guide], format=Format.GATHERING
        )
        help_call = HelpCall(
            id=uuid.uuid4(), centre_id=cast.klepp.id, person_id=cast.amina.id, session_id=session.id, asked_at=now
        )
        circle = Circle(id=uuid.uuid4(), centre_id=cast.klepp.id, name="Kvinnegruppa", created_at=now)
        guest = make_person(
            work, cast.klepp.id, now, guest_role=GuestRole.LECTURER, guest_until=now + timedelta(hours=3)
        )
        work.session.add_all([help_call, circle])
        await codes_of(work, [cast.amina.id], settings.key_ring, now)
        link = (await work.session.scalars(select(Link).where(Link.person_id == cast.amina.id))).one()
        device = Device(
            id=uuid.uuid4(),
            centre_id=cast.klepp.id,
            link_id=link.id,
            person_id=cast.amina.id,
            token_hash=b"another browser",
            first_seen_at=now,
            last_seen_at=now,
            asked_at=now,
        )
        work.session.add(device)
        sign_in = await make_terminal_sign_in(work, cast.coordinator.id, settings.key_ring, clock.now())
        room = Room(
            id=uuid.uuid4(),
            centre_id=cast.klepp.id,
            session_id=session.id,
            number=1,
            size=Size.SMALL,
            state=RoomState.READY,
            prefix="sammen-sample",
            meeting_id="sample",
            url="http://localhost:8081/sammen-sample",
            end_date=now,
            next_try_at=now,
            changed_at=now,
        )
        work.session.add(room)
        await work.session.flush()
        browser = RoomClient(
            id=uuid.uuid4(), centre_id=cast.klepp.id, room_id=room.id, participant_id="x", joined_at=now
        )
        work.session.add(browser)
        await work.session.flush()
        stranger = Stranger(
            id=uuid.uuid4(),
            centre_id=cast.klepp.id,
            client_id=browser.id,
            room_id=room.id,
            session_id=session.id,
            kind=StrangerKind.NO_SEAT,
            seen_at=now,
        )
        work.session.add(stranger)
        await _breakout(work, session, cast.amina, now)
        template = BreakoutTemplate(id=uuid.uuid4(), centre_id=cast.klepp.id, name="Kort", created_at=now)
        write_agenda(template, Agenda())
        card = ConversationCard(
            id=uuid.uuid4(), centre_id=cast.klepp.id, level=2, topic="Kaffe", questions=["Med melk?"], changed_at=now
        )
        one_id, other_id = sorted([cast.amina.id, cast.guide.id])
        pair = Pair(
            id=uuid.uuid4(), centre_id=cast.klepp.id, one_id=one_id, other_id=other_id, kind=PairKind.APART,
            reason="", created_at=now,
        )  # fmt: skip
        failed = Message(
            id=uuid.uuid4(), centre_id=cast.klepp.id, person_id=cast.amina.id, kind=Kind.NEW_LINK,
            channel=Channel.EMAIL, idempotency_key="sample", cause_id=link.id, state=MessageState.FAILED, error="550",
            created_at=now, next_try_at=now,
        )  # fmt: skip
        remark = Remark(id=uuid.uuid4(), centre_id=cast.klepp.id, person_id=cast.amina.id, text="x", written_at=now)
        work.session.add_all([template, card, pair, failed, remark])
        uploaded = await keep_list(work, [["Navn"], ["Olha"]], centre_id=cast.klepp.id, now=now)
    style = app[PAGES].render("error.html", "nb", heading="x", text="x", request_id=None)
    _, _, hash_and_name = style.partition("/static/")
    return Samples(
        {
            "calendar.code": feed,
            "l.code": await code_of(store, settings, cast.amina),
            "sign-in.code": sign_in.rpartition("/")[2],
            "static.hash": hash_and_name.partition("/")[0],
            "static.name": "join.css",
            "sessions.id": str(session.id),
            "session_id": str(session.id),
            "people.id": str(cast.amina.id),
            "guests.id": str(guest.id),
            "circles.id": str(circle.id),
            "person_id": str(cast.amina.id),
            "person": str(cast.amina.id),
            "devices.id": str(device.id),
            "device_id": str(device.id),
            "device": str(device.id),
            "help.id": str(help_call.id),
            "room_id": str(room.id),
            "stranger_id": str(stranger.id),
            "decision": "fine",
            "template_id": str(template.id),
            "cards.name": str(card.id),
            "pair_id": str(pair.id),
            "messages.id": str(failed.id),
            "import_id": str(uploaded.id),
            "remark_id": str(remark.id),
            "guides.id": str(cast.guide.id),
            "me.module": "safety",
        }
    )


async def _breakout(work: UnitOfWork, session: Session, person: Person, now: datetime) -> None:
    """A round is on in the session, and the person sits in its one group."""
    common = {"centre_id": session.centre_id, "session_id": session.id}
    breakout = Breakout(id=uuid.uuid4(), seed=0, opened_at=now, created_at=now, **common)
    write_agenda(breakout, Agenda())
    one = Round(
        id=uuid.uuid4(), breakout_id=breakout.id, number=1, starts_at=now, ends_at=now + timedelta(minutes=12), **common
    )
    group = Group(id=uuid.uuid4(), round_id=one.id, number=1, **common)
    seat = GroupSeat(
        centre_id=session.centre_id,
        round_id=one.id,
        group_id=group.id,
        person_id=person.id,
        reason=GroupSeatReason.PLANNED,
        changed_at=now,
    )
    for row in (breakout, one, group, seat):
        work.session.add(row)
        await work.session.flush()


@pytest.fixture
async def callers(app: web.Application, cast: Cast, store: Store, settings: Settings) -> AsyncIterator[Callers]:
    """A browser for each kind of caller, at one server."""
    server = TestServer(app)
    async with (
        server,
        another_browser(server) as nobody,
        another_browser(server) as participant,
        another_browser(server) as coordinator,
        another_browser(server) as stranger,
    ):
        be(participant, await cookies_of_participant(store, settings, cast.amina))
        be(coordinator, await cookies_of_coordinator(store, settings, cast.coordinator))
        be(stranger, await cookies_of_coordinator(store, settings, cast.kvam_coordinator))
        yield {"nobody": nobody, "participant": participant, "coordinator": coordinator, "stranger": stranger}
