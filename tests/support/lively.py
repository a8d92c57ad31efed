"""A week in Klepp in which everything happens at once, for whoever wants to look at it."""

import uuid
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import update

from rooms.access.records import Device
from rooms.messages.records import Message
from rooms.messages.rules import Channel, Kind, MessageState
from rooms.people.records.circles import Circle, Membership
from rooms.people.records.persons import Person
from rooms.schedule.records import Invitation, Session
from rooms.schedule.rules.formats import DeviceCheck, Format
from rooms.seating.rules.reasons import SeatReason
from superuser_training.help.records import HelpCall
from tests.support.cast import Cast
from tests.support.town import Town


@dataclass(frozen=True)
class Lively:
    """`session` is open; its people by what became of them."""

    session: Session
    circle: Circle
    call: HelpCall
    waiting_device: Device
    people: dict[str, Person]


async def message(town: Town, session: Session, person: Person, state: MessageState, error: str | None = None) -> None:
    """What became of a person's invitation."""
    async with town.work() as work:
        work.session.add(
            Message(
                centre_id=town.centre_id, person_id=person.id, session_id=session.id, kind=Kind.INVITATION,
                channel=Channel.EMAIL, idempotency_key=uuid.uuid4().hex, cause_id=session.id, state=state,
                created_at=town.now, next_try_at=town.now, error=error,
            )
        )  # fmt: skip


async def checked(town: Town, session: Session, person: Person, found: DeviceCheck | None) -> None:
    """The person opened the link, and their device check found something."""
    async with town.work() as work:
        await work.session.execute(
            update(Invitation)
            .where(Invitation.session_id == session.id, Invitation.person_id == person.id)
            .values(opened_at=town.now, device_check=found)
        )


async def calls(town: Town, session: Session | None, person: Person, minutes: int) -> HelpCall:
    """A person asked for help so long ago."""
    async with town.work() as work:
        call = HelpCall(
            id=uuid.uuid4(),
            centre_id=town.centre_id,
            person_id=person.id,
            session_id=session.id if session is not None else None,
            asked_at=town.now - timedelta(minutes=minutes),
        )
        work.session.add(call)
        return call


async def stands_outside(town: Town, person: Person, minutes: int) -> Device:
    """A second device of a person has asked to be let in for so long."""
    device = await town.device(person)
    async with town.work() as work:
        await work.session.execute(
            update(Device).where(Device.id == device.id).values(asked_at=town.now - timedelta(minutes=minutes))
        )
    return device


async def circle_of(town: Town, name: str, *members: Person) -> Circle:
    """A circle with members."""
    async with town.work() as work:
        circle = Circle(id=uuid.uuid4(), centre_id=town.centre_id, name=name, created_at=town.now)
        work.session.add(circle)
        await work.session.flush()
        for person in members:
            work.session.add(
                Membership(centre_id=town.centre_id, circle_id=circle.id, person_id=person.id, joined_at=town.now)
            )
        return circle


async def make_lively(town: Town, cast: Cast) -> Lively:
    """Write it all."""
    people = {
        "in": cast.amina,
        "alone": cast.yusuf,
        "guide": cast.guide,
        "dropped": await town.person(name="Olha Kovalenko", languages=["uk", "ru"], phone="+4791234567"),
        "left": await town.person(name="Ahmad Al-Hassan", languages=["ar"]),
        "blocked": await town.person(name="Hodan Warsame", languages=["so", "ar"], phone="+4740000001"),
        "sent": await town.person(name="Tesfay", languages=["ti"]),
        "failed": await town.person(name="Maria do Carmo Figueiredo de Albuquerque", languages=["pt"]),
        "no_address": await town.person(name="Nguyễn Thị Lan", languages=["vi"], email=None, phone="+4740000002"),
        "not_sent": await town.person(name="زينب", languages=["ar"], ui_language="ar"),
    }
    session = await town.session(*people.values(), starts_in=-timedelta(minutes=12), title="Språkkafé for nybegynnere")
    first, second = await town.room(session), await town.room(session, number=2)
    for name in ("in", "guide", "alone", "dropped", "left", "blocked", "sent"):
        await message(town, session, people[name], MessageState.SENT)
    for name in ("in", "guide", "alone", "dropped", "left"):
        await checked(town, session, people[name], DeviceCheck.PASSED)
    await checked(town, session, people["blocked"], DeviceCheck.MICROPHONE_BLOCKED)
    await message(town, session, people["failed"], MessageState.FAILED, "550")
    await message(town, session, people["no_address"], MessageState.FAILED, "no_address")
    await message(town, session, people["not_sent"], MessageState.DUE, "timeout")
    for name, room in (("in", first), ("guide", first), ("alone", second)):
        await town.stay(await town.seat(people[name], room), room, device_id=(await town.device(people[name])).id)
    gone = await town.stay(await town.seat(people["dropped"], first), first)
    await town.seat(people["left"], first, reason=SeatReason.LEFT)
    async with town.work() as work:
        stay = await work.session.merge(gone)
        stay.left_at = town.now
    await town.session(cast.amina, starts_in=timedelta(hours=26), title="Kvinnetreff", format=Format.GATHERING)
    await town.session(
        cast.yusuf, starts_in=timedelta(hours=27), title="Foreldremøte", format=Format.BRIEFING, cancelled_at=town.now
    )
    return Lively(
        session=session,
        circle=await circle_of(town, "Kvinnegruppa", cast.amina, people["blocked"]),
        call=await calls(town, session, people["blocked"], 3),
        waiting_device=await stands_outside(town, cast.amina, 1),
        people=people,
    )
