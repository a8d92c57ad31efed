"""Devices: the browsers that a personal link was used in, and letting in a second one."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from rooms.access.records import Device
from rooms.access.rules.devices import WAITS_FOR, Entry, entry
from rooms.access.rules.permissions import Action, may, roles
from rooms.audit import service as audit
from rooms.audit.rules import Event
from rooms.people.records.persons import Person
from rooms.store.unit_of_work import UnitOfWork
from rooms.store.wakeups import centre_topic, person_topic


class NotAllowed(Exception):
    """This person may not let devices in."""


@dataclass(frozen=True, slots=True)
class ThisDevice:
    """The browser that asks, as its cookies say (`access.views.identity.this_device`)."""

    id: uuid.UUID
    token_hash: bytes
    link_id: uuid.UUID
    person_id: uuid.UUID
    centre_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class Waiting:
    """A device that stands outside because another one is inside with the same link."""

    device_id: uuid.UUID
    person_id: uuid.UUID
    asked_at: datetime


async def enter(work: UnitOfWork, this: ThisDevice, present: Collection[uuid.UUID | None], now: datetime) -> Entry:
    """Decide whether a device gets its seat's address, and remember it.

    `present`: the devices of this person that are in a room of the session now (see `rules.devices.entry`). A device
    that has to ask shows on the centre's dashboards (woken once) until it is let in or its page goes silent.
    """
    await work.session.execute(
        insert(Device)
        .values(
            id=this.id,
            centre_id=this.centre_id,
            link_id=this.link_id,
            person_id=this.person_id,
            token_hash=this.token_hash,
            first_seen_at=now,
            last_seen_at=now,
        )
        .on_conflict_do_nothing()
    )
    device = (await work.session.scalars(select(Device).where(Device.id == this.id).with_for_update())).one()
    answer = entry(device.id, device.let_in_at, present, now)
    if answer is Entry.ASK and (device.asked_at is None or device.last_seen_at < now - WAITS_FOR):
        device.asked_at = now
        work.wake_pages(centre_topic(device.centre_id))
    elif answer is Entry.IN and device.asked_at is not None:
        device.asked_at = None
        work.wake_pages(centre_topic(device.centre_id))
    device.last_seen_at = now
    return answer


async def waiting_devices(work: UnitOfWork, person_ids: Sequence[uuid.UUID], now: datetime) -> list[Waiting]:
    """The devices of these people that wait to be let in, the longest wait first."""
    rows = await work.session.execute(
        select(Device.id, Device.person_id, Device.asked_at)
        .where(Device.person_id.in_(person_ids), Device.asked_at.is_not(None), Device.last_seen_at > now - WAITS_FOR)
        .order_by(Device.asked_at)
    )
    return [Waiting(device_id, person_id, asked_at) for device_id, person_id, asked_at in rows if asked_at]


async def let_in(work: UnitOfWork, device_id: uuid.UUID, *, actor_id: uuid.UUID, now: datetime) -> None:
    """Let a waiting device in; its page is woken and asks again. Harmless when somebody else was quicker.

    Raises LookupError when the centre has no such device, NotAllowed when the actor is neither guide nor coordinator.
    """
    actor = await work.session.scalar(select(Person).where(Person.id == actor_id))
    held = (
        roles(is_guide=actor.is_guide, staff_role=actor.staff_role, has_left=actor.left_at is not None)
        if actor is not None
        else ()
    )
    if not may(held, Action.DEVICE_LET_IN):
        raise NotAllowed
    device = await work.session.scalar(select(Device).where(Device.id == device_id).with_for_update())
    if device is None:
        raise LookupError("no such device")
    if device.asked_at is None:
        return
    device.asked_at, device.let_in_at = None, now
    audit.record(
        work,
        Event.DEVICE_LET_IN,
        centre_id=device.centre_id,
        now=now,
        actor_id=actor_id,
        person_id=device.person_id,
    )
    work.wake_pages(person_topic(device.person_id), centre_topic(device.centre_id))
