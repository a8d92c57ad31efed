"""Send what is due: claim a batch, find out what each message says and whether it still holds, send, write it down."""

import asyncio
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from config import clock
from config.metrics import MESSAGES
from rooms.access.service.links import codes_of, link_address
from rooms.access.service.sign_in import sign_in_codes, sign_in_path
from rooms.messages.channels.email import CONNECTIONS, NotSent, Sender, build
from rooms.messages.records import Message
from rooms.messages.rules import Kind
from rooms.messages.service import outbox
from rooms.messages.service.compose import compose
from rooms.messages.service.outbox import Result
from rooms.people.service.persons import Addressee, addressees
from rooms.schedule.service.invitations import SessionFacts, session_facts
from rooms.store.redis import lock
from rooms.store.scope import AllCentres
from rooms.store.unit_of_work import UnitOfWork
from workers.loop import Resources
from workers.task import due

_SCOPE = AllCentres("messages of every centre are due")
_BATCH = 100
#: Seconds. What is not begun by then goes back; with the slowest send it all ends within the lease.
_NO_NEW_AFTER = 20
_LOCK_SECONDS = outbox.LEASE.total_seconds()


@dataclass(frozen=True, slots=True)
class _Knowledge:
    """All that a batch's messages may have to say, loaded at once."""

    people: Mapping[uuid.UUID, Addressee]
    sessions: Mapping[uuid.UUID, SessionFacts]
    links: Mapping[uuid.UUID, str]
    sign_ins: Mapping[uuid.UUID, str] = field(repr=False)


@due
async def send_due(resources: Resources) -> None:
    """Send until nothing is due or half a minute is over. One worker at a time; its place is free if it dies."""
    async with lock(resources.redis, "send_due", _LOCK_SECONDS) as held:
        if not held:
            return
        loop = asyncio.get_running_loop()
        end = loop.time() + _NO_NEW_AFTER
        while loop.time() < end:
            now = clock.now()
            async with resources.store.work(_SCOPE) as work:
                batch = await outbox.claim(work, now=now, limit=_BATCH)
            if not batch:
                return
            async with resources.store.work(_SCOPE) as work:
                knowledge = await _look_up(work, batch, resources.settings.key_ring, now)
            await _send_all(resources, batch, knowledge, end)


async def _look_up(work: UnitOfWork, batch: list[Message], keys: Mapping[str, str], now: datetime) -> _Knowledge:
    people = list({message.person_id for message in batch})
    with_link = list({message.person_id for message in batch if message.kind is not Kind.SIGN_IN})
    return _Knowledge(
        people=await addressees(work, people),
        sessions=await session_facts(work, list({m.session_id for m in batch if m.session_id is not None})),
        links=await codes_of(work, with_link, keys, now),
        sign_ins=await sign_in_codes(work, [m.cause_id for m in batch if m.kind is Kind.SIGN_IN], keys, now),
    )


async def _send_all(resources: Resources, batch: list[Message], knowledge: _Knowledge, end: float) -> None:
    """As many at a time as there are connections, each written down as soon as it was taken."""
    waiting = iter(batch)

    async def sender() -> None:
        for message in waiting:
            if asyncio.get_running_loop().time() >= end:
                result = Result(message, released=True)
            else:
                result = await _send(resources, message, knowledge)
            async with resources.store.work(_SCOPE) as work:
                await outbox.record(work, [result], now=clock.now())
            MESSAGES.labels(message.channel, result.outcome).inc()

    await asyncio.gather(*(sender() for _ in range(CONNECTIONS)))


async def _send(resources: Resources, message: Message, knowledge: _Knowledge) -> Result:
    person = knowledge.people.get(message.person_id)
    facts = _facts(message, knowledge, resources.settings.public_url, clock.now())
    if person is None or facts is None:
        return Result(message, dropped=True)
    if person.email is None:
        return Result(message, error="no_address", permanent=True)
    sender = Sender(person.centre_name, resources.settings.mail_from, person.centre_email)
    try:
        email = build(message.id, person.email, sender, compose(message.kind, person.language, facts), clock.now())
        await resources.mailer.send(email)
    except NotSent as error:
        return Result(message, error=error.code, permanent=error.permanent)
    return Result(message)


def _facts(message: Message, knowledge: _Knowledge, public_url: str, now: datetime) -> dict[str, object] | None:
    """What the message's texts ask for; None when what it is about no longer holds."""
    person = knowledge.people.get(message.person_id)
    if person is None:
        return None
    facts: dict[str, object] = {
        "name": person.name,
        "centre_name": person.centre_name,
        "centre_phone": person.centre_phone,
    }
    if message.kind is Kind.SIGN_IN:
        code = knowledge.sign_ins.get(message.cause_id)
        return facts | {"link": public_url + sign_in_path(code)} if code is not None else None
    session = knowledge.sessions.get(message.cause_id)
    link = knowledge.links.get(message.person_id)
    if session is None or link is None or session.ends_at <= now:
        return None
    if message.kind is Kind.INVITATION and session.over_at(now):
        return None
    return facts | {
        "title": session.title,
        "starts_at": session.starts_at,
        "ends_at": session.ends_at,
        "link": link_address(public_url, link),
    }
